/** Zeros of what a program is given are left out of its sums, which come to the same bits. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSimdEngine } from "../../src/engines/simd";
import { listedOf } from "../../src/engines/simd/zeros";
import { add, multiply, symbol } from "../../src/equations/expression";
import type { Program } from "../../src/program/program";
import { uniform } from "../../src/random";
import { LONG } from "../long";

interface Shape {
  readonly rows: number;
  readonly groups: number;
  readonly pre: number;
  readonly post: number;
  /** Whether the update is so long that its tiles are one input high. */
  readonly long: boolean;
}

/**
 * s = x w + x v + x2 b, and w += x d; with what is given as it is, or as a copy, which hides that it is given.
 */
function program({ rows, groups, pre, post, long }: Shape, hidden: boolean): Program {
  const [x, y] = hidden ? ["copy", "copy2"] : ["x", "y"];
  const copy = (out: string, from: string) =>
    ({ op: "map", out, expression: symbol("a"), sources: { a: { from: "buffer", name: from } } }) as const;
  const long_ = (k: number) => ({
    out: { local: `l${k}` },
    expression: multiply(symbol("a"), add(symbol("a"), symbol("a"))),
    sources: { a: { from: "sum" } } as const,
  });
  return {
    rows,
    groups,
    buffers: { x: pre, y: 3, d: post, s: post, copy: pre, copy2: 3 },
    weights: { w: { pre, post }, v: { pre, post }, b: { pre: 3, post } },
    vectors: {},
    rowValues: [],
    scalars: [],
    prelude: [
      ...(hidden ? [copy("copy", "x"), copy("copy2", "y")] : []),
      {
        op: "project",
        out: "s",
        terms: [
          { from: x, weights: "w" },
          { from: y, weights: "b" },
          { from: x, weights: "v" },
        ],
      },
    ],
    step: [],
    state: ["d"],
    outputs: ["s"],
    watched: [],
    ...(groups === 1 && {
      adjust: [
        {
          pre,
          post,
          products: [{ pre: x, post: "d" }],
          maps: [
            ...Array.from({ length: long ? 20 : 0 }, (_, k) => long_(k)),
            {
              out: { weights: "w" },
              expression: add(symbol("w"), symbol("t")),
              sources: { w: { from: "weights", name: "w" }, t: { from: "sum" } },
            },
          ],
        },
      ],
    }),
  };
}

describe("zeros", () => {
  it.runIf(LONG)("change no bit of sums or updates, however many there are", async () => {
    const engines = [1, 2].map((threads) => createSimdEngine("simd", { threads }));
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          rows: fc.integer({ min: 1, max: 11 }),
          groups: fc.constantFrom(1, 1, 2),
          pre: fc.integer({ min: 64, max: 90 }),
          post: fc.integer({ min: 128, max: 170 }),
          long: fc.boolean(),
        }),
        fc.constantFrom(0, 0.05, 0.2, 0.5, 0.9, 1),
        fc.integer({ min: 0, max: 1e6 }),
        async (of, share, seed) => {
          const shape = { ...of, rows: of.rows * of.groups };
          const draw = (length: number, stream: number, filled = 1): Float64Array =>
            Float64Array.from({ length }, (_, i) =>
              uniform(seed, stream, 1, i) < filled ? uniform(seed, stream, 0, i) - 0.4 : 0,
            );
          const found = [];
          for (const engine of engines)
            for (const hidden of [false, true]) {
              const exe = engine.compile(program(shape, hidden));
              const { rows, groups, pre, post } = shape;
              exe.write("x", draw(rows * pre, 1, share));
              exe.write("y", draw(rows * 3, 2));
              exe.write("d", draw(rows * post, 3));
              exe.setWeights("w", draw(groups * pre * post, 4));
              exe.setWeights("v", draw(groups * pre * post, 5));
              exe.setWeights("b", draw(groups * 3 * post, 6));
              await exe.prepare();
              await exe.adjust?.();
              // Once more, with other zeros.
              exe.write("x", draw(rows * pre, 7, share));
              await exe.prepare();
              await exe.adjust?.();
              found.push([await exe.read("s"), exe.readWeights?.("w")]);
              exe.dispose();
            }
          for (const other of found) expect(other).toEqual(found[0]);
        },
      ),
      { numRuns: 12 },
    );
    for (const engine of engines) engine.dispose();
  });

  it("are looked for in what is given and nowhere else", () => {
    const shape = { rows: 4, groups: 1, pre: 64, post: 128, long: false };
    expect(listedOf(program(shape, false)).map(({ buffer, height }) => [buffer, height])).toEqual([
      ["x", null],
      ["x", null],
      ["x", 4],
    ]);
    expect(listedOf(program({ ...shape, long: true }, false)).at(-1)?.height).toBe(1);
    expect(listedOf(program(shape, true))).toEqual([]);
    // Of small arrays none.
    expect(listedOf(program({ ...shape, pre: 63 }, false))).toEqual([]);
  });
});
