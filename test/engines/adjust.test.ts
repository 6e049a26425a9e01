/** Weights that are shared and adjusted in the engine, held against sums in float64. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Program } from "../../src/program/program";
import { createSimdEngine } from "../../src/engines/simd";
import { add, call, multiply, subtract, symbol } from "../../src/equations/expression";
import { values } from "../conformance/recipe";

const scalar = { from: "scalar", name: "rate" } as const;
const EMPTY = { groups: 1, vectors: {}, rowValues: [], prelude: [], watched: [], outputs: [] };

/** w += rate * (x y + x y), with momentum v, and a transposed copy of 2 w. */
const program = (rows: number, pre: number, post: number): Program => ({
  ...EMPTY,
  rows,
  buffers: { x: pre, y: post },
  weights: { w: { pre, post }, v: { pre, post }, back: { pre: post, post: pre } },
  scalars: ["rate"],
  step: [],
  state: ["x", "y"],
  adjust: [
    {
      pre,
      post,
      products: [
        { pre: "x", post: "y" },
        { pre: "x", post: "y" },
      ],
      maps: [
        {
          out: { weights: "v" },
          expression: add(multiply({ kind: "number", value: 0.5 }, symbol("v")), symbol("s")),
          sources: { v: { from: "weights", name: "v" }, s: { from: "sum" } },
        },
        {
          out: { local: "new" },
          expression: add(symbol("w"), multiply(symbol("r"), symbol("v"))),
          sources: { w: { from: "weights", name: "w" }, v: { from: "weights", name: "v" }, r: scalar },
        },
        { out: { weights: "w" }, expression: symbol("n"), sources: { n: { from: "local", name: "new" } } },
        {
          out: { weights: "back", transposed: true },
          expression: add(symbol("n"), symbol("n")),
          sources: { n: { from: "local", name: "new" } },
        },
      ],
    },
  ],
});

describe("adjust", () => {
  it("makes local updates of every shape, with what they remember and a transposed copy", async () => {
    const engine = createSimdEngine("simd", { threads: 2 });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 21 }),
        fc.integer({ min: 1, max: 21 }),
        async (rows, pre, post) => {
          const exe = engine.compile(program(rows, pre, post));
          const [x, y, w, v] = [
            values(1, "x", rows * pre),
            values(2, "y", rows * post),
            values(3, "w", pre * post),
            values(4, "v", pre * post),
          ];
          exe.write("x", x);
          exe.write("y", y);
          exe.setWeights("w", w);
          exe.setWeights("v", v);
          exe.setScalar("rate", 0.25);
          await exe.adjust?.();
          const [now, moved, back] = ["w", "v", "back"].map(
            (name) => exe.readWeights?.(name) as Float64Array,
          );
          for (let i = 0; i < pre; i++) {
            for (let j = 0; j < post; j++) {
              let sum = 0;
              for (let r = 0; r < rows; r++) sum += 2 * x[r * pre + i] * y[r * post + j];
              const velocity = 0.5 * v[i * post + j] + sum;
              expect(moved[i * post + j]).toBeCloseTo(velocity, 4);
              expect(now[i * post + j]).toBeCloseTo(w[i * post + j] + 0.25 * velocity, 4);
              expect(back[j * pre + i]).toBe(2 * now[i * post + j]);
            }
          }
          exe.dispose();
        },
      ),
      { numRuns: 60, seed: 3 },
    );
    engine.dispose();
  });

  it("changes the weights of who borrowed them, and hands rows over", async () => {
    const engine = createSimdEngine();
    const lender = engine.compile(program(4, 3, 5));
    const borrower = engine.compile(
      {
        ...EMPTY,
        rows: 2,
        buffers: { x: 3, d: 5 },
        weights: { w: { pre: 3, post: 5 } },
        scalars: [],
        step: [{ op: "project", out: "d", terms: [{ from: "x", weights: "w" }] }],
        state: ["x"],
        outputs: ["d"],
      },
      lender,
    );
    lender.write("x", values(1, "x", 12));
    lender.write("y", values(1, "y", 20));
    lender.setWeights("w", new Float64Array(15).fill(1));
    borrower.take?.("x", lender, "x", 2);
    expect(await borrower.read("x")).toEqual((await lender.read("x")).subarray(6));
    const before = await (await borrower.run(1, 0), borrower.read("d"));
    lender.setScalar("rate", 1);
    await lender.adjust?.();
    await borrower.run(1, 0);
    expect(await borrower.read("d")).not.toEqual(before);
    // Two rows fill four.
    lender.take?.("x", borrower, "x");
    const [x, given] = [await lender.read("x"), await borrower.read("x")];
    expect([...x]).toEqual([...given, ...given]);
    expect(() => borrower.take?.("x", lender, "y")).toThrow("cannot take");
    engine.dispose();
  });

  it.each([
    [
      "a transposed copy of a wrong shape",
      { weights: { w: { pre: 3, post: 5 }, v: { pre: 3, post: 5 }, back: { pre: 3, post: 5 } } },
      /no weights "back" of 5 x 3/,
    ],
    ["buffers of other widths", { buffers: { x: 4, y: 5 } }, /are not 3 and 5 wide/],
    ["groups", { groups: 2 }, /groups cannot be adjusted/],
    ["a scalar that is not there", { scalars: [] }, /unknown scalar "rate"/],
  ])("refuses %s", (_, change, message) => {
    expect(() => createSimdEngine().compile({ ...program(4, 3, 5), ...change } as Program)).toThrow(message);
  });

  it("computes functions in maps one input high", async () => {
    const engine = createSimdEngine();
    const long = Array.from({ length: 40 }).reduce<ReturnType<typeof symbol>>(
      (e) => subtract(add(e, symbol("w")), symbol("w")),
      symbol("w"),
    );
    const exe = engine.compile({
      ...program(1, 5, 9),
      adjust: [
        {
          pre: 5,
          post: 9,
          products: [],
          maps: [
            {
              out: { weights: "back", transposed: true },
              expression: call("tanh", long),
              sources: { w: { from: "weights", name: "w" } },
            },
          ],
        },
      ],
    });
    const w = values(1, "w", 45).map((x) => Math.round(x * 64) / 64);
    exe.setWeights("w", w);
    await exe.adjust?.();
    const back = exe.readWeights?.("back") as Float64Array;
    w.forEach((x, k) => expect(back[(k % 9) * 5 + Math.floor(k / 9)]).toBeCloseTo(Math.tanh(x), 6));
    engine.dispose();
  });
});
