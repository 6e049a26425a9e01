/** Noise in the simd engine: the host's draws, to the last bit of a float32. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { createSimdEngine } from "../../src/engines/simd";
import { symbol } from "../../src/equations/expression";
import { fillPhaseNormals } from "../../src/random";

it("draws what the host draws, whatever the seed, the phase, the stream, the step and the size", async () => {
  const engine = createSimdEngine("simd", { threads: 1 });
  await fc.assert(
    fc.asyncProperty(
      fc.maxSafeNat(),
      fc.maxSafeNat(),
      fc.integer({ min: 0, max: 2 ** 11 - 1 }),
      fc.integer({ min: 0, max: 2 ** 32 - 200 }),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 33 }),
      async (seed, phase, stream, first, rows, width) => {
        const exe = engine.compile({
          rows,
          groups: 1,
          buffers: { u: width },
          weights: {},
          vectors: {},
          rowValues: [],
          scalars: [],
          prelude: [],
          step: [{ op: "map", out: "u", expression: symbol("n"), sources: { n: { from: "noise", stream } } }],
          state: ["u"],
          outputs: ["u"],
          watched: [],
        });
        exe.setSeed({ seed, phase });
        for (const steps of [1, 3, 70]) {
          await exe.run(steps, first);
          const expected = new Float32Array(rows * width);
          fillPhaseNormals(expected, { seed, phase }, stream, first + steps - 1);
          expect(Float32Array.from(await exe.read("u"))).toEqual(expected);
        }
        exe.dispose();
      },
    ),
    { numRuns: 60, seed: 1 },
  );
  engine.dispose();
});
