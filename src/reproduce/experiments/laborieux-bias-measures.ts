/**
 * What is measured of the two sources of bias of Laborieux and Zenke 2023, Fig. 2: over the amplitude of the nudge,
 * over the angle of the feedback, and over the periods of a nudge that steps around its circle.
 */
import { layered } from "../../../circuits";
import { ideal, shiftedSigmoid } from "../../../devices";
import { percent } from "../../display";
import type { Chip, Circuit } from "../../circuit/chip-types";
import type { ByPopulation } from "../../learning/drives";
import { Simulator } from "../../dynamics/simulator";
import { labelledBatches } from "../../learning/batches";
import { continuousBlocks, holomorphic } from "../../learning/estimators";
import { perLayerCosine } from "../../learning/references/cosine";
import { exactAnswers, type ExactAnswers } from "../../learning/references/exact";
import type { Batch, Estimate } from "../../learning/types";
import type { Bench, Finding } from "../experiment";

export interface BiasSettings {
  /** Units of a hidden layer. */
  readonly width: number;
  readonly samples: number;
  readonly amplitudes: readonly number[];
  /** Degrees between feedback and forward weights. */
  readonly angles: readonly number[];
  /** Samples whose cosines are spread out. */
  readonly spread: number;
}

export const POINTS = [1, 2, 4, 6];
export const CHIPS = { symmetric: 0, asymmetric: 90 } as const;
/** The free phase ends when it stands still, to rounding; a nudged one at this share of its shift. */
const STILL = { steps: 5000, tolerance: 1e-15 };
const NUDGED = { freeSteps: 5000, nudgedSteps: 5000, tolerance: 1e-10 };
/** An estimate that its own points tell to be off by more is said to be. */
const ALIASED = 0.1;
/** A round at which training would not look whether points are stable. */
const UNLOOKED = 5;
/** Of the continuous run: appendix D.3. */
const CONTINUOUS = { amplitude: 0.05, points: 4, stepsPerPoint: 60 };
export const PERIODS = 5;
/** Relative errors from which slopes are read: above rounding, below where the next order counts. */
const [LEAST, MOST] = [1e-7, 1e-2];

function chipOf(angle: number, { width }: BiasSettings, seed: number): Chip {
  return layered([784, width, width, 10], {
    neuron: shiftedSigmoid(),
    synapse: ideal(),
    feedback: { angle },
    initial: { distribution: "lecun" },
    cost: { kind: "cross-entropy", argument: "activity", classes: 10, ascend: true },
  }).fabricate({ seed });
}

const batchOf = (circuit: Circuit, size: number, { data, seed }: Bench): Batch => {
  const [batch] = labelledBatches(circuit, data.train, { size, shuffle: { seed, epoch: 0 } });
  return batch;
};

/** A chip at its free fixed point, with what estimates ought to find. */
async function withAnswers<T>(
  chip: Chip,
  samples: number,
  bench: Bench,
  use: (simulator: Simulator, batch: Batch, exact: ExactAnswers) => Promise<T>,
): Promise<T> {
  // The shortest way to the same points.
  const simulator = new Simulator(chip, bench.engine, { order: "alternate", acceleration: "anderson" });
  try {
    const batch = batchOf(chip.circuit, samples, bench);
    const { inputs, targets } = batch;
    const { states } = await simulator.phase({
      samples,
      inputs,
      ...STILL,
    });
    return await use(
      simulator,
      { ...batch, start: states },
      exactAnswers(chip, samples, inputs, states, targets, bench.stop),
    );
  } finally {
    simulator.dispose();
  }
}

/** Cosine with the true error, and distance from the exact derivative, by points and amplitude. */
export function overAmplitudes(angle: number, settings: BiasSettings, bench: Bench): Promise<Finding> {
  const { samples, amplitudes } = settings;
  const chip = chipOf(angle, settings, bench.seed);
  return withAnswers(chip, samples, bench, async (simulator, batch, exact) => {
    const limit = cosineOf(exact.dActivity, exact, chip);
    const curves: Record<string, number[]> = {};
    let unsettled = 0;
    const cautions: string[] = [];
    for (const [k, points] of POINTS.entries()) {
      const [cosines, distances]: number[][] = [[], []];
      for (const [a, amplitude] of amplitudes.entries()) {
        const estimator = holomorphic({ amplitude, points, ...NUDGED });
        const estimate = await estimator.estimate(simulator, batch, { round: UNLOOKED, seed: bench.seed });
        cosines.push(cosineOf(estimate.dActivity, exact, chip));
        distances.push(distance(estimate.dActivity, exact.dActivity));
        const aliasing = estimate.aliasing ?? 0;
        if (aliasing > ALIASED)
          cautions.push(`aliasing ${percent(aliasing)} at |beta| = ${amplitude}, N = ${points}`);
        unsettled = Math.max(unsettled, unsettledIn(estimate, samples));
        bench.tell(
          (k + (a + 1) / amplitudes.length) / POINTS.length,
          `N = ${points}, amplitude ${amplitude}`,
        );
      }
      curves[`cosine N=${points}`] = cosines;
      curves[`distance N=${points}`] = distances;
    }
    const slopes = POINTS.map((points) => [
      `slope N=${points}`,
      slopeOf(amplitudes, curves[`distance N=${points}`]),
    ]);
    return { values: { limit, ...Object.fromEntries(slopes) }, curves, unsettled, cautions };
  });
}

const cosineOf = (estimate: ByPopulation, { delta }: ExactAnswers, { circuit }: Chip): number =>
  perLayerCosine(estimate, delta, circuit).total ?? Number.NaN;

/** Rows that did not stand still to rounding, by far: those that a larger share of their shift moves. */
function unsettledIn({ outcomes, nudges }: Estimate, samples: number): number {
  const nudged = outcomes[1];
  const lost = nudged.kind === "settled" || (nudged.relativeResidual ?? 0) < 1e-6 ? 0 : nudged.rows.length;
  return Math.min(1, lost / (samples * nudges.length));
}

function distance(a: ByPopulation, b: ByPopulation): number {
  let [between, length] = [0, 0];
  for (const [name, values] of Object.entries(b))
    values.forEach((x, i) => {
      between += (a[name][i] - x) ** 2;
      length += x ** 2;
    });
  return Math.sqrt(between / length);
}

/** Slope of a line through the points that tell it, both axes logarithmic; null where there are not two. */
export function slopeOf(x: readonly number[], y: readonly number[]): number | null {
  const points = x.flatMap((one, i) =>
    y[i] > LEAST && y[i] < MOST ? [[Math.log(one), Math.log(y[i])] as const] : [],
  );
  if (points.length < 2) return null;
  // The smallest amplitudes: there the leading order is all there is.
  const few = points.slice(0, 3);
  const mean = (k: 0 | 1): number => few.reduce((sum, point) => sum + point[k], 0) / few.length;
  const [mx, my] = [mean(0), mean(1)];
  return (
    few.reduce((sum, [px, py]) => sum + (px - mx) * (py - my), 0) /
    few.reduce((sum, [px]) => sum + (px - mx) ** 2, 0)
  );
}

/** Cosines of samples, layer by layer, at each angle: the exact derivative, so that the nudge has no part. */
export async function overAngles(settings: BiasSettings, bench: Bench): Promise<Finding> {
  const { angles, spread } = settings;
  const curves: Record<string, number[]> = {};
  const values: Record<string, number> = {};
  for (const [k, angle] of angles.entries()) {
    const chip = chipOf(angle, settings, bench.seed);
    await withAnswers(chip, spread, bench, async (_, __, exact) => {
      for (const { name, size } of chip.circuit.populations) {
        if (exact.delta[name] === undefined) continue;
        const cosines = Array.from({ length: spread }, (___, s) => {
          const part = (of: ByPopulation): Float64Array => of[name].subarray(s * size, (s + 1) * size);
          return plainCosine(part(exact.dActivity), part(exact.delta));
        });
        curves[`${name} at ${angle}`] = cosines;
        values[`${name} at ${angle}`] = cosines.reduce((sum, x) => sum + x / spread, 0);
      }
    });
    bench.tell((k + 1) / angles.length, `${angle} degrees`);
  }
  return { values, curves };
}

function plainCosine(a: Float64Array, b: Float64Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  a.forEach((x, i) => {
    dot += x * b[i];
    aa += x * x;
    bb += b[i] * b[i];
  });
  return dot / Math.sqrt(aa * bb);
}

/** The nudge steps around the circle without a free phase: what period after period makes of both. */
export function overTime(settings: BiasSettings, bench: Bench): Promise<Finding> {
  const chip = chipOf(CHIPS.asymmetric, settings, bench.seed);
  return withAnswers(chip, settings.samples, bench, async (_, settled, exact) => {
    const [free, derivative]: number[][] = [[], []];
    const batch = { ...settled, start: undefined };
    const simulator = new Simulator(chip, bench.engine); // its steps are the time that passes
    for (let periods = 1; periods <= PERIODS; periods++) {
      const found = await continuousBlocks({ ...CONTINUOUS, periods }).estimate(simulator, batch, {
        round: 0,
        seed: bench.seed,
      });
      const activities = Object.fromEntries(
        Object.keys(exact.delta).map((name) => [name, found.free.activities[name].re]),
      );
      const still = Object.fromEntries(
        Object.keys(exact.delta).map((name) => [name, exact.linearisation.activities[name]]),
      );
      free.push(distance(activities, still));
      derivative.push(distance(found.dActivity, exact.dActivity));
      bench.tell(periods / PERIODS, `${periods} of ${PERIODS} periods`);
    }
    simulator.dispose();
    return {
      values: { free: free[PERIODS - 1], derivative: derivative[PERIODS - 1] },
      curves: { free, derivative },
    };
  });
}
