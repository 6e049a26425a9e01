/** Rows shared out between threads: the same bytes, rows that settle and leave included. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Program } from "../../src/program/program";
import { makeMixing, SLOTS } from "../../src/engines/mixing";
import { makeSettling } from "../../src/engines/settling";
import { RUNAWAY } from "../../src/engines/engine";
import { createReference } from "../../src/engines/reference";
import { SimdExecutable } from "../../src/engines/simd/executable";
import { FORMAT, JOBS, makeLane, MEMORY_BYTES } from "../../src/engines/simd/lane";
import { makeMarch } from "../../src/engines/simd/march";
import { Lanes } from "../../src/engines/simd/lanes";
import { EngineMemory } from "../../src/engines/simd/memory";
import { add, call, multiply, number, symbol } from "../../src/equations/expression";
import { values } from "../conformance/recipe";

const [rows, width, tail] = [22, 200, 10];
const FEATURES = { shared: true, fused: false };

/**
 * Two layers that drive each other, u = tanh(v w + s) / 2 and v = tanh(u w'), with a softmax of the second
 * besides.
 */
const program = (groups = 1): Program => ({
  rows,
  groups,
  buffers: { u: width, v: tail, du: width, dv: tail, s: width, p: tail },
  weights: { w: { pre: tail, post: width }, back: { pre: width, post: tail } },
  vectors: {},
  rowValues: ["gain"],
  scalars: [],
  prelude: [],
  step: [
    { op: "project", out: "du", plus: "s", terms: [{ from: "v", weights: "w" }] },
    { op: "project", out: "dv", terms: [{ from: "u", weights: "back" }] },
    {
      op: "map",
      out: "u",
      expression: multiply(number(0.5), call("tanh", symbol("d"))),
      sources: { d: { from: "buffer", name: "du" } },
    },
    {
      op: "map",
      out: "v",
      expression: call("tanh", multiply(symbol("g"), symbol("d"))),
      sources: { d: { from: "buffer", name: "dv" }, g: { from: "row", name: "gain" } },
    },
    { op: "normalise", out: { re: "p" }, from: { re: "v" } },
  ],
  state: ["u", "v"],
  outputs: ["u", "v", "p"],
  watched: ["u", "v"],
});

/** Rows need different numbers of steps: the loop's gain differs from row to row. */
function fill(
  exe: {
    write(name: string, v: ArrayLike<number>): void;
    setWeights(name: string, v: ArrayLike<number>): void;
    setRowValues(name: string, v: ArrayLike<number>): void;
  },
  groups = 1,
): void {
  exe.write("s", values(1, "s", rows * width));
  exe.write("u", new Float64Array(rows * width));
  exe.write("v", new Float64Array(rows * tail));
  exe.setWeights(
    "w",
    values(1, "w", groups * tail * width).map((x) => x / 2),
  );
  exe.setWeights(
    "back",
    values(1, "back", groups * width * tail).map((x) => x / 10),
  );
  exe.setRowValues(
    "gain",
    Float64Array.from({ length: rows }, (_, r) => 0.1 + ((r * 5) % rows) / rows),
  );
}

/** An engine's parts with so many threads, all of them awake. */
async function awake(threads: number): Promise<{ memory: EngineMemory; lanes: Lanes }> {
  const memory = new EngineMemory();
  const lanes = new Lanes(memory, threads);
  const exe = new SimdExecutable(program(), memory, lanes, FEATURES);
  fill(exe);
  if (threads > 1)
    for (const end = Date.now() + 60_000; !lanes.ready && Date.now() < end;) await exe.run(50, 0);
  exe.dispose();
  expect(lanes.ready).toBe(threads > 1);
  return { memory, lanes };
}

describe("lanes", () => {
  it("change no byte of a run or of a settling", async () => {
    const found: unknown[] = [];
    for (const threads of [1, 2, 5]) {
      const { memory, lanes } = await awake(threads);
      const all: unknown[] = [];
      for (const groups of [1, 2, 11]) {
        const exe = new SimdExecutable(program(groups), memory, lanes, FEATURES);
        fill(exe, groups);
        all.push((await exe.run(200, 0)).residual, await exe.read("u"), await exe.read("p"));
        for (const mixing of [null, "anderson", "nesterov"] as const) {
          fill(exe, groups);
          const rows = Array.from({ length: exe.program.rows }, (_, row) => row);
          for (const relative of [undefined, rows.map((row) => row % 2)]) {
            fill(exe, groups);
            all.push(
              await exe.settle({
                steps: 400,
                tolerance: 1e-5,
                mixing,
                scales: rows.map((row) => 1 / (1 + (row % 3))),
                least: rows.map((row) => row % 5),
                relative,
              }),
              await exe.read("u"),
              await exe.read("v"),
            );
          }
        }
        exe.dispose();
      }
      lanes.dispose();
      found.push(all);
    }
    expect(found[1]).toEqual(found[0]);
    expect(found[2]).toEqual(found[0]);
  });

  it("look again for memory that grew while they started", () => {
    const grown = new SharedArrayBuffer(200);
    let seen = new SharedArrayBuffer(100);
    const memory = {
      get buffer() {
        return seen as unknown as ArrayBuffer;
      },
      grow: () => {
        seen = grown;
        return 0;
      },
    };
    const host = {
      Module: Object,
      Instance: class {
        exports = {};
      },
    };
    const lane = makeLane(
      memory,
      host as never,
      makeMixing,
      makeSettling(SLOTS, RUNAWAY),
      SLOTS,
      makeMarch(memory as never, 0, 1),
      FORMAT,
      () => false,
    );
    const job = Float64Array.of(JOBS.load, 0, 1, 0, 150, 50, ...new Float64Array(MEMORY_BYTES - 6), 200);
    expect(() => lane.perform(job, 1)).not.toThrow();
    expect(seen).toBe(grown);
  });

  it("take each row once, in pieces that differ little at the end", () => {
    const taken: [number, number][] = [];
    const memory = { buffer: new SharedArrayBuffer(300) as unknown as ArrayBuffer, grow: () => 0 };
    const host = {
      Module: Object,
      Instance: class {
        exports = { prelude: (from: number, to: number) => void taken.push([from, to]) };
      },
    };
    const lane = makeLane(
      memory,
      host as never,
      makeMixing,
      makeSettling(SLOTS, RUNAWAY),
      SLOTS,
      makeMarch(memory as never, 0, 1),
      FORMAT,
      () => false,
    );
    lane.perform([JOBS.load, 0, 1, 0, 0, 8], 0);
    for (const lanes of [1, 2, 3, 16])
      for (const rows of [1, 2, 3, 5, 20, 50, 64, 301, 10_000]) {
        taken.length = 0;
        const pieces = lane.pieces(JOBS.prelude, rows, Math.min(rows, lanes));
        for (let piece = 0; piece < pieces; piece++)
          lane.perform([JOBS.prelude, 0, Math.min(rows, lanes), rows], piece);
        expect(taken.map(([from]) => from)).toEqual([0, ...taken.slice(0, -1).map(([, to]) => to)]);
        expect(taken.at(-1)?.[1]).toBe(rows);
        expect(pieces).toBeLessThan(255);
        const sizes = taken.map(([from, to]) => to - from);
        // Large ones first, down to the last round.
        for (const [k, size] of sizes.slice(1).entries())
          expect(size).toBeLessThanOrEqual(Math.max(sizes[k] + 1, 24));
        expect(Math.min(...sizes)).toBeGreaterThan(0);
        if (lanes > 1) expect(sizes[0]).toBeLessThanOrEqual(Math.ceil(rows / Math.min(rows, lanes)));
      }
  });

  it("share draws: the same bytes, those of each block of rows alone", async () => {
    const noisy = (count: number): Program => ({
      rows: count,
      groups: 1,
      buffers: { u: 33 },
      weights: {},
      vectors: {},
      rowValues: [],
      scalars: [],
      prelude: [],
      step: [
        {
          op: "map",
          out: "u",
          expression: add(multiply(number(0.5), symbol("u")), symbol("xi")),
          sources: { u: { from: "buffer", name: "u" }, xi: { from: "noise", stream: 3 } },
        },
      ],
      state: ["u"],
      outputs: ["u"],
      watched: ["u"],
    });
    const draw = async (
      memory: EngineMemory,
      lanes: Lanes,
      count: number,
      seeds: readonly number[],
    ): Promise<number[]> => {
      const exe = new SimdExecutable(noisy(count), memory, lanes, FEATURES);
      exe.setSeed(...seeds);
      await exe.run(70, 5);
      const found = [...(await exe.read("u"))];
      exe.dispose();
      return found;
    };
    const seeds = [7, 2 ** 40 + 1, 2 ** 40 + 1, 9];
    const found: number[][] = [];
    for (const threads of [1, 2, 5]) {
      const { memory, lanes } = await awake(threads);
      found.push(await draw(memory, lanes, 20, seeds));
      if (threads === 1)
        for (const [k, seed] of seeds.entries())
          expect(found[0].slice(k * 5 * 33, (k + 1) * 5 * 33)).toEqual(await draw(memory, lanes, 5, [seed]));
      lanes.dispose();
    }
    expect(found[1]).toEqual(found[0]);
    expect(found[2]).toEqual(found[0]);
  });

  it("let settled rows leave: each ends where it would end alone, and stands still there", async () => {
    const { memory, lanes } = await awake(2);
    for (const mixing of [null, "anderson"] as const) {
      const exe = new SimdExecutable(program(), memory, lanes, FEATURES);
      fill(exe);
      const { steps, residual } = await exe.settle({ steps: 400, tolerance: 1e-6, mixing });
      expect(new Set(steps).size).toBeGreaterThan(3);
      expect(Math.max(...steps)).toBeLessThan(mixing ? 60 : 400);
      expect(Math.max(...residual)).toBeLessThanOrEqual(1e-6);
      const judge = createReference().compile(program());
      fill(judge);
      await judge.run(400, 0);
      const [exact, near] = [await judge.read("u"), await exe.read("u")];
      exact.forEach((x, i) => expect(Math.abs(x - near[i])).toBeLessThan(1e-5));
      // Inputs and row values are where they were: one more step moves nothing.
      expect(Math.max(...(await exe.run(1, 0)).residual)).toBeLessThanOrEqual(1e-6);
      exe.dispose();
    }
    lanes.dispose();
  });

  it("stop at the most steps, and give up on rows that are lost", async () => {
    const { memory, lanes } = await awake(1);
    const grows: Program = {
      rows: 3,
      groups: 1,
      buffers: { u: 5 },
      weights: {},
      vectors: {},
      rowValues: ["gain"],
      scalars: [],
      prelude: [],
      step: [
        {
          op: "map",
          out: "u",
          expression: add(number(1), multiply(symbol("u"), symbol("g"))),
          sources: { u: { from: "buffer", name: "u" }, g: { from: "row", name: "gain" } },
        },
      ],
      state: ["u"],
      outputs: ["u"],
      watched: ["u"],
    };
    const exe = new SimdExecutable(grows, memory, lanes, FEATURES);
    exe.setRowValues("gain", [0.5, 1e20, 1]);
    const { steps, residual } = await exe.settle({ steps: 100, tolerance: 1e-3, mixing: null });
    expect([...steps]).toEqual([11, 2, 100]);
    expect(residual[0]).toBeLessThanOrEqual(1e-3);
    expect(residual[1]).toBeGreaterThan(1e19);
    expect(residual[2]).toBe(1);
    // A past that held what is not finite does not spoil the next settling.
    const mixed = async (): Promise<Float64Array> =>
      (await exe.settle({ steps: 100, tolerance: 1e-3, mixing: "anderson" })).residual;
    await mixed();
    exe.write("u", new Float64Array(15));
    exe.setRowValues("gain", [0.5, -0.5, 0.2]);
    expect(Math.max(...(await mixed()))).toBeLessThanOrEqual(1e-3);
  });

  it("give memory back", async () => {
    const { memory, lanes } = await awake(1);
    const addresses = Array.from({ length: 3 }, () => {
      const exe = new SimdExecutable(program(), memory, lanes, FEATURES);
      exe.dispose();
      return memory.memory.buffer.byteLength;
    });
    expect(new Set(addresses).size).toBe(1);
    const [a, b, c] = [memory.reserve(100), memory.reserve(200), memory.reserve(300)];
    memory.floats(b, 2).fill(7);
    memory.release(a, 100);
    memory.release(c, 300);
    memory.release(b, 200);
    expect(memory.reserve(600)).toBe(a);
    expect([...memory.floats(b, 2)]).toEqual([0, 0]);
  });

  it("let a process end that forgets them", () => {
    const fixture = join(__dirname, "fixtures", "leave-simd.ts");
    const { status, stdout, error } = spawnSync(process.execPath, ["-r", "ts-node/register", fixture], {
      encoding: "utf8",
      timeout: 60_000,
    });
    expect({ status, stdout, error }).toEqual({ status: 0, stdout: "2 threads", error: undefined });
  });
});
