/**
 * Expressions whose parts are shared: every pass looks at each part once, and gives what the tree it stands
 * for gives.
 */
import fc from "fast-check";
import { create, all as everything, type Complex } from "mathjs";
import { describe, expect, it } from "vitest";
import { complexify } from "../../src/equations/complexify";
import { differentiate, splitLinear } from "../../src/equations/differentiate";
import { emitJavaScript } from "../../src/equations/emit";
import { compile, evaluate, valueOf } from "../../src/equations/evaluate";
import {
  add,
  call,
  children,
  divide,
  fold,
  multiply,
  number,
  power,
  substitute,
  symbol,
  symbolsOf,
  where,
  type Expression,
} from "../../src/equations/expression";
import { nodesOf, partsOf, Shared, usesOf } from "../../src/equations/share";
import { show } from "../../src/equations/show";
import { simplify } from "../../src/equations/simplify";
import { vectorize } from "../../src/equations/vectorize";
import { LIMITS } from "../../src/equations/token";
import { anyShared, SMOOTH, smoothShared, SYMBOLS } from "./arbitraries";
import { fewer } from "../long";

const mathjs = create(everything, {});
const u = symbol("u");
const COMPLEX_U = [
  (name: string): boolean => name === "u",
  (name: string) => ({ re: `${name}_re`, im: `${name}_im` }),
] as const;
const point = fc.record(
  Object.fromEntries(SYMBOLS.map((name) => [name, fc.integer({ min: -199, max: 199 }).map((n) => n / 100)])),
);
const times = <T>(n: number, start: T, next: (value: T, i: number) => T): T =>
  Array.from({ length: n }, (_, i) => i).reduce(next, start);
/** n levels that each read the one before twice: as a tree, 2^n nodes. */
const doubling = (n: number): Expression =>
  times(n, add(u, symbol("a")), (e) => multiply(number(0.5), multiply(e, e)));
const product = (n: number): Expression => times(n - 1, u, (e) => multiply(e, u));
const nested = (n: number): Expression => times(n, u, (e) => call("tanh", e));
const close = (a: number, b: number, tolerance: number): boolean =>
  Object.is(a, b) || Math.abs(a - b) <= tolerance * (1 + Math.abs(a) + Math.abs(b));

/** The value by walking the tree, which only small ones allow. */
const walked = (e: Expression, at: Readonly<Record<string, number>>): number =>
  valueOf(
    e,
    (part) => walked(part, at),
    (name) => at[name],
  );

describe("a fold", () => {
  it("visits every node once, its parts before it", () => {
    fc.assert(
      fc.property(anyShared, (e) => {
        const seen = new Set<Expression>();
        fold<void>(e, (part) => {
          expect(seen.has(part)).toBe(false);
          for (const child of children(part)) expect(seen.has(child)).toBe(true);
          seen.add(part);
        });
        expect(seen.size).toBe(nodesOf(e));
      }),
      { numRuns: fewer(300) },
    );
  });

  it("gives what walking the tree gives", () => {
    fc.assert(
      fc.property(anyShared, point, (e, at) => {
        fc.pre(show(e).length < 2000);
        expect(evaluate(e, at)).toBe(walked(e, at));
      }),
      { numRuns: fewer(300) },
    );
  });
});

describe("shared parts", () => {
  it("are the same object exactly where they are equal", () => {
    fc.assert(
      fc.property(anyShared, anyShared, (a, b) => {
        const shared = new Shared();
        expect(shared.of(a) === shared.of(b)).toBe(show(a) === show(b));
        expect(shared.of(a)).toEqual(a);
      }),
      { numRuns: fewer(300) },
    );
  });

  it("are counted once, and each of their readers too", () => {
    const square = multiply(u, u);
    const e = new Shared().of(add(square, call("exp", multiply(symbol("u"), symbol("u")))));
    expect(partsOf(e).map(show)).toEqual(["u", "u*u", "exp(u*u)", "u*u + exp(u*u)"]);
    expect([...usesOf([e])].map(([part, uses]) => [show(part), uses])).toEqual([
      ["u", 2],
      ["u*u", 2],
      ["exp(u*u)", 1],
      ["u*u + exp(u*u)", 1],
    ]);
  });
});

describe("passes over shared parts", () => {
  it("keep the value", () => {
    fc.assert(
      fc.property(anyShared, point, (e, at) => {
        const value = evaluate(e, at);
        // Folding may round differently, which kinks and cancellation amplify: only well-conditioned values
        // are compared.
        fc.pre(
          Number.isFinite(value) &&
            Math.abs(value) < 1e6 &&
            SYMBOLS.every((s) => Math.abs(evaluate(e, { ...at, [s]: at[s] + 1e-9 }) - value) < 1e-6),
        );
        expect(close(evaluate(simplify(e), at), value, 1e-6)).toBe(true);
        // 0 and -0 are one value here.
        expect(
          evaluate(
            substitute(e, (name) => (name === "a" ? number(at.a) : undefined)),
            at,
          ) === value,
        ).toBe(true);
      }),
      { numRuns: fewer(200) },
    );
  });

  it("print what gives the same numbers to the last bit", () => {
    fc.assert(
      fc.property(anyShared, point, (e, at) => {
        const value = evaluate(e, at);
        expect(compile(e, SYMBOLS)(...SYMBOLS.map((name) => at[name]))).toBe(value);
        expect(
          vectorize(e, SYMBOLS)(
            new Float64Array(2),
            SYMBOLS.map((name) => at[name]),
          ),
        ).toEqual(Float64Array.of(value, value));
      }),
      { numRuns: fewer(300) },
    );
  });

  it("differentiate and complexify agree: the derivative is what an imaginary step of a millionth leaves", () => {
    fc.assert(
      fc.property(smoothShared, point, (e, at) => {
        const slope = evaluate(differentiate(e, "u"), at);
        const { re, im } = complexify(e, ...COMPLEX_U);
        const step = { ...at, u_re: at.u, u_im: 1e-6 };
        fc.pre(Number.isFinite(slope) && Math.abs(slope) < 1e3 && Number.isFinite(evaluate(e, at)));
        expect(close(evaluate(re, step), evaluate(e, at), 1e-7)).toBe(true);
        expect(close(evaluate(im, step) / 1e-6, slope, 1e-6), show(e)).toBe(true);
      }),
      { numRuns: fewer(300) },
    );
  });

  it("grow by a factor, whatever the tree: no node of theirs is made for a path", () => {
    fc.assert(
      fc.property(anyShared, (e) => {
        const n = nodesOf(e);
        expect(nodesOf(simplify(e))).toBeLessThanOrEqual(4 * n + 2);
        expect(nodesOf(differentiate(e, "u"))).toBeLessThanOrEqual(10 * n + 4);
        expect(emitJavaScript(e, (name) => name).statements.split(";").length).toBeLessThanOrEqual(n + 1);
      }),
      { numRuns: fewer(300) },
    );
    fc.assert(
      fc.property(smoothShared, (e) => {
        const { re, im } = complexify(e, ...COMPLEX_U);
        expect(nodesOf(re, im)).toBeLessThanOrEqual(60 * nodesOf(e) + 60);
      }),
      { numRuns: 100 },
    );
  });
});

describe("what was exponential", () => {
  const parts = (e: Expression): number[] => {
    const { re, im } = complexify(e, ...COMPLEX_U);
    const slope = differentiate(e, "u");
    const slopes = complexify(slope, ...COMPLEX_U);
    return [partsOf(e), partsOf(simplify(slope)), partsOf(re, im), partsOf(slopes.re, slopes.im)].map(
      (all) => all.length,
    );
  };

  it.each([
    ["a product of 26 factors", product(26), [26, 100, 180, 400]],
    ["a product of 300 factors", product(300), [300, 1200, 2100, LIMITS.parts + 1000]],
    ["thirty hyperbolic tangents", nested(30), [31, 130, 650, 1000]],
    ["forty doublings", doubling(40), [85, 250, 400, 1000]],
  ])("%s", (_, e, most) => {
    parts(e).forEach((n, i) => expect(n).toBeLessThanOrEqual(most[i]));
  });

  it("a product of factors is a power, real and complex", () => {
    const z = { u_re: 0.9, u_im: 0.3 };
    for (const n of [2, 20, 26, 100]) {
      expect(close(evaluate(product(n), { u: 0.9 }), 0.9 ** n, 1e-13)).toBe(true);
      expect(close(evaluate(differentiate(product(n), "u"), { u: 0.9 }), n * 0.9 ** (n - 1), 1e-12)).toBe(
        true,
      );
      const { re, im } = complexify(product(n), ...COMPLEX_U);
      const expected = mathjs.pow(mathjs.complex(0.9, 0.3), n) as Complex;
      expect(close(evaluate(re, z), expected.re, 1e-12) && close(evaluate(im, z), expected.im, 1e-12)).toBe(
        true,
      );
    }
  });

  it("a whole power is a product at 0 too, where a logarithm is none", () => {
    const { re, im } = complexify(power(u, number(38)), ...COMPLEX_U);
    expect([evaluate(re, { u_re: 0, u_im: 0 }), evaluate(im, { u_re: 0, u_im: 0 })]).toEqual([0, 0]);
  });

  it("nested functions agree with mathjs", () => {
    const { re, im } = complexify(nested(30), ...COMPLEX_U);
    const expected = times<unknown>(30, mathjs.complex(0.4, 0.7), (z) =>
      mathjs.tanh(z as Complex),
    ) as Complex;
    expect(
      close(evaluate(re, { u_re: 0.4, u_im: 0.7 }), expected.re, 1e-9) &&
        close(evaluate(im, { u_re: 0.4, u_im: 0.7 }), expected.im, 1e-9),
    ).toBe(true);
  });
});

describe("what is deep", () => {
  const DEEP = 20_000;
  const chains: readonly (readonly [string, Expression])[] = [
    ["a sum", times(DEEP, u, (e) => add(e, symbol("a")))],
    ["a product that leans right", times(DEEP, u, (e) => multiply(symbol("a"), e))],
    ["functions", times(DEEP, u, (e, i) => call(SMOOTH[i % SMOOTH.length], e))],
    ["logistic functions", times(DEEP, u, (e) => divide(number(1), add(number(1), call("exp", add(e, u)))))],
    ["signs", times(DEEP, u, (e) => ({ kind: "negate", of: e }))],
    [
      "choices",
      times(DEEP, u, (e) => where({ comparison: "<", left: symbol("a"), right: number(1) }, e, symbol("b"))),
    ],
  ];

  it.each(chains)("%s: no pass runs out of stack", (_, e) => {
    expect(symbolsOf(e).has("u")).toBe(true);
    expect(nodesOf(differentiate(simplify(e), "u"))).toBeGreaterThan(0);
    expect(splitLinear(e, "I")?.constant).toBe(e);
    expect(splitLinear(e, "u") === null).toBe(
      e.kind === "call" || (e.kind === "binary" && e.op === "divide"),
    );
    expect(nodesOf(complexify(e, ...COMPLEX_U).re)).toBeGreaterThan(0);
    expect(evaluate(e, { u: 0, a: 0, b: 0 })).not.toBeNaN();
    expect(show(e).length).toBeLessThanOrEqual(LIMITS.characters);
    expect(partsOf(e).length).toBeGreaterThan(DEEP);
  });

  it("is emitted without depth", () => {
    for (const [, e] of chains) {
      const { statements, value } = emitJavaScript(e, (name) => name);
      const deepest = Math.max(...`${statements}${value}`.split(";").map((line) => line.split("(").length));
      expect(deepest).toBeLessThan(150);
    }
    expect(compile(chains[0][1], ["u", "a"])(1, 2)).toBe(1 + 2 * DEEP);
  });
});
