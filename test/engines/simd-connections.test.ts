/** Connections in the simd engine: tables and not code grow with them, and lanes change no byte. */
import { describe, expect, it } from "vitest";
import { convolution } from "../../bench/convolution";
import { Tables } from "../../src/engines/simd/connections";
import { SimdExecutable } from "../../src/engines/simd/executable";
import { Lanes } from "../../src/engines/simd/lanes";
import { layOut } from "../../src/engines/simd/layout";
import { EngineMemory } from "../../src/engines/simd/memory";
import { moduleOf } from "../../src/engines/simd/program-module";
import { workOf } from "../../src/engines/simd/work";
import { call, multiply, number, symbol } from "../../src/equations/expression";
import type { Connections } from "../../src/program/connections";
import type { Program } from "../../src/program/program";
import { values } from "../conformance/recipe";

const FEATURES = { shared: true, fused: false };

/** Single synapses, the k-th from unit 7 k to k. */
const pairs = (count: number): Connections => ({
  pre: count,
  post: count,
  block: { pre: 1, post: 1 },
  pres: Int32Array.from({ length: count }, (_, k) => (7 * k) % count),
  posts: Int32Array.from({ length: count }, (_, k) => k),
  at: Int32Array.from({ length: count }, (_, k) => k),
});

const program = (through: Connections, array: { pre: number; post: number }, rows: number): Program => ({
  rows,
  groups: 1,
  buffers: { u: through.pre, v: through.post, du: through.pre, dv: through.post },
  weights: { w: array },
  vectors: {},
  rowValues: [],
  scalars: [],
  prelude: [],
  step: [
    { op: "project", out: "dv", terms: [{ from: "u", weights: "w", through }] },
    { op: "project", out: "du", plus: "u", terms: [{ from: "v", weights: "w", through, backwards: true }] },
    ...(["u", "v"] as const).map((name) => ({
      op: "map" as const,
      out: name,
      expression: multiply(number(0.5), call("tanh", symbol("d"))),
      sources: { d: { from: "buffer" as const, name: `d${name}` } },
    })),
  ],
  adjust: [
    {
      ...array,
      products: [{ pre: "u", post: "v", through }],
      maps: [
        {
          out: { weights: "w" },
          expression: multiply(number(0.01), symbol("s")),
          sources: { s: { from: "sum" } },
        },
      ],
    },
  ],
  state: ["u", "v"],
  outputs: ["u", "v"],
  watched: ["u", "v"],
});

describe("connections", () => {
  it("grow tables, and no code", () => {
    const sizes = [500, 5000].map((count) => {
      const given = program(pairs(count), { pre: count, post: 1 }, 3);
      const layout = layOut(given, new EngineMemory(), {});
      return { code: moduleOf(given, layout, FEATURES).length, table: Tables.of(given).length / count };
    });
    expect(Math.abs(sizes[1].code - sizes[0].code)).toBeLessThan(200);
    expect(sizes[1].table).toBeCloseTo(sizes[0].table, 0);
  });

  it("of all positions of a convolution are one class a panel, kernel rows one run", () => {
    const through = convolution({ size: 28, channels: 3, kernel: 5, filters: 16, stride: 2, offset: [1, 0] });
    const given = program(through, { pre: 75, post: 16 }, 1);
    const [kind, ...others] = Tables.of(given).kinds(through, { pre: 75, post: 16 }, "forwards");
    expect([kind.units, (kind.end - kind.begin) / 16, others]).toEqual([8, 2, []]);
  });

  it("are shared out by rows", () => {
    const through = convolution({ size: 20, channels: 32, kernel: 5, filters: 64 });
    const work = workOf(program(through, { pre: 800, post: 64 }, 4));
    expect(work.step.marches(4)).toBe(false);
    // 4 rows of 256 positions, 25 x 32 x 64 synapses each, in two directions, and what maps cost.
    expect([work.step.shares(1), work.adjust.shares(1)]).toEqual([108, 52]);
  });

  it("change no byte with the number of lanes", async () => {
    const through = convolution({ size: 9, channels: 5, kernel: 3, filters: 19 });
    const given = program(through, { pre: 45, post: 19 }, 11);
    const found: unknown[] = [];
    for (const threads of [1, 2, 3]) {
      const memory = new EngineMemory();
      const lanes = new Lanes(memory, threads);
      const exe = new SimdExecutable(given, memory, lanes, FEATURES);
      const fill = (): void => {
        exe.setWeights(
          "w",
          values(1, "w", 45 * 19).map((w) => w / 20),
        );
        for (const name of ["u", "v"] as const) exe.write(name, values(1, name, 11 * given.buffers[name]));
      };
      fill();
      if (threads > 1)
        for (const end = Date.now() + 60_000; !lanes.ready && Date.now() < end;) await exe.run(20, 0);
      expect(lanes.ready).toBe(threads > 1);
      fill();
      const all: unknown[] = [(await exe.run(30, 0)).residual, await exe.read("u"), await exe.read("v")];
      fill();
      all.push(await exe.settle({ steps: 60, tolerance: 1e-6, mixing: "nesterov" }), await exe.read("u"));
      await exe.adjust();
      all.push(exe.readWeights("w"));
      exe.dispose();
      lanes.dispose();
      found.push(all);
    }
    expect(found[1]).toEqual(found[0]);
    expect(found[2]).toEqual(found[0]);
  });
});
