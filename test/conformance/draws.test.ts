/** Philox in a kernel, with nothing but float32: its words are those of src/random to the bit, its normals to 1e-6. */
import { GPU, Input } from "gpu.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nonideal } from "../../circuits";
import type { Engine } from "../../src/engines/engine";
import { createGpuEngine } from "../../src/engines/gpu";
import type { Backend } from "../../src/engines/gpu/backends";
import { drawKernel, limbKernel, limbsOf, sizeOfWords, wordsOf } from "../../src/engines/gpu/draws";
import type { KernelText } from "../../src/engines/gpu/kernels";
import { Simulator } from "../../src/index";
import { fillPhaseNormals, phaseWords } from "../../src/random";
import { philox } from "../../src/random/philox";
import { contestants } from "./compare";

/** Small and large seeds and phases, streams and steps. */
const KEYS = [
  { seed: 0, phase: 0 },
  { seed: 2 ** 53 - 1, phase: 2 ** 53 - 1 },
  { seed: 0xffffffff, phase: 0x7fffff },
  { seed: 12345678901234, phase: 77 },
] as const;
const STREAM = 2047;
const [WIDTH, EACH] = [36, 3];
const ROWS = EACH * KEYS.length;

describe("draws in kernels", async () => {
  const backends = (await contestants()).filter((name) => name.startsWith("gpu:"));

  describe.each(backends)("on %s", (name) => {
    const backend = name.slice("gpu:".length) as Backend;
    let gpu: GPU;
    let host: Engine;
    beforeAll(async () => {
      // While it lives GPU.js finds what it needs.
      host = await createGpuEngine(name, backend, {}, { draws: "host" });
      gpu = new GPU({ mode: backend as never });
    });
    afterAll(async () => {
      await gpu.destroy();
      host.dispose();
    });

    /** What a kernel computes at some step, [rows * width]. */
    function made({ source, output }: KernelText): (firstStep: number, step: number) => Promise<number[]> {
      const kernel = gpu.createKernel(source as never, { output: [...output], precision: "single" });
      return async (firstStep, step) => {
        const words = new Input(wordsOf(KEYS, STREAM, firstStep) as never, sizeOfWords(KEYS.length) as never);
        const rows = (await kernel(words as never, [step] as never)) as unknown as Float32Array[];
        return rows.flatMap((row) => [...row]);
      };
    }

    it("are the words of Philox, every bit", async () => {
      const kernels = ([0, 1, 2] as const).map((limb) => made(limbKernel(WIDTH, ROWS, KEYS.length, limb)));
      for (const [first, more] of [
        [0, 0],
        [2047, 1],
        [2 ** 22 - 1, 1],
        [2 ** 32 - 64, 63],
      ]) {
        const limbs: number[][] = [];
        for (const kernel of kernels) limbs.push(await kernel(first, more));
        const words = new Uint32Array(4);
        const expected = KEYS.flatMap((key) => {
          const [c1, c3, k0, k1] = phaseWords(key, STREAM);
          return Array.from({ length: WIDTH * EACH }, (_, i) => {
            philox(words, Math.floor(i / 4), c1, (first + more) | 0, c3, k0, k1);
            return limbsOf(words[i % 4]);
          });
        });
        expect(limbs[0].map((_, i) => limbs.map((of) => of[i]))).toEqual(expected);
      }
    });

    it("are the normals of the host", async () => {
      const found = await made(drawKernel(WIDTH, ROWS, KEYS.length))(1000, 5);
      const drawn = KEYS.flatMap((key) => {
        const out = new Float32Array(WIDTH * EACH);
        fillPhaseNormals(out, key, STREAM, 1005);
        return [...out];
      });
      expect(Math.max(...found.map((x, i) => Math.abs(x - drawn[i])))).toBeLessThan(1e-6);
    });

    it("move a chip as those of the host do, and less goes up", async () => {
      const chip = nonideal({ sizes: [6, 8, 3] }).fabricate({ seed: 3 });
      const ran = async (engine: Engine): Promise<{ up: number; states: number[] }> => {
        const simulator = new Simulator(chip, engine, { dt: 1e-6, seed: 7 });
        const inputs = new Float64Array(12).fill(0.5);
        const { states } = await simulator.phase({ samples: 2, inputs, steps: 30 });
        simulator.dispose();
        const { bytesUp } = engine.crossings as NonNullable<Engine["crossings"]>;
        return { up: bytesUp, states: Object.values(states).flatMap(({ re }) => [...re]) };
      };
      const drawing = await createGpuEngine(name, backend, {}, { draws: "kernel" });
      const [wanted, found] = [await ran(host), await ran(drawing)];
      drawing.dispose();
      const size = Math.max(...wanted.states.map(Math.abs));
      const apart = Math.max(...wanted.states.map((u, i) => Math.abs(u - found.states[i])));
      expect(apart).toBeLessThan(1e-5 * size);
      // Eleven units of two samples, thirty times; of both populations what tells their keys.
      expect(wanted.up - found.up).toBe(4 * (30 * 2 * 11 - 2 * sizeOfWords(1)[0]));
    });
  });
});
