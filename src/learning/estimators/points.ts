/**
 * Estimators that settle once free and once at a set of nudges side by side, and weigh what they find: each is the data of
 * its plan, so that the weighing can be done on the host or where the states are.
 */
import { planesOfChip } from "../../dynamics/by-chip";
import type { Simulator } from "../../dynamics/simulator";
import type { Complex, Plane, Planes } from "../../dynamics/types";
import { check, optionsOf, type OptionTable } from "../../options";
import { readBatch, type Batch, type Estimate } from "../types";
import { checkAmplitude } from "./check";
import { aliasingOf, block, combine } from "./contrast";
import { PHASES } from "../phases";
import { looksAt, type EstimateContext, type Estimator, type PhaseLengths, type PointPlan } from "./estimator";

export interface AmplitudeOptions extends PhaseLengths {
  /** Teaching amplitude |beta|, in multiples of the unit drive. */
  readonly amplitude: number;
}

/** What each of its keys takes; the amplitude has a code of its own. */
export const AMPLITUDE = {
  needs: { amplitude: check.numeric, freeSteps: check.whole(1), nudgedSteps: check.whole(1) },
  takes: { tolerance: check.positive, average: check.whole() },
} as const satisfies OptionTable<AmplitudeOptions>;

/** @param where name of the estimator @throws OhmletError OPTION-… */
export const readAmplitude = (where: string, options: AmplitudeOptions): AmplitudeOptions => optionsOf<AmplitudeOptions>(where, AMPLITUDE)(options);

export interface PointOptions {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly lengths: PhaseLengths;
  readonly amplitude: number;
  readonly complex: boolean;
  readonly plan: (context: EstimateContext) => PointPlan;
}

export function pointEstimator({ name, settings, lengths, amplitude, complex, plan }: PointOptions): Estimator {
  checkAmplitude(name, amplitude);
  const { freeSteps, nudgedSteps, tolerance, average } = lengths;
  return {
    name,
    settings,
    complex,
    free: { freeSteps, tolerance, average },
    nudgedSteps,
    plan,
    async estimate(simulator: Simulator, batch: Batch, context: EstimateContext): Promise<Estimate> {
      const { samples, inputs, targets, start } = readBatch(batch);
      const { nudges, derivative, midpoint } = plan(context);
      const phase = context.round * PHASES;
      const check = looksAt(context);
      const free = await simulator.phase({ samples, inputs, from: start, steps: freeSteps, tolerance, average, check, phase });
      const nudged = await simulator.phase({ samples, inputs, targets, nudges, from: free.states, steps: nudgedSteps, tolerance, average, check, phase: phase + 1 });
      const names = Object.keys(free.states);
      const weighted = (of: "states" | "activities", points: readonly Complex[], rest: number) => combine(
        [...points.map((coefficient, k) => ({ coefficient, planes: block(nudged[of], k, nudges.length) })), { coefficient: { re: rest, im: 0 }, planes: free[of] }].filter(({ coefficient: { re, im } }) => re !== 0 || im !== 0),
        names,
      );
      const { chips } = simulator;
      const blocks = nudges.map((_, k) => block(nudged.activities, k, nudges.length));
      return {
        free: { states: free.states, activities: free.activities },
        dState: weighted("states", derivative.points, derivative.free),
        dActivity: weighted("activities", derivative.points, derivative.free),
        ...(midpoint !== null && { midpoint: { ...free.activities, ...real(weighted("activities", midpoint.points.map((re) => ({ re, im: 0 })), midpoint.free)) } }),
        aliasing: nudges.length > 1 ? aliasingOf(blocks, free.activities, names) : null,
        ...(nudges.length > 1 && chips.length > 1 && { aliasingByChip: chips.map((_, c) => aliasingOf(blocks.map((b) => planesOfChip(b, c, chips.length)), planesOfChip(free.activities, c, chips.length), names)) }),
        outcomes: [free.outcome, nudged.outcome],
        nudges,
      };
    },
  };
}

function real(arrays: Readonly<Record<string, Float64Array>>): Planes {
  return Object.fromEntries(Object.entries(arrays).map(([name, re]): [string, Plane] => [name, { re }]));
}
