/**
 * One free and one nudged phase with real nudges: one-sided (Scellier 2018), random sign (Scellier and Bengio 2017), and
 * the centred pair, whose two nudged phases settle side by side. Bias of order beta for the first two (the random sign
 * averages it away), beta squared for the pair.
 */
import { uniform, streamOf } from "../../random";
import type { Simulator } from "../../dynamics/simulator";
import type { Batch, Estimate } from "../types";
import { aliasingOf, block, combine } from "./contrast";
import { PHASES, type EstimateContext, type Estimator, type PhaseLengths } from "./estimator";
import { checkAmplitude } from "./check";

export interface AmplitudeOptions extends PhaseLengths {
  /** Teaching amplitude |beta|, in multiples of the unit drive. */
  readonly amplitude: number;
}

/** (u(beta) - u(0)) / beta. The amplitude may be negative: a nudge away from the target. */
export function oneSided(options: AmplitudeOptions): Estimator {
  return realEstimator("one-sided", options, () => [options.amplitude]);
}

/** One-sided with the sign of beta drawn for every batch. */
export function randomSign(options: AmplitudeOptions): Estimator {
  return realEstimator("random-sign", options, ({ seed, round }) => [uniform(seed, streamOf("sign of beta"), round, 0) < 0.5 ? options.amplitude : -options.amplitude]);
}

/** (u(beta) - u(-beta)) / (2 beta). */
export function centred(options: AmplitudeOptions): Estimator {
  return realEstimator("centred", options, () => [options.amplitude, -options.amplitude]);
}

function realEstimator(name: string, options: AmplitudeOptions, nudgesOf: (context: EstimateContext) => readonly number[]): Estimator {
  checkAmplitude(name, options.amplitude);
  const { freeSteps, nudgedSteps, tolerance, average, amplitude } = options;
  const nudgedPhases = name === "centred" ? 2 : 1;
  return {
    name,
    settings: { amplitude, freeSteps, nudgedSteps, tolerance, average },
    complex: false,
    stepsPerBatch: freeSteps + nudgedPhases * nudgedSteps,
    free: { freeSteps, tolerance, average },
    nudgedSteps,
    async estimate(simulator: Simulator, batch: Batch, context: EstimateContext): Promise<Estimate> {
      const { samples, inputs, targets } = batch;
      const phase = context.round * PHASES;
      const free = await simulator.phase({ samples, inputs, steps: freeSteps, tolerance, average, phase });
      const strengths = nudgesOf(context);
      const nudges = strengths.map((re) => ({ re, im: 0 }));
      const nudged = await simulator.phase({ samples, inputs, targets, nudges, from: free.states, steps: nudgedSteps, tolerance, average, phase: phase + 1 });
      const blocks = strengths.map((_, k) => ({ states: block(nudged.states, k, strengths.length), activities: block(nudged.activities, k, strengths.length) }));
      const terms = strengths.length === 2
        ? blocks.map((b, k) => ({ coefficient: 1 / (2 * strengths[k]), ...b }))
        : [{ coefficient: 1 / strengths[0], ...blocks[0] }, { coefficient: -1 / strengths[0], states: free.states, activities: free.activities }];
      const names = Object.keys(free.states);
      const real = (of: "states" | "activities") => terms.map((t) => ({ coefficient: { re: t.coefficient, im: 0 }, planes: t[of] }));
      return {
        free: { states: free.states, activities: free.activities },
        dState: combine(real("states"), names),
        dActivity: combine(real("activities"), names),
        contrast: terms.map(({ coefficient, activities }) => ({ coefficient, activities })),
        aliasing: strengths.length === 2 ? aliasingOf(blocks.map((b) => b.activities), free.activities, names) : null,
        outcomes: [free.outcome, nudged.outcome],
        nudges,
      };
    },
  };
}
