/** What an estimator makes of a batch on a chip, against the true error vector of the same chip without noise. */
import type { Simulator } from "../../dynamics/simulator";
import { OhmletError } from "../../errors";
import type { Estimator } from "../../learning/estimators";
import { radiusOf } from "../../learning/estimators/radius";
import type { Batch, Estimate } from "../../learning/types";

/** Of one layer, or of all; shares of the norm of the true error vector. */
export interface LayerFigures {
  /**
   * Norm of what the mean estimate is off by: what averaging over more estimates would leave. Noise of the mean is
   * taken off; where that is all there is, its standard deviation: the bias is below about as much.
   */
  readonly bias: number;
  /** Whether the bias can be told from the noise of the mean. */
  readonly biasTold: boolean;
  /** Standard deviation of one estimate about its mean; 0 where nothing is drawn. */
  readonly spread: number;
  /** Cosine between the mean estimate and the true error vector; null where either vanishes. */
  readonly cosine: number | null;
}

/** What one estimator came to. */
export interface EstimatorFigures {
  readonly name: string;
  /** Null where the estimator cannot be used on this chip: `refused` tells why. */
  readonly all: LayerFigures | null;
  /** By unclamped population. */
  readonly layers: Readonly<Record<string, LayerFigures>>;
  /** Steps of the chip, for each sample: of all phases and points, one after another. */
  readonly steps: number;
  /** The same as time on the chip, s; null where time has no unit. */
  readonly chipSeconds: number | null;
  /** Processor time of an estimate here, s. */
  readonly seconds: number;
  /** Phases that ran out of steps or did not stay, of all. */
  readonly unsettled: number;
  /** Radius of convergence, where points on a circle tell it. */
  readonly radius: number | null;
  readonly refused?: { readonly code: string; readonly text: string };
}

export interface Yardstick {
  /** The true error vector, by population. */
  readonly truth: Readonly<Record<string, Float64Array>>;
  readonly factor: "dState" | "dActivity";
}

export interface Looking {
  readonly simulator: Simulator;
  readonly batch: Batch;
  readonly yardstick: Yardstick;
  /** Estimates that are made where something is drawn. */
  readonly repeats: number;
  readonly seed: number;
  /** Of the chip's time, s a unit of dt; null where it has none. */
  readonly physical: boolean;
}

/** Rounds that key what is drawn: beyond any training. */
const ROUND = 2 ** 30;

export async function figuresOf(
  name: string,
  make: () => Estimator,
  { simulator, batch, yardstick, repeats, seed, physical }: Looking,
): Promise<EstimatorFigures> {
  const none = {
    name,
    all: null,
    layers: {},
    steps: 0,
    chipSeconds: null,
    seconds: 0,
    unsettled: 0,
    radius: null,
  };
  const estimates: Estimate[] = [];
  let reads = 0;
  const since = process.cpuUsage();
  try {
    const estimator = make();
    const drawn = simulator.noisy || estimator.name === "random-sign" || (estimator.reading?.varies ?? false);
    const draws = drawn ? repeats : 1;
    for (let k = 0; k < draws; k++)
      estimates.push(await estimator.estimate(simulator, batch, { round: ROUND + k, seed }));
    reads = estimator.reading?.seconds(estimates[0].nudges.length) ?? 0;
  } catch (error) {
    if (!(error instanceof OhmletError)) throw error;
    return { ...none, refused: { code: error.code, text: error.message } };
  }
  const { user, system } = process.cpuUsage(since);
  const outcomes = estimates.flatMap((estimate) => estimate.outcomes);
  if (outcomes.some(({ kind }) => kind === "diverged"))
    return { ...none, refused: { code: "DYN-DIVERGED", text: "a phase diverged" } };
  const steps =
    outcomes.reduce((sum, { rowSteps }) => sum + rowSteps, 0) / (estimates.length * batch.samples);
  const { truth, factor } = yardstick;
  const names = Object.keys(truth);
  const found = estimates.map((estimate) => estimate[factor]);
  return {
    name,
    all: layerFigures(names, truth, found),
    layers: Object.fromEntries(names.map((layer) => [layer, layerFigures([layer], truth, found)])),
    steps,
    chipSeconds: physical ? steps * simulator.dt + reads : null,
    seconds: (user + system) / 1e6 / estimates.length,
    unsettled:
      outcomes.filter(({ kind }) => kind === "timedOut" || kind === "unstable").length / outcomes.length,
    radius: estimates[0].nudges.length === 0 ? null : radiusOf(estimates[0]),
  };
}

function layerFigures(
  names: readonly string[],
  truth: Yardstick["truth"],
  found: readonly Readonly<Record<string, Float64Array>>[],
): LayerFigures {
  let [off, size, own, product, noise] = [0, 0, 0, 0, 0];
  for (const name of names)
    truth[name].forEach((t, i) => {
      const values = found.map((estimate) => estimate[name][i]);
      const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
      off += (mean - t) ** 2;
      size += t * t;
      own += mean * mean;
      product += mean * t;
      if (values.length > 1)
        noise += values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
    });
  const share = (square: number): number => (square === 0 ? 0 : Math.sqrt(square / size));
  const ofMean = noise / found.length;
  const biasTold = ofMean === 0 || off > 2 * ofMean;
  return {
    bias: share(biasTold ? off - ofMean : ofMean),
    biasTold,
    spread: share(noise),
    cosine: own === 0 || size === 0 ? null : product / Math.sqrt(own * size),
  };
}
