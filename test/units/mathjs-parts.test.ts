/** Bundles have parts of mathjs where a checkout has the whole: both must read the same from every text. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as whole from "#mathjs";
import * as parts from "../../src/units/mathjs-parts";

/** Every unit and prefix that mathjs knows; its types do not tell of them. */
interface Tables {
  readonly UNITS: Readonly<Record<string, { readonly name: string; readonly prefixes: object }>>;
}
const { UNITS } = whole.Unit as unknown as Tables;

const read = (unit: typeof whole.Unit, text: string): unknown => {
  const { value, dimensions } = unit.parse(text) as unknown as { value: unknown; dimensions: number[] };
  // Whoever asks takes numbers only: reactive power is imaginary in the whole.
  return { value: typeof value === "number" ? value : Number.NaN, dimensions };
};

describe("units of the parts of mathjs", () => {
  it("are those of the whole, each with each of its prefixes, to the last bit", () => {
    let units = 0;
    for (const { name, prefixes } of Object.values(UNITS))
      for (const prefix of Object.keys(prefixes)) {
        units++;
        expect(parts.Unit.isValuelessUnit(prefix + name), prefix + name).toBe(
          whole.Unit.isValuelessUnit(prefix + name),
        );
        const text = `1 ${prefix}${name}`;
        expect(read(parts.Unit, text), text).toEqual(read(whole.Unit, text));
      }
    expect(units).toBeGreaterThan(1000);
  });

  it("are so in products, quotients and powers, with any number before them", () => {
    const unit = fc.constantFrom("nS", "pF", "mV", "V", "uA", "kohm", "ms", "K", "J", "kg", "cm", "min", "C");
    const power = fc.constantFrom("", "^2", "^-1", "^0.5", "^-0.5", "^3");
    const factor = fc.tuple(fc.constantFrom("*", "/", " "), unit, power).map((all) => all.join(""));
    const text = fc
      .tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), unit, fc.array(factor, { maxLength: 4 }))
      .map(([number, first, others]) => `${number} ${first}${others.join("")}`);
    fc.assert(
      fc.property(text, (it) => {
        expect(read(parts.Unit, it)).toEqual(read(whole.Unit, it));
      }),
    );
  });
});

describe("the parser of the parts of mathjs", () => {
  /** What an expression reads as, or where it breaks. */
  const tree = (parse: typeof whole.parse, text: string): unknown => {
    try {
      return JSON.parse(JSON.stringify(parse(text))) as unknown;
    } catch (error) {
      return (error as { char?: number }).char ?? String(error);
    }
  };

  it("reads any row of masks and signs as that of the whole does", () => {
    const token = fc.constantFrom(
      "t0",
      "t1",
      "t2",
      "+",
      "-",
      "*",
      "/",
      "^",
      "(",
      ")",
      ",",
      "<",
      ">=",
      "'",
      "!",
      "?",
      ":",
    );
    fc.assert(
      fc.property(fc.array(token, { minLength: 1, maxLength: 14 }), (tokens) => {
        const text = tokens.join(" ");
        expect(tree(parts.parse, text), text).toEqual(tree(whole.parse, text));
      }),
      { numRuns: 500 },
    );
  });

  it.each(["t0 + t1*t2^-t3", "t0(t1, t2/(t3 - t4))", "-(t0)^2 <= t1", "t0 t1", "(t0 + (t1)"])(
    "reads %s",
    (text) => {
      expect(tree(parts.parse, text)).toEqual(tree(whole.parse, text));
    },
  );
});
