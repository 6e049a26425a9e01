/** What the kernels of GPU.js look up of connections: as long as their blocks, and bounded. */
import { describe, expect, it } from "vitest";
import { Wirings } from "../../src/engines/gpu/wiring";
import { createEngine } from "../../src/engines/select";
import type { Connections } from "../../src/program/connections";
import type { Program } from "../../src/program/program";
import { caught } from "./caught";

type Place = readonly [pre: number, post: number, at: number];

const connections = (
  pre: number,
  post: number,
  block: Connections["block"],
  places: readonly Place[],
): Connections => ({
  pre,
  post,
  block,
  pres: Int32Array.from(places, ([from]) => from),
  posts: Int32Array.from(places, ([, to]) => to),
  at: Int32Array.from(places, ([, , at]) => at),
});

const programOf = (
  through: Connections,
  array: { readonly pre: number; readonly post: number },
  rows = 1,
): Program => ({
  rows,
  groups: 1,
  buffers: { u: through.pre, v: through.post },
  weights: { w: array },
  vectors: {},
  rowValues: [],
  scalars: [],
  prelude: [],
  step: [{ op: "project", out: "v", terms: [{ from: "u", weights: "w", through }] }],
  state: ["u"],
  outputs: ["v"],
  watched: [],
});

/** Blocks that overlap by all but a unit have no tiles in common: each of their 4096 units is one. */
function overlapping(blocks: number): Program {
  const wide = 4096;
  const places = Array.from({ length: blocks }, (_, k): Place => [0, k < blocks / 2 ? 0 : 1, 0]);
  return programOf(connections(1, wide + 1, { pre: 1, post: wide }, places), { pre: 1, post: wide });
}

describe("connections of kernels", () => {
  it("list what reaches a tile in the order of the blocks, runs of a block after one another", () => {
    const through = connections(8, 6, { pre: 4, post: 3 }, [
      [4, 0, 12],
      [0, 0, 0],
      [2, 3, 3],
    ]);
    const program = programOf(through, { pre: 8, post: 6 });
    const [term] = program.step.flatMap((o) => (o.op === "project" ? o.terms : []));
    const wirings = new Wirings(program, 2);
    const { width, tiles, run, places, tables } = wirings.of(term) as NonNullable<ReturnType<Wirings["of"]>>;
    const [starts, table] = ["starts", "table"].map((name) => tables.constants[name].values);
    expect({ width, tiles, run, places }).toEqual({ width: 3, tiles: 2, run: 2, places: 6 });
    expect([...starts]).toEqual([0, 4, 6]);
    expect([0, 1, 2].map((plane) => [...table.subarray(plane * places, (plane + 1) * places)])).toEqual([
      [4, 6, 0, 2, 2, 4],
      [2, 4, 0, 2, 0, 2],
      [0, 0, 0, 0, 3, 3],
    ]);
    expect(wirings.of(term)).toBe(wirings.of({ ...term }));
  });

  it.each(["gpu:cpu", "gpu:webasm"])(
    "of a unit that sees all beside many that see one, on %s",
    async (name) => {
      const [pre, post] = [3000, 2000];
      const places = [
        ...Array.from({ length: pre }, (_, i): Place => [i, 0, i]),
        ...Array.from({ length: post - 1 }, (_, j): Place => [j, j + 1, pre + j]),
      ];
      const engine = await createEngine(name);
      const exe = engine.compile(
        programOf(connections(pre, post, { pre: 1, post: 1 }, places), { pre: 5000, post: 1 }, 2),
      );
      exe.setWeights("w", new Float64Array(5000).fill(1));
      exe.write(
        "u",
        Float64Array.from({ length: 2 * pre }, (_, i) => i % 5),
      );
      await exe.run(1, 0);
      const found = await exe.read("v");
      for (const row of [0, 1]) {
        expect(found[row * post]).toBe(2 * pre);
        for (let j = 1; j < post; j++) expect(found[row * post + j]).toBe((row * pre + j - 1) % 5);
      }
      engine.dispose();
    },
  );

  it.each(["gpu:cpu", "gpu:webasm"])(
    "at more places than %s counts to are refused before they are made",
    async (name) => {
      const engine = await createEngine(name);
      const program = overlapping(4200);
      expect(caught(() => engine.compile(program))).toMatchObject({
        code: "ENGINE-MEMORY",
        fact: expect.stringMatching(/^connections are looked up at 17203200 places/) as string,
      });
      engine.dispose();
    },
  );

  it.each(["gpu:cpu", "gpu:webasm"])("take of the memory that %s has", async (name) => {
    const engine = await createEngine(name);
    const constrained = process.constrainedMemory;
    process.constrainedMemory = () => 2 ** 28;
    try {
      expect(caught(() => engine.compile(overlapping(2000)))).toMatchObject({
        code: "ENGINE-MEMORY",
        fact: expect.stringMatching(/are wanted/) as string,
      });
      expect(caught(() => engine.compile(overlapping(200)))).toBeUndefined();
    } finally {
      process.constrainedMemory = constrained;
      engine.dispose();
    }
  });
});
