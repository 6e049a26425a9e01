/** The errors of the simd engine's functions, against float64, are those that docs/engines.md publishes. */
import { describe, expect, it } from "vitest";
import type { Program } from "../../src/program/program";
import { createSimdEngine } from "../../src/engines/simd";
import { compile } from "../../src/equations/evaluate";
import { call, power, symbol, type Expression, type UnaryFunction } from "../../src/equations/expression";
import { textOf } from "../docs/markdown";

const ROWS = 16;
const WIDTH = 4096;
const x = symbol("x");
const y = symbol("y");

async function evaluate(
  e: Expression,
  inputs: Readonly<Record<"x" | "y", Float64Array>>,
  rows: number,
): Promise<Float64Array> {
  const width = inputs.x.length / rows;
  const buffer = (name: string) => ({ from: "buffer", name }) as const;
  const program: Program = {
    rows,
    groups: 1,
    buffers: { x: width, y: width, out: width },
    weights: {},
    vectors: {},
    rowValues: [],
    scalars: [],
    prelude: [],
    step: [{ op: "map", out: "out", expression: e, sources: { x: buffer("x"), y: buffer("y") } }],
    state: ["x", "y"],
    outputs: ["out"],
    watched: [],
  };
  const exe = createSimdEngine().compile(program);
  exe.write("x", inputs.x);
  exe.write("y", inputs.y);
  await exe.run(1, 0);
  return exe.read("out");
}

/** A unit in the last place of float32 at a value, not below the smallest normal numbers. */
const ulp = (value: number): number =>
  2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(value) || 2 ** -126))) - 23);

/** float32 values from `from` to `to`: evenly spread, and evenly by exponent towards zero. */
function samples(from: number, to: number): Float64Array {
  const n = ROWS * WIDTH;
  const [low, high] = [Math.log2(Math.max(1e-30, from)), Math.log2(to)];
  return Float64Array.from({ length: n }, (_, i) => {
    if (i % 2 === 0) return Math.fround(from + ((to - from) * i) / n);
    const size =
      from >= 0
        ? 2 ** (low + ((high - low) * i) / n)
        : 2 ** (-30 + ((Math.log2(Math.max(to, -from)) + 30) * i) / n);
    return Math.fround(Math.min(to, Math.max(from, from < 0 && i % 4 === 1 ? -size : size)));
  });
}

async function largestError(
  e: Expression,
  inputs: Readonly<Record<"x" | "y", Float64Array>>,
): Promise<number> {
  const exact = compile(e, ["x", "y"]);
  const got = await evaluate(e, inputs, ROWS);
  return got.reduce((largest, value, i) => {
    const wanted = exact(inputs.x[i], inputs.y[i]);
    return Math.max(largest, Math.abs(value - wanted) / ulp(wanted));
  }, 0);
}

describe("functions of the simd engine", () => {
  const rows = [...textOf("docs/engines.md").matchAll(/^\| `(\w+)` \| (\S+) to (\S+) \| (\S+) \|/gm)].map(
    ([, fn, from, to, error]) => ({
      fn: fn as UnaryFunction,
      from: Number(from),
      to: Number(to),
      error: Number(error),
    }),
  );

  it("are all in the table", () => {
    expect(rows.map(({ fn }) => fn).sort()).toEqual([
      "atan",
      "cos",
      "exp",
      "exprel",
      "log",
      "logistic",
      "power",
      "sin",
      "tanh",
    ]);
  });

  it.each(rows)(
    "$fn is off by $error units in the last place from $from to $to",
    async ({ fn, from, to, error }) => {
      const inputs = { x: samples(from, to), y: samples(-3, 3).map((_, i) => Math.fround(Math.sin(i) * 3)) };
      const e = fn === ("power" as string) ? power(x, y) : call(fn, x);
      const found = await largestError(e, inputs);
      expect(found).toBeLessThanOrEqual(error);
      // A table that promises less than there is would hide what goes wrong.
      expect(found).toBeGreaterThan(error / 2);
    },
  );

  const edges = Float64Array.of(
    Number.NaN,
    Infinity,
    -Infinity,
    0,
    1,
    -1,
    1e-40,
    3e38,
    -3e38,
    89,
    -104,
    8388608,
    -2.5,
    0.5,
    2,
    -3,
  );
  it.each(["exp", "log", "sqrt", "sin", "cos", "tanh", "atan", "logistic", "abs", "sign", "exprel"] as const)(
    "%s of extremes",
    async (fn) => {
      const exact = compile(call(fn, x), ["x"]);
      const got = await evaluate(call(fn, x), { x: edges, y: edges }, 1);
      edges.forEach((v, i) => {
        const wanted = Math.fround(exact(Math.fround(v)));
        // What angle a number beyond float32's whole numbers is, nobody knows.
        if ((fn === "sin" || fn === "cos") && Math.abs(v) > 1e9)
          expect(Number.isFinite(v) ? Math.abs(got[i]) <= 1 : Number.isNaN(got[i]), `${v}`).toBe(true);
        else if (Number.isFinite(wanted))
          expect(Math.abs(got[i] - wanted), `${fn} ${v}`).toBeLessThanOrEqual(4 * ulp(wanted));
        else expect(got[i], `${fn} ${v}`).toBe(wanted);
      });
    },
  );

  it("powers of extremes", async () => {
    const pairs = [...edges]
      .flatMap((a) => [...edges].map((b) => [Math.fround(a), Math.fround(b)] as const))
      .filter(
        ([a, b]) => !(a === -Infinity && Math.abs(b) === 0.5) && !(a === -Infinity && !Number.isInteger(b)),
      );
    const pad = (values: number[]): Float64Array => Float64Array.from(values);
    const got = await evaluate(
      power(x, y),
      { x: pad(pairs.map(([a]) => a)), y: pad(pairs.map(([, b]) => b)) },
      1,
    );
    pairs.forEach(([a, b], i) => {
      const wanted = Math.fround(a ** b);
      if (Number.isFinite(wanted))
        expect(Math.abs(got[i] - wanted), `${a} ** ${b}`).toBeLessThanOrEqual(4 * ulp(wanted));
      else expect(got[i], `${a} ** ${b}`).toBe(wanted);
    });
  });

  it.each([-20, -3, -1, 0.5, 2, 3, 7, 16, 2.5])("x to the %d", async (exponent) => {
    const values = samples(0.5, 2);
    const e = power(x, { kind: "number", value: exponent });
    expect(await largestError(e, { x: values, y: values })).toBeLessThan(4.5);
  });
});
