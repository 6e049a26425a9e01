import fc from "fast-check";
import { all as everything, create, type Complex, type MathNode } from "mathjs";
import { describe, expect, it } from "vitest";
import { complexify, isHolomorphic } from "../../src/equations/complexify";
import { differentiate, splitLinear } from "../../src/equations/differentiate";
import { evaluate } from "../../src/equations/evaluate";
import {
  add,
  call,
  children,
  divide,
  multiply,
  number,
  symbol,
  symbolsOf,
  type Expression,
} from "../../src/equations/expression";
import { show } from "../../src/equations/show";
import { simplify } from "../../src/equations/simplify";
import { any, forMathjs, read, smooth, SYMBOLS } from "./arbitraries";
import { fewer } from "../long";

const mathjs = create(everything, {});
const SIGMA = (z: Complex): Complex =>
  mathjs.divide(1, mathjs.add(1, mathjs.exp(mathjs.unaryMinus(z)))) as Complex;

const point = fc.record(
  Object.fromEntries(SYMBOLS.map((name) => [name, fc.integer({ min: -199, max: 199 }).map((n) => n / 100)])),
);
const close = (a: number, b: number, tolerance: number): boolean =>
  Math.abs(a - b) <= tolerance * (1 + Math.abs(a) + Math.abs(b));

describe("show", () => {
  it("prints what reads back to the same tree", () => {
    fc.assert(
      fc.property(any, (e) => {
        expect(read(show(e))).toEqual(e);
      }),
      { numRuns: fewer(1000) },
    );
  });

  it.each([
    "a - (b - u)",
    "(a - b) - u",
    "a*b/u",
    "a/(b*u)",
    "-a*b",
    "-(a*b)",
    "a^b^2",
    "(a^b)^2",
    "-a^2",
    "(-a)^2",
    "a*(-b)",
    "clip(u, 0, 1)",
    "2*exp(-u/a)",
  ])("keeps the brackets of %s that matter, and no others", (text) => {
    expect(show(read(text))).toBe(text === "(a - b) - u" ? "a - b - u" : text);
  });
});

describe("simplify", () => {
  it("keeps the value", () => {
    fc.assert(
      fc.property(any, point, (e, at) => {
        const [before, after] = [evaluate(e, at), evaluate(simplify(e), at)];
        // Folding may round differently, which kinks and cancellation amplify: only well-conditioned values
        // are compared.
        fc.pre(
          Number.isFinite(before) &&
            Math.abs(before) < 1e6 &&
            SYMBOLS.every((s) => Math.abs(evaluate(e, { ...at, [s]: at[s] + 1e-9 }) - before) < 1e-6),
        );
        expect(close(before, after, 1e-6)).toBe(true);
      }),
    );
  });

  it("holds finite numbers only, of derivatives too", () => {
    const finite = (e: Expression): boolean =>
      e.kind === "number" ? Number.isFinite(e.value) : children(e).every(finite);
    fc.assert(
      fc.property(any, (e) => finite(simplify(e)) && finite(simplify(differentiate(e, "u")))),
      { numRuns: fewer(500) },
    );
  });

  it("keeps the value of every logistic function that it recognises", () => {
    fc.assert(
      fc.property(smooth, point, (x, at) => {
        const e = divide(symbol("a"), add(number(1), call("exp", x)));
        const simple = simplify(e);
        fc.pre(symbolsOf(simplify(x)).size > 0);
        expect(show(simple)).toContain("logistic");
        expect(close(evaluate(simple, at), evaluate(e, at), 1e-9)).toBe(true);
      }),
    );
  });

  it.each([
    ["1/(1 + exp(-u))", "logistic(u)"],
    ["1/(1+exp(-4*u+2))", "logistic(4*u - 2)"],
    ["1/(1+exp(a - u))", "logistic(u - a)"],
    ["1/(1+exp(2*(a + u)))", "logistic(-2*(a + u))"],
    ["a/(exp(-(u - b)/I) + 1)", "a*logistic((u - b)/I)"],
    ["u^2", "u*u"],
    ["u^-2", "1/(u*u)"],
    ["u^0.5", "sqrt(u)"],
    ["2*(3*u)", "6*u"],
    ["exp(0)*u", "u"],
    ["max(1, 2)", "2"],
  ])("turns %s into %s", (text, expected) => {
    expect(show(simplify(read(text)))).toBe(expected);
  });
});

describe("differentiate", () => {
  it("agrees with mathjs", () => {
    fc.assert(
      fc.property(smooth, point, (e, at) => {
        fc.pre(symbolsOf(e).has("u"));
        // mathjs has no rule for our logistic, and is asked for it written out.
        const written = show(e).replaceAll("logistic(", "sigma(");
        const text = expandSigma(mathjs.parse(written)).toString({ parenthesis: "all" });
        const expected = mathjs.derivative(text, "u").evaluate({ ...at }) as number;
        fc.pre(Number.isFinite(expected) && Math.abs(expected) < 1e8);
        expect(close(evaluate(differentiate(e, "u"), at), expected, 1e-8)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ["log(2 + u^2)", 0.7],
    ["sqrt(1 + u^2)", 0.7],
    ["abs(u)", -1.5],
    ["max(u, 3*u)", 0.4],
    ["where(u < 0, u^2, 5*u)", -0.3],
    ["a^u", 0.6],
    ["(2 + u)^u", 0.6],
    ["sign(u)*u", 0.2],
    ["floor(u)*u + round(u)", 1.7],
  ])("agrees with a difference quotient on %s", (text, u) => {
    const e = read(text);
    const f = (x: number): number => evaluate(e, { u: x, I: 0, a: 2, b: 0 });
    expect(evaluate(differentiate(e, "u"), { u, I: 0, a: 2, b: 0 })).toBeCloseTo(
      (f(u + 1e-5) - f(u - 1e-5)) / 2e-5,
      7,
    );
  });

  it.each(["clip(u, 0, 1)", "min(1, max(0, u))", "max(0, min(u, 1))"])(
    "has slope 1 on the closed interval: %s",
    (text) => {
      const slope = differentiate(read(text), "u");
      expect([-0.1, 0, 0.5, 1, 1.1].map((u) => evaluate(slope, { u }))).toEqual([0, 1, 1, 1, 0]);
    },
  );
});

describe("splitLinear", () => {
  it("splits what is linear", () => {
    fc.assert(
      fc.property(smooth, smooth, point, (p, q, at) => {
        const [constant, coefficient] = [p, q].map((e) => (symbolsOf(e).has("I") ? symbol("a") : e));
        const split = splitLinear(add(constant, multiply(coefficient, symbol("I"))), "I")!;
        const sum = evaluate(split.constant, at) + evaluate(split.coefficient, at) * at.I;
        const expected = evaluate(constant, at) + evaluate(coefficient, at) * at.I;
        fc.pre(Number.isFinite(expected));
        expect(close(sum, expected, 1e-9)).toBe(true);
      }),
    );
  });
  it.each(["I*I", "exp(I)", "1/I", "abs(I)", "sign(I)", "min(I, 1)", "where(I > 0, u, a)", "u^I"])(
    "refuses %s",
    (text) => expect(splitLinear(read(text), "I")).toBeNull(),
  );
});

describe("complexify", () => {
  const names = (name: string): { re: string; im: string } => ({ re: `${name}_re`, im: `${name}_im` });
  const isComplex = (name: string): boolean => name === "u" || name === "I";
  const values = (at: Record<string, number>): Record<string, number> => ({
    ...at,
    u_re: at.u,
    u_im: at.v,
    I_re: at.I,
    I_im: at.w,
  });
  const complexPoint = fc.record(
    Object.fromEntries(
      [...SYMBOLS, "v", "w"].map((name) => [name, fc.integer({ min: -120, max: 120 }).map((n) => n / 100)]),
    ),
  );

  const check = (e: Expression, at: Record<string, number>): void => {
    const scope = { ...at, u: mathjs.complex(at.u, at.v), I: mathjs.complex(at.I, at.w), sigma: SIGMA };
    const expected = mathjs.complex(mathjs.evaluate(forMathjs(show(e)), scope) as Complex);
    const size = Math.hypot(expected.re, expected.im);
    fc.pre(Number.isFinite(size) && size < 1e5);
    const { re, im } = complexify(e, isComplex, names);
    const error = Math.hypot(evaluate(re, values(at)) - expected.re, evaluate(im, values(at)) - expected.im);
    expect(error, show(e)).toBeLessThan(1e-7 * (1 + size));
  };

  it("agrees with mathjs", () => {
    fc.assert(
      fc.property(smooth, complexPoint, (e, at) => {
        fc.pre(show(e).length < 120);
        check(e, at);
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    "exp(u)",
    "log(u)",
    "sqrt(u)",
    "sin(u)",
    "cos(u)",
    "tanh(u)",
    "atan(u)",
    "logistic(u)",
    "u^3",
    "u^-2",
    "u^0.3",
    "2^u",
    "u^I",
    "u/I",
    "a/u",
    "-u",
    "1/(1 + exp(-4*u + 2))",
    "log(1 + exp(u))",
    "u*I - I/u + b",
  ])("agrees with mathjs on %s", (text) => {
    fc.assert(
      fc.property(complexPoint, (at) => {
        // Away from zeros, poles and branch cuts.
        fc.pre(
          Math.abs(at.v) > 0.05 &&
            Math.abs(at.w) > 0.05 &&
            Math.hypot(at.u, Math.abs(at.v) - 1) > 0.05 &&
            !(Math.abs(at.u) < 0.05 && Math.abs(at.v) >= 0.7),
        );
        check(read(text), at);
      }),
      { numRuns: 50 },
    );
  });

  it("is the identity where nothing is complex", () => {
    fc.assert(
      fc.property(any, (e) => {
        expect(complexify(e, () => false, names)).toEqual({ re: e, im: { kind: "number", value: 0 } });
      }),
    );
  });

  it("stays finite in float32 at large arguments", () => {
    for (const text of ["tanh(u)", "logistic(u)"]) {
      for (const part of Object.values(complexify(read(text), isComplex, names))) {
        for (const re of [-1e4, -100, 0, 100, 1e4])
          expect(Number.isFinite(Math.fround(evaluate(part, { u_re: re, u_im: 0.3 }))), text).toBe(true);
      }
    }
  });

  it.each([
    "abs(u)",
    "sign(u)",
    "floor(u)",
    "round(3*u)",
    "min(u, 1)",
    "max(a, I)",
    "clip(u, 0, 1)",
    "where(u > 0, 1, 2)",
    "exp(2*abs(u - 1))",
  ])("refuses %s by name", (text) => {
    const e = read(text);
    expect(isHolomorphic(e, isComplex)).toBe(false);
    expect(() => complexify(e, isComplex, names, "soft neuron")).toThrow(
      expect.objectContaining({
        code: "EQ-HOLOMORPHIC",
        place: { where: "soft neuron" },
        remedy: expect.stringContaining("smooth"),
      }),
    );
  });

  it("lets kinks of real values pass", () => {
    const e = read("u*clip(a, 0, 1) + where(a < b, u, I)");
    expect(isHolomorphic(e, isComplex)).toBe(true);
    const { re, im } = complexify(e, isComplex, names);
    expect([
      evaluate(re, { a: 0.5, b: 1, u_re: 2, u_im: 4, I_re: 0, I_im: 0 }),
      evaluate(im, { a: 0.5, b: 1, u_re: 2, u_im: 4, I_re: 0, I_im: 0 }),
    ]).toEqual([3, 6]);
  });
});

/** Writes sigma(x) out as 1/(1 + exp(-x)). */
function expandSigma(tree: MathNode): MathNode {
  return tree.transform((node) => {
    if (!mathjs.isFunctionNode(node) || !mathjs.isSymbolNode(node.fn) || node.fn.name !== "sigma")
      return node;
    return mathjs.parse(`1/(1 + exp(-(${expandSigma(node.args[0]).toString({ parenthesis: "all" })})))`);
  });
}
