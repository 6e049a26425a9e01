/**
 * One free and one nudged phase with real nudges: one-sided (Scellier 2018), random sign (Scellier and Bengio 2017), and
 * the centred pair, whose two nudged phases settle side by side. Bias of order beta for the first two (the random sign
 * averages it away), beta squared for the pair.
 */
import { uniform, streamOf } from "../../random";
import type { EstimateContext, Estimator, PointPlan } from "./estimator";
import { pointEstimator, readAmplitude, type AmplitudeOptions } from "./points";

/** (u(beta) - u(0)) / beta. The amplitude may be negative: a nudge away from the target. */
export function oneSided(options: AmplitudeOptions): Estimator {
  return realEstimator("one-sided", options, () => fromFree(options.amplitude));
}

/** One-sided with the sign of beta drawn for every batch. */
export function randomSign(options: AmplitudeOptions): Estimator {
  const sign = ({ seed, round }: EstimateContext): 1 | -1 => (uniform(seed, streamOf("sign of beta"), 0, round) < 0.5 ? 1 : -1);
  return realEstimator("random-sign", options, (context) => fromFree(sign(context) * options.amplitude));
}

/** (u(beta) - u(-beta)) / (2 beta). */
export function centred(options: AmplitudeOptions): Estimator {
  const { amplitude } = options;
  return realEstimator("centred", options, () => ({
    nudges: [{ re: amplitude, im: 0 }, { re: -amplitude, im: 0 }],
    derivative: { points: [{ re: 1 / (2 * amplitude), im: 0 }, { re: -1 / (2 * amplitude), im: 0 }], free: 0 },
    midpoint: { points: [0.5, 0.5], free: 0 },
  }));
}

const fromFree = (beta: number): PointPlan => ({
  nudges: [{ re: beta, im: 0 }],
  derivative: { points: [{ re: 1 / beta, im: 0 }], free: -1 / beta },
  midpoint: { points: [0.5], free: 0.5 },
});

function realEstimator(name: string, options: AmplitudeOptions, plan: (context: EstimateContext) => PointPlan): Estimator {
  const { freeSteps, nudgedSteps, tolerance, average, amplitude } = readAmplitude(name, options);
  return pointEstimator({ name, settings: { amplitude, freeSteps, nudgedSteps, tolerance, average }, lengths: options, amplitude, complex: false, plan });
}
