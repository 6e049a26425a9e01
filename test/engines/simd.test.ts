/** What is the simd engine's own: tiles of every shape, and the limits of its memory. */
import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engines/engine";
import type { Program } from "../../src/program/program";
import { createReference } from "../../src/engines/reference";
import { createSimdEngine } from "../../src/engines/simd";
import { caught } from "./caught";

const EMPTY: Program = {
  rows: 1,
  groups: 1,
  buffers: {},
  weights: {},
  vectors: {},
  rowValues: [],
  scalars: [],
  prelude: [],
  step: [],
  state: [],
  outputs: [],
  watched: [],
};

/** y = plus + x w + x w, in whole numbers, which float32 holds exactly. */
async function project(
  engine: Engine,
  rows: number,
  groups: number,
  pre: number,
  post: number,
): Promise<Float64Array> {
  const exe = engine.compile({
    ...EMPTY,
    rows,
    groups,
    buffers: { x: pre, y: post, plus: post },
    weights: { w: { pre, post }, v: { pre, post } },
    state: ["x", "plus"],
    outputs: ["y"],
    step: [
      {
        op: "project",
        out: "y",
        plus: "plus",
        terms: [
          { from: "x", weights: "w" },
          { from: "x", weights: "v" },
        ],
      },
    ],
  });
  const whole = (length: number, factor: number): number[] =>
    Array.from({ length }, (_, i) => ((i * factor) % 17) - 8);
  exe.write("x", whole(rows * pre, 7));
  exe.write("plus", whole(rows * post, 5));
  exe.setWeights("w", whole(groups * pre * post, 11));
  exe.setWeights("v", whole(groups * pre * post, 13));
  await exe.run(1, 0);
  return exe.read("y");
}

describe("the simd engine", () => {
  it("projects through tiles of every height and width", async () => {
    const [simd, judge] = [createSimdEngine(), createReference()];
    for (const [rows, groups] of [
      [1, 1],
      [2, 1],
      [3, 1],
      [4, 1],
      [5, 1],
      [6, 1],
      [11, 1],
      [16, 1],
      [3, 3],
      [8, 4],
      [14, 2],
    ]) {
      for (const [pre, post] of [
        [1, 1],
        [3, 8],
        [4, 9],
        [9, 33],
        [17, 64],
        [2, 79],
      ])
        expect(
          await project(simd, rows, groups, pre, post),
          `${rows} rows of ${groups} groups, ${pre} to ${post}`,
        ).toEqual(await project(judge, rows, groups, pre, post));
    }
  });

  it("refuses what it cannot address", () => {
    expect(
      caught(() =>
        createSimdEngine().compile({
          ...EMPTY,
          rows: 2 ** 20,
          buffers: { u: 2 ** 11 },
          state: ["u"],
          outputs: ["u"],
        }),
      ),
    ).toMatchObject({ code: "ENGINE-MEMORY", place: { where: "simd" } });
  });

  it("runs nothing once it is disposed of", async () => {
    const exe = createSimdEngine().compile(EMPTY);
    exe.dispose();
    await expect(exe.run(1, 0)).rejects.toThrow("disposed");
  });
});
