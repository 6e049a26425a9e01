/**
 * The bias of every estimator falls with the nudge as theory says: order beta one-sided, beta^2 centred,
 * beta^N for N points on a circle (Laborieux and Zenke 2023, appendix D.1), within a quarter of the radius of
 * convergence.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { centred, holomorphic, oneSided, type Estimator } from "../../src/index";
import { exactAnswers } from "../../src/learning/references/exact";
import { assumeContracting, holomorphicCircuits, prepare, type Prepared } from "./random-circuits";
import { fewer } from "../long";

const LENGTHS = { freeSteps: 4000, nudgedSteps: 4000, tolerance: 1e-15 };
/**
 * A fixed seed: about one circuit in a thousand has a leading coefficient so small that its slope shows the
 * next order.
 */
const RUNS = { numRuns: fewer(15), seed: 2023 };
const CONTEXT = { round: 0, seed: 1 };

async function errorOf(
  { chip, simulator, batch }: Prepared,
  estimator: Estimator,
): Promise<{ error: number; size: number }> {
  const estimate = await estimator.estimate(simulator, batch, CONTEXT);
  const exact = exactAnswers(chip, batch.samples, batch.inputs, estimate.free.states, batch.targets);
  let [error, size] = [0, 0];
  for (const [name, values] of Object.entries(exact.dActivity)) {
    values.forEach((v, i) => {
      error += (estimate.dActivity[name][i] - v) ** 2;
      size += v ** 2;
    });
  }
  return { error: Math.sqrt(error), size: Math.sqrt(size) };
}

/** Points of the circle on which the Taylor coefficients of rho(u(beta)) are read. */
const POINTS = 16;

/**
 * The radius of convergence as the circuit shows it: Taylor coefficients of rho(u(beta)) by a discrete Cauchy
 * integral, and the smallest (|c_1| / |c_n|)^(1/(n - 1)) over the orders that stand clear of rounding.
 */
async function observedRadius({ simulator, batch }: Prepared): Promise<number> {
  const radius = 0.25;
  const nudges = Array.from({ length: POINTS }, (_, k) => ({
    re: radius * Math.cos((2 * Math.PI * k) / POINTS),
    im: radius * Math.sin((2 * Math.PI * k) / POINTS),
  }));
  const { activities, outcome } = await simulator.phase({ ...batch, nudges, steps: 4000, tolerance: 1e-15 });
  expect(outcome.kind).not.toBe("diverged");
  const coefficient = (order: number): number => {
    let sum = 0;
    for (const [name, plane] of Object.entries(activities)) {
      if (name === "input" || plane.im === undefined) continue;
      const width = plane.re.length / POINTS;
      for (let j = 0; j < width; j++) {
        let [re, im] = [0, 0];
        for (let k = 0; k < POINTS; k++) {
          const angle = (-2 * Math.PI * k * order) / POINTS;
          const [a, b] = [plane.re[k * width + j], plane.im[k * width + j]];
          re += a * Math.cos(angle) - b * Math.sin(angle);
          im += a * Math.sin(angle) + b * Math.cos(angle);
        }
        sum += (re * re + im * im) / POINTS ** 2;
      }
    }
    return Math.sqrt(sum);
  };
  const first = coefficient(1);
  const radii = [3, 4, 5, 6]
    .map((n) => ({ n, c: coefficient(n) }))
    .filter(({ c }) => c > 1e-13)
    .map(({ n, c }) => radius * (first / c) ** (1 / (n - 1)));
  return Math.min(2, ...radii);
}

async function slope(
  prepared: Prepared,
  make: (amplitude: number) => Estimator,
  near: number,
  far: number,
): Promise<number> {
  const a = await errorOf(prepared, make(near));
  const b = await errorOf(prepared, make(far));
  // A bias that rounding hides has fallen as far as it can be seen to fall.
  if (a.error < 1e-8 * a.size) return Infinity;
  return Math.log(b.error / a.error) / Math.log(far / near);
}

describe("the bias of an estimator", () => {
  const check = (
    name: string,
    make: (amplitude: number) => Estimator,
    least: number,
    near: number,
    far: number,
  ): void => {
    it(`falls with an exponent of at least ${least} for ${name}`, async () => {
      await fc.assert(
        fc.asyncProperty(holomorphicCircuits(), async (random) => {
          const prepared = await prepare(random);
          await assumeContracting(prepared);
          const radius = await observedRadius(prepared);
          expect(await slope(prepared, make, radius * near, radius * far)).toBeGreaterThan(least);
          prepared.simulator.dispose();
        }),
        RUNS,
      );
    });
  };
  check("one-sided nudges", (amplitude) => oneSided({ amplitude, ...LENGTHS }), 0.8, 1 / 4096, 1 / 1024);
  check("centred pairs", (amplitude) => centred({ amplitude, ...LENGTHS }), 1.8, 1 / 512, 1 / 256);
  for (const [points, near] of [
    [3, 1 / 128],
    [4, 1 / 64],
    [6, 1 / 12],
  ]) {
    check(
      `${points} points on a circle`,
      (amplitude) => holomorphic({ points, amplitude, ...LENGTHS }),
      points - 0.2,
      near,
      2 * near,
    );
  }

  it("is what the aliasing measure announces: it falls with the same exponent", async () => {
    await fc.assert(
      fc.asyncProperty(holomorphicCircuits(), async (random) => {
        const prepared = await prepare(random);
        await assumeContracting(prepared);
        const radius = await observedRadius(prepared);
        const aliasing = async (amplitude: number): Promise<number> =>
          (
            await holomorphic({ points: 4, amplitude, ...LENGTHS }).estimate(
              prepared.simulator,
              prepared.batch,
              CONTEXT,
            )
          ).aliasing as number;
        const measured = Math.log2((await aliasing(radius / 16)) / (await aliasing(radius / 32)));
        expect(measured).toBeGreaterThan(3.7);
      }),
      { ...RUNS, numRuns: fewer(8) },
    );
  });
});
