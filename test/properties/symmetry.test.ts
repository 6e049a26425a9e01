/**
 * Estimates and true errors: equal where the Jacobian is symmetric, apart by Eq. 11 of Laborieux and Zenke
 * where it is not.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { holomorphic } from "../../src/index";
import { perLayerCosine } from "../../src/learning/references/cosine";
import { exactAnswers, predictFromAsymmetry } from "../../src/learning/references/exact";
import { assumeContracting, holomorphicCircuits, prepare } from "./random-circuits";

const LENGTHS = { freeSteps: 4000, nudgedSteps: 4000, tolerance: 1e-15 };
const norm = (x: ArrayLike<number>): number => Math.sqrt(Array.from(x).reduce((s, v) => s + v * v, 0));
const minus = (a: ArrayLike<number>, b: ArrayLike<number>): number[] => Array.from(a).map((v, i) => v - b[i]);

describe("d_beta rho(u) and delta", () => {
  it("are equal where the weights are tied and the nudge goes through the activity, exactly and as estimated", async () => {
    await fc.assert(
      fc.asyncProperty(holomorphicCircuits("tied"), async (random) => {
        const prepared = await prepare(random);
        await assumeContracting(prepared);
        const { chip, simulator, batch } = prepared;
        const estimate = await holomorphic({ points: 6, amplitude: 0.002, ...LENGTHS }).estimate(
          simulator,
          batch,
          { round: 0, seed: 1 },
        );
        const exact = exactAnswers(chip, batch.samples, batch.inputs, estimate.free.states, batch.targets);
        for (const [name, delta] of Object.entries(exact.delta)) {
          expect(norm(minus(exact.dActivity[name], delta))).toBeLessThan(1e-12 * (1 + norm(delta)));
          expect(norm(minus(estimate.dActivity[name], delta))).toBeLessThan(1e-6 * (1e-3 + norm(delta)));
        }
      }),
      { numRuns: 15, seed: 11 },
    );
  });

  it("part by -2 S^-1 A delta, to second order, for small asymmetry (Eq. 11); and exactly by Eq. 10", async () => {
    await fc.assert(
      fc.asyncProperty(
        holomorphicCircuits("untied"),
        fc.constantFrom(0.25, 0.5, 1),
        async (random, angle) => {
          const remainder = async (
            degrees: number,
          ): Promise<{ left: number; apart: number; size: number }> => {
            const prepared = await prepare({ ...random, feedback: { angle: degrees } });
            await assumeContracting(prepared);
            const { chip, simulator, batch } = prepared;
            const free = await simulator.phase({
              samples: batch.samples,
              inputs: batch.inputs,
              steps: 4000,
              tolerance: 1e-15,
            });
            const exact = exactAnswers(chip, batch.samples, batch.inputs, free.states, batch.targets);
            const { delta, exact: eq10, firstOrder, units } = predictFromAsymmetry(exact, 0, "dActivity");
            const measured = Float64Array.from(units, (unit) => {
              const p = chip.circuit.populations.find(
                (q) => !q.clamped && unit >= q.offset && unit < q.offset + q.size,
              );
              return p === undefined ? Number.NaN : exact.dActivity[p.name][unit - p.offset];
            });
            expect(norm(minus(measured, eq10))).toBeLessThan(1e-10 * norm(delta));
            return {
              left: norm(minus(measured, firstOrder)),
              apart: norm(minus(measured, delta)),
              size: norm(delta),
            };
          };
          const [coarse, fine] = [await remainder(angle), await remainder(angle / 2)];
          // The gap itself falls in proportion to the asymmetry, what Eq. 11 leaves over with its square.
          expect(Math.log2(coarse.apart / fine.apart)).toBeGreaterThan(0.8);
          // What rounding hides has fallen as far as it can be seen to fall.
          if (fine.left > 1e-9 * fine.size) expect(Math.log2(coarse.left / fine.left)).toBeGreaterThan(1.7);
          expect(coarse.left).toBeLessThan(coarse.apart);
        },
      ),
      { numRuns: 12, seed: 12 },
    );
  });

  it("point apart in hidden layers when the feedback is independent: the yardstick is able to fail", async () => {
    const cosines: number[] = [];
    for (let seed = 1; seed <= 8; seed++) {
      const { chip, simulator, batch } = await prepare({
        sizes: [4, 5, 5, 3],
        seed,
        scale: 0.7,
        feedback: "untied",
        neuron: "map",
        cost: "squared-error",
        ascend: false,
      });
      const free = await simulator.phase({
        samples: batch.samples,
        inputs: batch.inputs,
        steps: 4000,
        tolerance: 1e-15,
      });
      const exact = exactAnswers(chip, batch.samples, batch.inputs, free.states, batch.targets);
      cosines.push(perLayerCosine(exact.dActivity, exact.delta, chip.circuit).layers.l1 as number);
    }
    expect(Math.min(...cosines)).toBeLessThan(0.5);
  });
});
