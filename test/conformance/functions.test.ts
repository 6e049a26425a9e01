/** Every node of an expression on every engine: maps over a grid, against the reference. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Program } from "../../src/program/program";
import { createEngine } from "../../src/engines/select";
import {
  add,
  call,
  divide,
  maximum,
  minimum,
  multiply,
  negate,
  number,
  power,
  rewrite,
  subtract,
  symbol,
  where,
  type Comparison,
  type Expression,
  type UnaryFunction,
} from "../../src/equations/expression";
import { smooth, smoothShared, SYMBOLS } from "../equations/arbitraries";
import { contestants, runsOn } from "./compare";
import { fewer } from "../long";

const [x, y] = [symbol("x"), symbol("y")];
const FUNCTIONS: readonly UnaryFunction[] = [
  "exp",
  "log",
  "sqrt",
  "sin",
  "cos",
  "tanh",
  "atan",
  "logistic",
  "abs",
  "sign",
  "floor",
  "exprel",
];
const POSITIVE: ReadonlySet<UnaryFunction> = new Set(["log", "sqrt"]);
const COMPARISONS: readonly Comparison[] = ["<", "<=", ">", ">="];
/** Literals that a printer or a parser of kernels could get wrong. */
const LITERALS = [0, 1, -1, 0.1, 1e-7, -1e-20, 3e9, 1e10, -12345678901, 1e21, 1.5e30, 2 ** 31, 1 / 3, 100];

const CASES: readonly [string, Expression][] = [
  ...FUNCTIONS.map((fn): [string, Expression] => [
    fn,
    call(fn, POSITIVE.has(fn) ? add(call("abs", x), number(0.01)) : x),
  ]),
  ...(
    [
      ["add", add],
      ["subtract", subtract],
      ["multiply", multiply],
      ["min", minimum],
      ["max", maximum],
    ] as const
  ).map(([name, build]): [string, Expression] => [name, build(x, y)]),
  ["divide", divide(x, add(call("abs", y), number(0.5)))],
  ["negate", negate(multiply(x, y))],
  ["power, whole", power(x, number(3))],
  ["power, of a negative", power(x, number(2))],
  ["power, fraction", power(add(call("abs", x), number(0.1)), y)],
  ...COMPARISONS.map((comparison): [string, Expression] => [
    `where ${comparison}`,
    where({ comparison, left: x, right: y }, x, negate(y)),
  ]),
  // A whole number is an integer to a kernel's compiler; a quotient of two must not be.
  [
    "whole numbers",
    add(divide(number(1), add(number(2), multiply(number(0), number(1)))), divide(x, number(3))),
  ],
  ...LITERALS.map((value): [string, Expression] => [
    `the number ${value}`,
    add(number(value), multiply(number(1e-3), x)),
  ]),
  [
    "a saturated tanh and logistic",
    add(call("tanh", multiply(number(1000), x)), call("logistic", multiply(number(1000), y))),
  ],
];

const times = (n: number, start: Expression, next: (e: Expression, i: number) => Expression): Expression =>
  Array.from({ length: n }, (_, i) => i).reduce(next, start);
const half = multiply(number(0.5), x);
/** What is a tree of up to 2^40 nodes, or hundreds of levels deep, where it is not shared. */
const LONG: readonly (readonly [string, Expression])[] = [
  ["a product of 100 factors", times(99, call("tanh", y), (e) => multiply(e, call("tanh", half)))],
  ["a sum of 300 terms", times(299, x, (e, i) => add(e, multiply(number((i % 7) / 100), y)))],
  ["thirty hyperbolic tangents", times(30, x, (e) => call("tanh", multiply(number(1.5), e)))],
  [
    "thirty choices within each other, each of the one before twice",
    times(30, x, (e, i) =>
      where(
        { comparison: "<", left: e, right: number(i / 10) },
        multiply(number(0.9), e),
        subtract(e, number(i / 100)),
      ),
    ),
  ],
  [
    "thirty choices between tests",
    times(30, y, (e) =>
      where(
        { comparison: "<", left: where({ comparison: ">", left: e, right: x }, e, x), right: number(1) },
        add(half, multiply(number(0.25), e)),
        negate(half),
      ),
    ),
  ],
  [
    "forty doublings",
    times(40, call("tanh", half), (e) => subtract(multiply(e, e), multiply(number(0.5), e))),
  ],
  [
    "sines and cosines of the same angles",
    times(12, half, (e) =>
      add(multiply(call("sin", e), call("cos", e)), multiply(number(0.5), call("cos", e))),
    ),
  ],
  [
    "a hundred powers",
    times(100, call("abs", half), (e, i) =>
      power(add(number(0.5), multiply(number(0.3), e)), number((i % 9) / 4)),
    ),
  ],
];

/** out = e(x, y, …), no state. */
function mapOf(e: Expression, names: readonly string[], rows: number, width: number): Program {
  const buffers = { ...Object.fromEntries(names.map((name) => [name, width])), out: width };
  const sources = Object.fromEntries(names.map((name) => [name, { from: "buffer", name } as const]));
  return {
    rows,
    groups: 1,
    buffers,
    weights: {},
    vectors: {},
    rowValues: [],
    scalars: [],
    prelude: [],
    step: [{ op: "map", out: "out", expression: e, sources }],
    state: names,
    outputs: ["out"],
    watched: [],
  };
}

async function evaluateOn(
  name: string,
  program: Program,
  inputs: Readonly<Record<string, Float64Array>>,
): Promise<Float64Array> {
  const engine = await createEngine(name);
  const exe = engine.compile(program);
  for (const [buffer, values] of Object.entries(inputs)) exe.write(buffer, values);
  await exe.run(1, 0);
  const out = await exe.read("out");
  exe.dispose();
  engine.dispose();
  return out;
}

/** Equal to float32 accuracy, of one or of the value. */
function expectClose(got: Float64Array, wanted: Float64Array, relative: number): void {
  wanted.forEach((w, i) =>
    expect(Math.abs(got[i] - w), `${got[i]} for ${w} at ${i}`).toBeLessThanOrEqual(
      relative * Math.max(1, Math.abs(w)),
    ),
  );
}

/** The expression with every number off by what float32 cannot tell. */
function nudged(e: Expression): Expression {
  return rewrite(e, (part) => (part.kind === "number" ? number(part.value * (1 + 2 ** -22)) : part));
}

describe("functions", async () => {
  const side = 9;
  // -4, -3, … 4 with every other.
  const grid = {
    x: Float64Array.from({ length: side * side }, (_, i) => Math.floor(i / side) - 4),
    y: Float64Array.from({ length: side * side }, (_, i) => (i % side) - 4),
  };

  describe.each(await contestants())("%s", (name) => {
    it.each(CASES)("%s", async (_, e) => {
      const program = mapOf(e, ["x", "y"], side, side);
      expectClose(await evaluateOn(name, program, grid), await evaluateOn("reference", program, grid), 1e-6);
    });

    it.each(["tanh", "logistic"] as const)(
      "%s of anything: bounded, to 2.5e-7 of its value, and NaN of NaN",
      async (fn) => {
        const n = 4096;
        // From -20 to 20, then the extremes.
        const inputs = { x: Float64Array.from({ length: n }, (_, i) => Math.fround((i / n) * 40 - 20)) };
        inputs.x.set([Number.NaN, Infinity, -Infinity, 3e38, -3e38, 0]);
        const program = mapOf(call(fn, x), ["x"], 1, n);
        const got = await evaluateOn(name, program, inputs);
        const wanted = await evaluateOn("reference", program, inputs);
        expect(got[0]).toBeNaN();
        wanted
          .slice(1)
          .forEach((w, i) => expect(Math.abs(got[i + 1] - w), `at ${inputs.x[i + 1]}`).toBeLessThan(2.5e-7));
        expect(Math.max(...got.slice(1))).toBe(1);
        expect(Math.abs(Math.min(...got.slice(1)) - (fn === "tanh" ? -1 : 0))).toBeLessThan(1e-8);
        expect(Math.min(...got.slice(1))).toBeGreaterThanOrEqual(fn === "tanh" ? -1 : 0);
      },
    );

    it.each(["sin", "cos", "atan"] as const)("%s of large and small numbers", async (fn) => {
      const n = 2048;
      const inputs = { x: Float64Array.from({ length: n }, (_, i) => Math.fround((i / n) * 2000 - 1000)) };
      inputs.x.set([0, 1e-6, -1e-6, Math.SQRT2 - 1, 1, -1, Math.PI, 2 * Math.PI].map(Math.fround));
      const program = mapOf(call(fn, x), ["x"], 1, n);
      expectClose(
        await evaluateOn(name, program, inputs),
        await evaluateOn("reference", program, inputs),
        1e-6,
      );
    });

    it("powers of negative numbers: signed for whole exponents, NaN for others", async () => {
      const inputs = {
        x: Float64Array.of(-2, -2, -2, -1.5, 2, 3, -2),
        y: Float64Array.of(3, -3, 9, 10, 0, -2, 0.5),
      };
      const got = await evaluateOn(name, mapOf(power(x, y), ["x", "y"], 1, 7), inputs);
      expectClose(got.subarray(0, 6), Float64Array.of(-8, -0.125, -512, 1.5 ** 10, 1, 1 / 9), 1e-6);
      expect(got[6]).toBeNaN();
    });

    it.each(LONG)("%s", async (_, e) => {
      const program = mapOf(e, ["x", "y"], side, side);
      expectClose(await evaluateOn(name, program, grid), await evaluateOn("reference", program, grid), 2e-5);
    });

    it.each([
      ["", smooth],
      [", their parts shared", smoothShared],
    ])("random expressions%s", async (_, expressions) => {
      const values = fc.float64Array({ minLength: 12, maxLength: 12, min: -1, max: 1, noNaN: true });
      const property = fc.asyncProperty(
        expressions,
        fc.tuple(values, values, values, values),
        async (e, columns) => {
          const inputs = Object.fromEntries(
            SYMBOLS.map((symbolName, i) => [symbolName, columns[i].map(Math.fround)]),
          );
          const program = mapOf(e, SYMBOLS, 3, 4);
          const wanted = await evaluateOn("reference", program, inputs);
          // Beyond these, what float32 loses in an intermediate result may be anything.
          fc.pre(wanted.every((v) => Math.abs(v) < 100));
          // Nor where numbers that differ in float32's last bit, the cosine of a large one for instance,
          // already part further.
          const near = await evaluateOn("reference", mapOf(nudged(e), SYMBOLS, 3, 4), inputs);
          fc.pre(wanted.every((v, i) => Math.abs(v - near[i]) < 3e-4));
          expectClose(await evaluateOn(name, program, inputs), wanted, 1e-3);
        },
      );
      await fc.assert(property, { numRuns: runsOn(name, fewer(25)) });
    });
  });
});
