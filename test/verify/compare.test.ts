/** What counts as equal, for each precision. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CaseValue } from "../../src/verify/case";
import { Comparison, type Quotient } from "../../src/verify/compare";

const expected = (values: readonly number[]): CaseValue =>
  CaseValue.parse(JSON.stringify({ q: values })).at("q");
const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 20 });
const quotient: Quotient = { beta: 0.1, dt: 0.5, size: 1 };

describe("a comparison", () => {
  it("accepts what is equal", () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const check = new Comparison("float64");
        check.exact(expected(values), [values.length], values);
        check.states(expected(values), [values.length], values);
        check.quotients(expected(values), [values.length], values, quotient);
        expect(check.failed).toEqual([]);
        expect(check.worst?.error).toBe(0);
      }),
    );
  });

  it("measures errors against the largest entry", () => {
    fc.assert(
      fc.property(numbers, fc.nat(), fc.double({ min: 1e-12, max: 1, noNaN: true }), (values, at, share) => {
        const largest = Math.max(...values.map(Math.abs));
        fc.pre(largest > 1e-3);
        const check = new Comparison("float64");
        check.exact(
          expected(values),
          [values.length],
          values.map((v, i) => (i === at % values.length ? v + share * largest : v)),
        );
        expect(check.worst?.error).toBeCloseTo(share, 8);
        expect(check.failed.length).toBe(share > 1.01e-9 ? 1 : share < 0.99e-9 ? 0 : check.failed.length);
      }),
    );
  });

  it.each([NaN, Infinity, undefined])("never accepts %s", (bad) => {
    const check = new Comparison("float32");
    check.states(expected([1, 2]), [2], [1, bad as number]);
    expect(check.failed).toEqual(["q"]);
    expect(check.worst?.error).toBe(Infinity);
  });

  it("asks of quotients what their beta leaves", () => {
    const tolerance = (precision: "float64" | "float32", q: Quotient, value = 1): number => {
      const check = new Comparison(precision);
      check.quotients(expected([value]), [1], [value], q);
      return check.findings[0].tolerance;
    };
    expect(tolerance("float64", quotient)).toBe(1e-9);
    expect(tolerance("float64", { ...quotient, beta: 1e-7 })).toBeCloseTo(1e-14 / (1e-7 * 0.5), 9);
    expect(tolerance("float32", quotient)).toBe(2e-4);
    expect(tolerance("float32", { ...quotient, beta: 1e-3 })).toBeCloseTo((16 * 2 ** -23) / (1e-3 * 0.5), 12);
    expect(tolerance("float32", { ...quotient, beta: 1e-3 }, 0.1)).toBeCloseTo(
      (10 * 16 * 2 ** -23) / (1e-3 * 0.5),
      12,
    );
    // A weight is exact but for its update.
    expect(tolerance("float32", { ...quotient, share: { factor: 0.01, change: 1e-3 } }, 0.5)).toBeLessThan(
      1e-6,
    );
  });

  it("lets exact quantities be exact on every engine", () => {
    const check = new Comparison("float32");
    check.exact(expected([1]), [1], [1 + 1e-8]);
    expect(check.failed).toEqual(["q"]);
  });

  it("knows that angles near 0 hang on the last digit of a cosine", () => {
    const check = new Comparison("float64");
    check.exactAngle(CaseValue.parse('{"q":60}').at("q"), 60.05);
    expect(check.failed).toEqual(["q"]);
    const near = new Comparison("float64");
    near.exactAngle(CaseValue.parse('{"q":1.2e-6}').at("q"), 0);
    expect(near.failed).toEqual([]);
  });
});
