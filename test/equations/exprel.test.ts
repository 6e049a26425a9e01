/**
 * (e^z - 1)/z as solvers read it: all its digits near 0, on the real line and in the complex plane, its
 * slope, and its bounds.
 */
import * as math from "mathjs";
import { describe, expect, it } from "vitest";
import { complexify } from "../../src/equations/complexify";
import { differentiate } from "../../src/equations/differentiate";
import { compile } from "../../src/equations/evaluate";
import { call, symbol } from "../../src/equations/expression";
import { FUNCTIONS } from "../../src/equations/functions";

const z = symbol("z");
const exprel = compile(call("exprel", z), ["z"]);
/** 1 + z/2! + z^2/3! + …, for |z| below 2. */
const series = (x: number): number =>
  Array.from({ length: 40 }, (_, k) => k).reduceRight((sum, k) => 1 + (x / (k + 2)) * sum, 1);

describe("exprel", () => {
  it.each([0, 1e-300, -1e-300, 1e-17, -1e-9, 1e-5, -1e-3, 0.02, -0.4, 0.9, 1, -2])(
    "has all its digits at %d",
    (x) => {
      expect(Math.abs(exprel(x) / series(x) - 1)).toBeLessThan(4e-16);
    },
  );

  it("falls as 1/|x|, does not grow beyond 1, and leaves a step as it is where x is no finite number", () => {
    expect(exprel(-1e12)).toBeCloseTo(1e-12, 20);
    expect(exprel(1e12)).toBe(Math.E - 1);
    for (const x of [Infinity, -Infinity, Number.NaN]) expect(exprel(x)).toBe(1);
  });

  it("has its slope, near 0 too", () => {
    const slope = compile(differentiate(call("exprel", z), "z"), ["z"]);
    for (const x of [0, 1e-9, -1e-4, 0.009, 0.011, -0.5, 0.9, -7]) {
      const h = 1e-4;
      expect(slope(x)).toBeCloseTo((exprel(x + h) - exprel(x - h)) / (2 * h), 6);
    }
    expect(slope(2)).toBe(0);
  });

  it("is one function in the complex plane", () => {
    const pair = complexify(
      call("exprel", z),
      () => true,
      () => ({ re: "x", im: "y" }),
    );
    const [re, im] = [compile(pair.re, ["x", "y"]), compile(pair.im, ["x", "y"])];
    for (const size of [1e-12, 1e-6, 1e-3, 0.1, 0.9, 3]) {
      for (let k = 0; k < 12; k++) {
        const [x, y] = [size * Math.cos((k * Math.PI) / 6), size * Math.sin((k * Math.PI) / 6)];
        if (x > 1) continue;
        // The series, since (e^z - 1)/z itself cancels.
        let wanted = math.complex(1, 0);
        for (let n = 40; n >= 0; n--)
          wanted = math.add(1, math.multiply(math.divide(math.complex(x, y), n + 2), wanted)) as math.Complex;
        expect(re(x, y)).toBeCloseTo(wanted.re, 14);
        expect(im(x, y)).toBeCloseTo(wanted.im, 14);
      }
    }
    expect([re(0, 0), im(0, 0)]).toEqual([1, 0]);
    expect([re(Infinity, 0), im(Number.NaN, 1)]).toEqual([1, 0]);
  });

  it("is no function of equations", () => expect([...FUNCTIONS.keys()]).not.toContain("exprel"));
});
