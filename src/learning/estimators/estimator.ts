/**
 * What an estimator is: it runs phases of a chip on a batch and returns the derivative of the fixed point with respect to
 * the nudge, of the state and of the activity. It sees what a controller sees: states and activities, no Jacobian.
 */
import type { Simulator } from "../../dynamics/simulator";
import type { Complex } from "../../dynamics/types";
import type { Batch, Estimate } from "../types";

export interface PhaseLengths {
  /** Steps of the free phase. */
  readonly freeSteps: number;
  /** Steps of each nudged phase. */
  readonly nudgedSteps: number;
  /** Ends a phase early once every row's residual is below. Default: run all steps. */
  readonly tolerance?: number;
  /** Averages the last so many steps of each phase. Default 0: reads the last. */
  readonly average?: number;
}

export interface EstimateContext {
  /** Keys noise and random signs: number of the batch since the start. */
  readonly round: number;
  readonly seed: number;
}

/** What an estimator makes of a free phase and of phases at some nudges, as numbers. */
export interface PointPlan {
  readonly nudges: readonly Complex[];
  /** d_beta x is the real part of sum_k points_k x(beta_k), plus free * x(0). */
  readonly derivative: { readonly points: readonly Complex[]; readonly free: number };
  /** The middle of the two real phases whose difference that is: sum_k points_k x(beta_k) + free * x(0). Null where it is the free point. */
  readonly midpoint: { readonly points: readonly number[]; readonly free: number } | null;
}

export interface Estimator {
  readonly name: string;
  /** For run.json: everything that defines it. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Whether it needs a holomorphic circuit. */
  readonly complex: boolean;
  /** How its free phase runs; also how a trained chip is read. */
  readonly free: Pick<PhaseLengths, "freeSteps" | "tolerance" | "average">;
  readonly nudgedSteps: number;
  /** For estimators of one free phase and one of nudges side by side: what they make of them. */
  plan?(context: EstimateContext): PointPlan;
  estimate(simulator: Simulator, batch: Batch, context: EstimateContext): Promise<Estimate>;
}

/** Batches between two looks at whether the points that shortcuts lead to are stable: a look takes as long as a few batches. */
const LOOK_EVERY = 500;

/** Whether the phases of a batch are looked at. */
export const looksAt = ({ round }: EstimateContext): boolean => round % LOOK_EVERY === 0;
