import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OhmletError } from "../../src/errors";
import { CONSTANTS } from "../../src/units/constants";
import {
  describeDimension,
  divideDimensions,
  equalDimensions,
  isDimensionless,
  multiplyDimensions,
  powerDimension,
  SI_UNITS,
} from "../../src/units/dimension";
import { formatQuantity } from "../../src/units/format";
import { parseDimension, parseQuantity } from "../../src/units/parse";
import type { Dimension } from "../../src/units/quantity";

const exponent = fc.integer({ min: -8, max: 8 }).map((n) => n / 2);
const dimension: fc.Arbitrary<Dimension> = fc.tuple(exponent, exponent, exponent, exponent, exponent);
const value = fc
  .tuple(fc.double({ min: 1, max: 9.999, noNaN: true }), fc.integer({ min: -17, max: 13 }), fc.boolean())
  .map(([m, e, minus]) => (minus ? -1 : 1) * m * 10 ** e);

function remedyOf(text: string): string {
  try {
    parseQuantity(text);
  } catch (error) {
    return (error as OhmletError).remedy ?? "";
  }
  throw new Error(`${text} is read`);
}

describe("parseQuantity", () => {
  it.each([
    ["50 nS", 5e-8, "S"],
    ["1 pF", 1e-12, "F"],
    ["300 K", 300, "K"],
    ["100 mV", 0.1, "V"],
    ["0.1uS", 1e-7, "S"],
    ["5 µA", 5e-6, "A"],
    ["2 kΩ", 2000, "ohm"],
    ["1 MOhm", 1e6, "ohm"],
    ["1 mOhm", 1e-3, "ohm"],
    ["3 kOhms", 3000, "ohm"],
    ["1 Ohm", 1, "ohm"],
    ["1 GΩ", 1e9, "ohm"],
    ["1 \u03bcS", 1e-6, "S"],
    ["1 \u00b5S", 1e-6, "S"],
    ["10us", 1e-5, "s"],
    ["5\u00a0nS", 5e-9, "S"],
    ["2 A\u2028V", 2, "W"],
    ["3/s", 3, "1/s"],
    ["1e5 s", 1e5, "s"],
    ["3 ms", 3e-3, "s"],
    ["-70 mV", -0.07, "V"],
    ["5 %", 0.05, "1"],
    ["0.25", 0.25, "1"],
    ["2 1/s", 2, "1/s"],
    ["3 Hz", 3, "1/s"],
    ["4 V/s^0.5", 4, "V/s^0.5"],
    ["+.5 A*V/K", 0.5, "W/K"],
    ["2 h", 7200, "s"],
    ["1e-3 kg*m^2", 1e-3, "kg*m^2"],
  ])("reads %s", (text, expected, unit) => {
    const quantity = parseQuantity(text);
    expect(quantity.value).toBe(expected);
    expect(equalDimensions(quantity.dimension, parseDimension(unit))).toBe(true);
  });

  it("takes numbers as dimensionless", () =>
    expect(parseQuantity(3)).toEqual({ value: 3, dimension: [0, 0, 0, 0, 0] }));

  it.each([
    ["", "UNIT-SYNTAX"],
    ["nS", "UNIT-SYNTAX"],
    ["5 nS nS(", "UNIT-SYNTAX"],
    ["5 S; process.exit()", "UNIT-SYNTAX"],
    ["NaN", "UNIT-SYNTAX"],
    ["Infinity V", "UNIT-SYNTAX"],
    ["1e999 V", "UNIT-RANGE"],
    ["1e-999 V", "UNIT-RANGE"],
    ["1e308 kV", "UNIT-RANGE"],
    ["5 constructor", "UNIT-UNKNOWN"],
    ["5 toString", "UNIT-UNKNOWN"],
    ["5 hasOwnProperty", "UNIT-UNKNOWN"],
    ["5 __proto__", "UNIT-SYNTAX"],
    ["25 degC", "UNIT-UNKNOWN"],
    ["1 eV", "UNIT-UNKNOWN"],
    ["3 bit", "UNIT-UNKNOWN"],
    [`${"9".repeat(200)}`, "UNIT-SYNTAX"],
  ])("refuses %s", (text, code) => {
    expect(() => parseQuantity(text, "here")).toThrow(
      expect.objectContaining({ code, place: { where: "here" } }),
    );
  });

  it("refuses numbers that are not finite", () => {
    for (const bad of [NaN, Infinity, -Infinity]) expect(() => parseQuantity(bad)).toThrow(OhmletError);
  });

  it("proposes units of the prefix that is written, every one that fits", () => {
    expect(remedyOf("50 NS")).toBe("write  50 nS  (siemens),  or  50 ns  (seconds)");
    expect(remedyOf("1 pf")).toBe("write  1 pF  (farads)");
    expect(remedyOf("300 k")).toBe(
      "write  300000  (a number),  or  300 K  (kelvins),  or a unit after the prefix",
    );
    expect(remedyOf("5 percent")).toBe("write  5 %");
    expect(remedyOf("1,5 mV")).toBe("write  1.5 mV  where the comma is a decimal point");
  });

  it("proposes nothing that is not read, and never another magnitude", () => {
    const powers: Readonly<Record<string, number>> = {
      a: -18,
      f: -15,
      p: -12,
      n: -9,
      u: -6,
      m: -3,
      "": 0,
      k: 3,
      M: 6,
      G: 9,
      T: 12,
    };
    const spelt = [
      "A",
      "V",
      "S",
      "F",
      "ohm",
      "s",
      "K",
      "W",
      "J",
      "H",
      "Hz",
      "C",
      "volt",
      "amps",
      "farad",
      "siemens",
      "seconds",
    ];
    const flipped = (text: string, flips: number): string =>
      [...text].map((letter, i) => ((flips >> i) & 1 ? letter.toUpperCase() : letter.toLowerCase())).join("");
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(powers)),
        fc.constantFrom(...spelt),
        fc.nat(1023),
        fc.integer({ min: 1, max: 999 }),
        (prefix, unit, flips, digits) => {
          const written = `${digits} ${prefix}${flipped(unit, flips)}`;
          let remedy: string;
          try {
            parseQuantity(written);
            return;
          } catch (error) {
            remedy = (error as OhmletError).remedy ?? "";
          }
          const proposed = [...remedy.matchAll(/(?:write|or) {2}(.+?) {2}\(/g)]
            .map(([, text]) => text)
            .filter((text) => !/^[\d.e+-]+$/.test(text));
          expect(proposed.length, `${written}: ${remedy}`).toBeGreaterThan(0);
          for (const text of proposed)
            expect(
              parseQuantity(text).value / (digits * 10 ** powers[prefix]),
              `${written}: ${remedy}`,
            ).toBeCloseTo(1, 12);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("refuses prefixes in annotations, and proposes the plain unit", () => {
    for (const [text, plain] of [
      ["mV", "V"],
      ["nS", "S"],
      ["kohm", "ohm"],
      ["mv", "V"],
      ["uS/s", "S/s"],
    ])
      expect(() => parseDimension(text)).toThrow(
        expect.objectContaining({
          remedy: expect.stringMatching(new RegExp(`^write {2}${plain}(?: {2}|$)`)),
        }),
      );
  });
});

describe("formatQuantity", () => {
  it.each([
    "50 nS",
    "1 pF",
    "300 K",
    "100 mV",
    "1 A",
    "-70 mV",
    "2.5 kohm",
    "0.25",
    "5 1/s",
    "1 MS",
    "0 V",
    "999.5 uA",
  ])("prints %s as written", (text) => {
    expect(formatQuantity(parseQuantity(text))).toBe(text);
  });

  it("reads back to 12 digits", () => {
    fc.assert(
      fc.property(value, dimension, (x, d) => {
        const back = parseQuantity(formatQuantity({ value: x, dimension: d }));
        expect(equalDimensions(back.dimension, d)).toBe(true);
        expect(Math.abs(back.value - x)).toBeLessThanOrEqual(6e-12 * Math.abs(x));
      }),
    );
  });

  it("never leaves a mantissa of 1000 or below 1 where a prefix fits", () => {
    fc.assert(
      fc.property(value, (x) => {
        const mantissa = Math.abs(
          Number.parseFloat(formatQuantity({ value: x, dimension: [1, 2, -3, -1, 0] })),
        );
        expect(mantissa).toBeGreaterThanOrEqual(1);
        if (Math.abs(x) < 1e15) expect(mantissa).toBeLessThan(1000);
      }),
    );
  });
});

describe("dimensions", () => {
  it("form a group under multiplication", () => {
    fc.assert(
      fc.property(dimension, dimension, dimension, (a, b, c) => {
        expect(multiplyDimensions(a, multiplyDimensions(b, c))).toEqual(
          multiplyDimensions(multiplyDimensions(a, b), c),
        );
        expect(multiplyDimensions(a, b)).toEqual(multiplyDimensions(b, a));
        expect(isDimensionless(divideDimensions(a, a))).toBe(true);
        expect(powerDimension(multiplyDimensions(a, b), 2)).toEqual(
          multiplyDimensions(powerDimension(a, 2), powerDimension(b, 2)),
        );
        expect(equalDimensions(powerDimension(powerDimension(a, 1 / 3), 3), a)).toBe(true);
      }),
    );
  });

  it("print so that they read back", () => {
    fc.assert(
      fc.property(dimension, (d) => {
        expect(equalDimensions(parseDimension(describeDimension(d)), d)).toBe(true);
      }),
    );
  });

  it("agree with mathjs on every named unit", () => {
    for (const [symbol, d] of SI_UNITS)
      expect(parseQuantity(`1 ${symbol}`), symbol).toEqual({ value: 1, dimension: d });
  });

  it.each([
    ["A*V/A", "V"],
    ["V/s", "V/s"],
    ["S*V", "A"],
    ["A/V", "S"],
    ["C/s", "A"],
    ["s^-1", "1/s"],
    ["V*s^-0.5", "V/s^0.5"],
  ])("are named as an engineer would: %s is %s", (text, unit) => {
    expect(describeDimension(parseDimension(text))).toBe(unit);
  });
});

describe("constants", () => {
  it("have their units", () => {
    expect(CONSTANTS.k_B).toEqual(parseQuantity("1.380649e-23 J/K"));
    expect(CONSTANTS.q_e).toEqual(parseQuantity("1.602176634e-19 C"));
    expect(CONSTANTS.epsilon_0).toEqual(parseQuantity("8.8541878188e-12 F/m"));
  });
  it("answer to no name of JavaScript's objects", () => {
    for (const name of ["constructor", "toString", "__proto__"]) expect(name in CONSTANTS).toBe(false);
  });
});
