/**
 * One free and one nudged phase with real nudges: one-sided (Scellier 2018), random sign (Scellier and Bengio
 * 2017), and the centred pair, whose two nudged phases settle side by side. Bias of order beta for the first
 * two (the random sign averages it away), beta squared for the pair.
 */
import { uniform, streamOf } from "../../random";
import type { EstimateContext, Estimator, PointPlan } from "./estimator";
import { fewerOf } from "./circle";
import { seriesOf } from "./radius";
import { differencesOf, pointEstimator, readNudging, type NudgingOptions } from "./points";

/** (u(beta) - u(0)) / beta. The amplitude may be negative: a nudge away from the target. */
export function oneSided(options: NudgingOptions): Estimator {
  return realEstimator({
    name: "one-sided",
    options,
    order: 1,
    plan: ({ amplitude }) => fromFree(amplitude),
    again: oneSided,
  });
}

/** One-sided with the sign of beta drawn for every batch. */
export function randomSign(options: NudgingOptions): Estimator {
  const sign = ({ seed, round }: EstimateContext): 1 | -1 =>
    uniform(seed, streamOf("sign of beta"), 0, round) < 0.5 ? 1 : -1;
  return realEstimator({
    name: "random-sign",
    options,
    order: 1,
    plan: ({ amplitude }, context) => fromFree(sign(context) * amplitude),
    again: randomSign,
  });
}

/** (u(beta) - u(-beta)) / (2 beta). */
export function centred(options: NudgingOptions): Estimator {
  return realEstimator({
    name: "centred",
    options,
    order: 2,
    plan: ({ amplitude }) => pair(amplitude),
    again: centred,
  });
}

function pair(amplitude: number): PointPlan {
  const nudges = [
    { re: amplitude, im: 0 },
    { re: -amplitude, im: 0 },
  ];
  return {
    nudges,
    derivative: { points: nudges.map(({ re }) => ({ re: 1 / (2 * re), im: 0 })), free: 0 },
    fewer: fewerOf(nudges),
    series: seriesOf(nudges),
    midpoint: { points: [0.5, 0.5], free: 0 },
  };
}

const fromFree = (beta: number): PointPlan => ({
  nudges: [{ re: beta, im: 0 }],
  derivative: { points: [{ re: 1 / beta, im: 0 }], free: -1 / beta },
  fewer: null,
  midpoint: { points: [0.5], free: 0.5 },
});

interface RealEstimator {
  readonly name: string;
  readonly options: NudgingOptions;
  readonly order: number;
  readonly plan: (options: NudgingOptions, context: EstimateContext) => PointPlan;
  readonly again: (options: NudgingOptions) => Estimator;
}

function realEstimator({ name, options, order, plan, again }: RealEstimator): Estimator {
  const read = readNudging(name, options);
  const { freeSteps, freeTime, nudgedSteps, nudgedTime, tolerance, average, amplitude } = read;
  const exact = differencesOf(read);
  const lengths = { freeSteps, freeTime, nudgedSteps, nudgedTime, tolerance, average };
  return pointEstimator({
    name,
    settings: { amplitude, ...lengths, ...exact },
    lengths,
    amplitude,
    complex: false,
    order,
    plan: (context) => ({ ...plan(options, context), ...(exact.differences && { exact: true }) }),
    again: (changed) => again({ ...changed, ...exact }),
  });
}
