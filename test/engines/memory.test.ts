/**
 * Memory is counted before it is asked for, on every engine; and where there is none, another engine or a
 * coded error says so.
 */
import { describe, expect, it } from "vitest";
import type { Program } from "../../src/program/program";
import { createEngine } from "../../src/engines/select";
import { nonideal } from "../../circuits";
import { execute } from "../cli/run";
import { caught } from "./caught";

const program = (rows: number, width: number): Program => ({
  rows,
  groups: 1,
  buffers: { u: width },
  weights: {},
  vectors: {},
  rowValues: [],
  scalars: [],
  prelude: [],
  step: [],
  state: ["u"],
  outputs: ["u"],
  watched: [],
});

describe("the memory of an engine", () => {
  it.each(["reference", "simd", "gpu:cpu", "gpu:webasm"])(
    "is bounded on %s before anything is allocated, and no other engine is advised",
    async (name) => {
      const engine = await createEngine(name);
      const before = process.memoryUsage().rss;
      const error = caught(() => engine.compile(program(10_000, 2 ** 18)));
      expect(error).toMatchObject({
        code: "ENGINE-MEMORY",
        fact: expect.stringMatching(/GB are wanted/) as string,
        remedy: expect.not.stringMatching(/reference|simd|gpu/) as string,
      });
      expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 28);
      engine.dispose();
    },
  );

  it("is that of all its programs together, less those that are given back", async () => {
    const engine = await createEngine("reference");
    // A gigabyte of addresses each, which nobody writes to.
    const held = Array.from({ length: 3 }, () => engine.compile(program(2 ** 10, 2 ** 17)));
    const more = (): unknown =>
      caught(() =>
        held.push(engine.compile(program(2 ** 10, 2 ** 17)), engine.compile(program(2 ** 10, 2 ** 17))),
      );
    expect(more()).toMatchObject({ code: "ENGINE-MEMORY" });
    held.splice(0, 2).forEach((exe) => exe.dispose());
    expect(more()).toBeUndefined();
  });
});

describe("a chip", () => {
  it("that would take more than half of the machine is refused before it is drawn", () => {
    const constrained = process.constrainedMemory;
    process.constrainedMemory = () => 2 ** 26;
    try {
      expect(caught(() => nonideal({ sizes: [1000, 10_000, 10] }).fabricate())).toMatchObject({
        code: "CIRCUIT-SIZE",
        fact: expect.stringMatching(/takes \d\.\d GB/) as string,
      });
    } finally {
      process.constrainedMemory = constrained;
    }
    expect(nonideal({ sizes: [10, 10, 10] }).fabricate().circuit.units).toBe(20);
  });
});

/** Under a limit of addresses, WebAssembly gets none. */
const limited = (...words: readonly string[]): ReturnType<typeof execute> =>
  execute("bash", ["-c", `ulimit -v 3000000; exec ${process.execPath} build/main.js ${words.join(" ")}`]);

describe.skipIf(process.platform === "win32")("a process without addresses for WebAssembly", () => {
  it("computes on another engine, and says so", async () => {
    const { code, out, err } = await limited("settle", "toy");
    expect([code, out]).toEqual([0, expect.stringContaining("gpu:cpu")]);
    expect(err).toMatch(/gpu:cpu, since the machine gives this process no memory for WebAssembly/);
  });

  it.each(["simd", "gpu:webasm"])(
    "refuses %s, where it is named, with a code and a remedy",
    async (engine) => {
      const { code, err } = await limited("settle", "toy", "--engine", engine);
      expect([code, err]).toEqual([
        expect.any(Number),
        expect.stringMatching(/^ENGINE-MEMORY {2}(.|\n)*\n {2}\S/),
      ]);
      expect(code).not.toBe(0);
    },
  );
});
