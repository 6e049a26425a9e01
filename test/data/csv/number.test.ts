import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NumberReader } from "../../../src/data/csv/number";
import { stopwatch } from "../../stopwatch";

const read = (text: string, commas = false): number => {
  const bytes = new TextEncoder().encode(`x${text}x`);
  return new NumberReader(commas).read(bytes, 1, bytes.length - 1);
};

describe("a number in a cell", () => {
  it("is the double nearest to it, in every way to write it", () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(finite, fc.integer({ min: 0, max: 20 }), (value, digits) => {
        for (const text of [
          String(value),
          value.toExponential(digits),
          Math.abs(value) < 1e21 ? value.toFixed(digits) : String(value),
          `+${Math.abs(value)}`,
        ]) {
          expect(read(text), text).toBe(Number(text));
          expect(read(text.replace(".", ","), true), text).toBe(Number(text));
        }
      }),
    );
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("0", "1", "9", "."), minLength: 1, maxLength: 40 }),
        (text) => {
          if (/^(\d+\.?\d*|\.\d+)$/.test(text)) expect(read(text), text).toBe(Number(text));
          else expect(read(text), text).toBeNaN();
        },
      ),
    );
  });

  it.each([
    "",
    "-",
    ".",
    "e5",
    "1e",
    "1e+",
    "1.2.3",
    "NaN",
    "Infinity",
    "-inf",
    "0x10",
    "1_000",
    "1 000",
    "1,5",
    "5%",
    "−1",
    "1e5x",
    "٣",
  ])("is not %j", (text) => {
    expect(read(text)).toBeNaN();
  });

  it("has one decimal mark, and a comma only where commas do not separate", () => {
    expect([read("1,5", true), read("-,5e1", true)]).toEqual([1.5, -5]);
    for (const text of ["1.234,5", "1,234.5", "1,2,3"]) expect(read(text, true), text).toBeNaN();
  });

  it("of 40,000 digits is refused as fast as it is read", () => {
    const elapsed = stopwatch();
    for (const text of [
      "1".repeat(40_000),
      `${"1".repeat(20_000)}.${"1".repeat(20_000)}x`,
      `1e${"9".repeat(40_000)}`,
    ])
      expect(read(text)).toBeNaN();
    expect(read(`1e${"9".repeat(300)}`)).toBe(Infinity);
    expect(read("1".repeat(300))).toBe(Number("1".repeat(300)));
    expect(elapsed()).toBeLessThan(100);
  });
});
