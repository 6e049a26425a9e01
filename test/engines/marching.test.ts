/** Few rows of wide layers: lanes share every operation, and change no byte. */
import { describe, expect, it } from "vitest";
import { LONG } from "../long";
import type { Operation, Program } from "../../src/program/program";
import { SimdExecutable } from "../../src/engines/simd/executable";
import { Lanes } from "../../src/engines/simd/lanes";
import { EngineMemory } from "../../src/engines/simd/memory";
import { workOf } from "../../src/engines/simd/work";
import { call, multiply, number, symbol } from "../../src/equations/expression";
import { values } from "../conformance/recipe";

const [wide, other] = [900, 701];
const FEATURES = { shared: true, fused: false };

/**
 * Two wide layers that drive each other, with a softmax of one of them, a judge of its own, and noise where
 * it is asked for.
 */
const program = (rows: number, noisy: boolean): Program => {
  const step: readonly Operation[] = [
    { op: "project", out: "du", plus: "s", terms: [{ from: "v", weights: "w" }] },
    { op: "project", out: "dv", terms: [{ from: "u", weights: "back" }] },
    {
      op: "map",
      out: "u",
      expression: multiply(number(0.5), call("tanh", symbol("d"))),
      sources: { d: { from: "buffer", name: "du" } },
    },
    noisy
      ? {
          op: "map",
          out: "v",
          expression: call("tanh", multiply(symbol("xi"), symbol("d"))),
          sources: { d: { from: "buffer", name: "dv" }, xi: { from: "noise", stream: 3 } },
        }
      : {
          op: "map",
          out: "v",
          expression: call("tanh", multiply(symbol("g"), symbol("d"))),
          sources: { d: { from: "buffer", name: "dv" }, g: { from: "row", name: "gain" } },
        },
    { op: "normalise", out: { re: "p" }, from: { re: "v" } },
  ];
  return {
    rows,
    groups: 1,
    buffers: { u: wide, v: other, du: wide, dv: other, s: wide, p: other },
    weights: { w: { pre: other, post: wide }, back: { pre: wide, post: other } },
    vectors: {},
    rowValues: ["gain"],
    scalars: [],
    prelude: [],
    step,
    ...(!noisy && { judge: [1, 0, 3, 2, 4].map((k) => step[k]) }),
    state: ["u", "v"],
    outputs: ["u", "v", "p"],
    watched: ["u", "v"],
  };
};

function fill(exe: SimdExecutable, rows: number): void {
  exe.write("s", values(1, "s", rows * wide));
  exe.write("u", values(2, "u", rows * wide));
  exe.write("v", values(3, "v", rows * other));
  exe.setWeights(
    "w",
    values(1, "w", other * wide).map((x) => x / 20),
  );
  exe.setWeights(
    "back",
    values(1, "back", wide * other).map((x) => x / 20),
  );
  exe.setRowValues(
    "gain",
    Float64Array.from({ length: rows }, (_, r) => 0.2 + r / 20),
  );
  exe.setSeed(5);
}

describe("lanes that march", () => {
  it("do so where there are few rows of much work, and one group", () => {
    const part = (of: Program) => workOf(of).step;
    expect(part(program(3, false)).marches(2)).toBe(true);
    expect(part(program(3, false)).marches(1)).toBe(false);
    expect(part(program(5, false)).marches(2)).toBe(false);
    expect(part({ ...program(2, false), groups: 2 }).marches(2)).toBe(false);
  });

  it.each(LONG ? [1, 4] : [])("give the bytes of one lane, %i rows", async (rows) => {
    const found: unknown[] = [];
    for (const threads of LONG ? [1, 2, 3] : [1, 2]) {
      const memory = new EngineMemory();
      const lanes = new Lanes(memory, threads);
      const exe = new SimdExecutable(program(rows, false), memory, lanes, FEATURES);
      expect(workOf(program(rows, false)).step.marches(threads)).toBe(threads > 1);
      fill(exe, rows);
      if (threads > 1)
        for (const end = Date.now() + 60_000; !lanes.ready && Date.now() < end;) await exe.run(20, 0);
      expect(lanes.ready).toBe(threads > 1);
      const all: unknown[] = [];
      fill(exe, rows);
      all.push((await exe.run(11, 0)).residual, await exe.read("u"), await exe.read("p"));
      for (const mixing of [null, "anderson", "nesterov"] as const) {
        fill(exe, rows);
        const each = Array.from({ length: rows }, (_, row) => row);
        all.push(
          await exe.settle({
            steps: 60,
            tolerance: 1e-5,
            mixing,
            least: each,
            relative: each.map((row) => row % 2),
          }),
          await exe.read("u"),
          await exe.read("v"),
        );
      }
      const noisy = new SimdExecutable(program(rows, true), memory, lanes, FEATURES);
      fill(noisy, rows);
      all.push((await noisy.run(70, 0)).residual, await noisy.read("v"));
      lanes.dispose();
      found.push(all);
    }
    for (const other of found.slice(1)) expect(other).toEqual(found[0]);
  });
});
