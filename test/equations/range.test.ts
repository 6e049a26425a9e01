/** What an expression can be: every value lies within the range that is found, and usual outputs are found exactly. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluate } from "../../src/equations/evaluate";
import { EVERYWHERE, rangeOf, type Range } from "../../src/equations/range";
import { any, anyShared, read, SYMBOLS } from "./arbitraries";

const [first] = SYMBOLS;

describe("the range of an expression", () => {
  it("holds every value, of anything that a text can say", () => {
    const number = fc.double({ min: -40, max: 40, noNaN: true });
    const range = fc.tuple(number, number, fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(
        fc.oneof(any, anyShared),
        fc.array(range, { minLength: SYMBOLS.length, maxLength: SYMBOLS.length }),
        (expression, drawn) => {
          const ranges = new Map(
            SYMBOLS.map((name, i): [string, Range] => {
              const [a, b] = drawn[i];
              return [name, [Math.min(a, b), Math.max(a, b)]];
            }),
          );
          const point = Object.fromEntries(
            SYMBOLS.map((name, i) => {
              const [a, b] = ranges.get(name)!;
              return [name, Math.min(Math.max(a + (b - a) * drawn[i][2], a), b)];
            }),
          );
          const value = evaluate(expression, point);
          if (!Number.isFinite(value)) return;
          const [least, largest] = rangeOf(expression, (name) => ranges.get(name)!);
          const slack = 1e-9 * Math.max(1, Math.abs(value));
          expect(least).toBeLessThanOrEqual(value + slack);
          expect(largest).toBeGreaterThanOrEqual(value - slack);
        },
      ),
      { numRuns: 2000, seed: 1 },
    );
  });

  it.each<readonly [string, Range]>([
    ["0.3*tanh(X)", [-0.3, 0.3]],
    ["1/(1 + exp(-4*X + 2))", [0, 1]],
    ["clip(X, -1, 2)", [-1, 2]],
    ["logistic(X)^2", [0, 1]],
    ["X^2", [0, Infinity]],
    ["X^3", EVERYWHERE],
    ["2*atan(X)", [-Math.PI, Math.PI]],
    ["1 + sin(X)", [0, 2]],
    ["max(0, X)", [0, Infinity]],
    ["where(X > 0, 1, -1)", [-1, 1]],
    ["sqrt(abs(X)) + 1", [1, Infinity]],
    ["1/X", EVERYWHERE],
  ])("of %s is %j", (text, expected) => {
    const found = rangeOf(read(text.replaceAll("X", first)), () => EVERYWHERE);
    expect(found[0]).toBeCloseTo(expected[0], 12);
    expect(found[1]).toBeCloseTo(expected[1], 12);
  });
});
