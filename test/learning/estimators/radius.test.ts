/** The radius of convergence, from an estimate's own terms: where it is known, and where its circle ends. */
import { describe, expect, it } from "vitest";
import { layered } from "../../../circuits";
import { ideal, shiftedSigmoid } from "../../../devices";
import {
  centred,
  createEngine,
  estimateErrors,
  exactAnswers,
  exactNudge,
  holomorphic,
  oneSided,
  radiusOf,
  Simulator,
  vectorFieldRule,
  type Circuit,
  type Estimator,
} from "../../../src/index";
import { errorWarnings } from "../../../src/learning/warnings";

const LENGTHS = { freeSteps: 4000, nudgedSteps: 4000, tolerance: 1e-14 };
const BATCH = { samples: 1, inputs: Float64Array.of(0.3, 0.8), targets: Float64Array.of(1, 0) };
const CONTEXT = { round: 0, seed: 1 };

/** A linear output of its own: u = I - beta (u - y), so that u(beta) has its one pole at beta = -1. */
const linear = layered([2, 2], {
  neuron: shiftedSigmoid({ rho: "linear" }),
  synapse: ideal(),
  cost: { kind: "squared-error", argument: "activity" },
});
const bent = layered([2, 3, 2], {
  neuron: shiftedSigmoid(),
  synapse: ideal(),
  initial: { distribution: "lecun", scale: 0.8 },
});

async function on(circuit: Circuit) {
  const chip = circuit.fabricate({ seed: 2 });
  const simulator = new Simulator(chip, await createEngine("reference"));
  return { chip, simulator, by: (estimator: Estimator) => estimator.estimate(simulator, BATCH, CONTEXT) };
}

describe("the radius of convergence", () => {
  it("is that of a pole, whatever the points and the amplitude", async () => {
    const { by } = await on(linear);
    for (const amplitude of [0.05, 0.3, 0.6]) {
      for (const points of [3, 4, 5, 6]) {
        const estimate = await by(holomorphic({ points, amplitude, ...LENGTHS }));
        // Terms that are too far on fold back: |beta|^N of the first.
        expect(radiusOf(estimate)).toBeGreaterThan(1 - 1.2 * amplitude ** (points - 1));
        expect(radiusOf(estimate)).toBeLessThan(1 + 1.2 * amplitude ** (points - 1));
      }
      expect(radiusOf(await by(centred({ amplitude, ...LENGTHS })))).toBeCloseTo(1, 6);
    }
  });
  it("is the same with mirrored points as with all of them, and printed", async () => {
    const { simulator, by } = await on(bent);
    const estimator = holomorphic({ points: 6, amplitude: 0.1, ...LENGTHS });
    const estimate = await by(estimator);
    Object.defineProperty(simulator, "noisy", { value: true });
    const whole = await by({
      ...holomorphic({ points: 6, amplitude: 0.1, freeSteps: 400, nudgedSteps: 400 }),
    });
    expect(radiusOf(estimate)).toBeCloseTo(radiusOf(whole) ?? 0, 6);
    expect(String(estimate)).toMatch(/radius of convergence [\d.]+, of which the nudge is [\d.e-]+/);
  });
  it("tells where more points no longer help", async () => {
    const { chip, by } = await on(bent);
    const error = async (points: number, amplitude: number): Promise<number> => {
      const { free, dActivity } = await by(holomorphic({ points, amplitude, ...LENGTHS }));
      const exact = exactAnswers(chip, 1, BATCH.inputs, free.states, BATCH.targets).dActivity.output;
      const size = (x: Float64Array): number => Math.hypot(...x);
      return size(dActivity.output.map((v, i) => v - exact[i])) / size(exact);
    };
    const radius = radiusOf(await by(holomorphic({ points: 8, amplitude: 0.1, ...LENGTHS }))) ?? 0;
    expect(await error(16, 0.5 * radius)).toBeLessThan(0.2 * (await error(4, 0.5 * radius)));
    expect(await error(16, 1.6 * radius)).toBeGreaterThan(0.05);
  });
  it("is none of one point, and an error of no nudge", async () => {
    const { by } = await on(bent);
    expect(radiusOf(await by(oneSided({ amplitude: 0.1, ...LENGTHS })))).toBeNull();
    const { freeSteps, tolerance } = LENGTHS;
    const exact = await by(exactNudge({ freeSteps, tolerance }));
    expect(() => radiusOf(exact)).toThrow("LEARN-NUDGELESS");
    expect(String(exact)).not.toContain("radius");
  });
  it("is warned of from .7 of it on", async () => {
    const { simulator } = await on(linear);
    const codes = async (amplitude: number): Promise<string[]> => {
      const estimator = holomorphic({ points: 6, amplitude, ...LENGTHS });
      const [error] = (await estimateErrors(simulator, estimator, vectorFieldRule, BATCH, CONTEXT)) ?? [];
      expect(Math.abs(error.output.reach - amplitude)).toBeLessThan(0.1 * amplitude);
      return errorWarnings(error, estimator).map(({ code }) => code);
    };
    expect(await codes(0.6)).toEqual([]);
    expect(await codes(0.8)).toEqual(["LEARN-RADIUS"]);
  });
});
