/**
 * What an estimator is: it runs phases of a chip on a batch and returns the derivative of the fixed point
 * with respect to the nudge, of the state and of the activity. It sees what a controller sees: states and
 * activities, no Jacobian.
 */
import { printsItself, settingsInWords, type Describe } from "../../display";
import type { Simulator } from "../../dynamics/simulator";
import type { Complex, Outcome } from "../../dynamics/types";
import type { FreeLength, NudgedLength } from "../lengths";
import type { Take } from "../phases";
import type { Batch, Estimate } from "../types";
import type { Lasting } from "../readout/lasting";
import type { Reading } from "../readout/reading";
import type { SeriesWeights } from "./radius";

/** Of each phase its steps or its time. */
export interface PhaseLengths extends FreeLength, NudgedLength {
  /** Ends a phase early once every row's residual is below. Default: run all steps. */
  readonly tolerance?: number;
  /** Averages the last so many steps of each phase. Default 0: reads the last. */
  readonly average?: number;
}

/** How a free phase runs: its steps or its time, its tolerance, its average. */
export type FreeLengths = Omit<PhaseLengths, keyof NudgedLength>;

/** The same, and what it is read through. Default: states as they are. */
export type FreePhase = FreeLengths & { readonly reading?: Reading };

/**
 * `round`, the number of the batch since the start, keys noise and random signs; a repetition has the signs
 * of its batch and noise of its own.
 */
export interface EstimateContext extends Take {
  readonly seed: number;
  /** What phases are read through. Default: states as they are. */
  readonly reading?: Reading;
  /** What lasts of readers from batch to batch. Default: each batch meets them as they have become in long. */
  readonly lasting?: Lasting;
}

/**
 * How an estimator makes a better estimate, so that the two tell how far it may be off (estimate-error.ts).
 */
export interface Refinement {
  /**
   * The same with phases twice as long as they ran, and, where there is a tolerance, one ten times smaller.
   */
  longer(ran: readonly Pick<Outcome, "steps">[]): Estimator;
  /** The same at half of the teaching amplitude. */
  gentler(): Estimator;
  /**
   * The bias at half of the amplitude is 2^-order of what it was; Infinity where there is none of any order.
   */
  readonly order: number;
  /** What to type where phases end too early, and where the nudge is too large. */
  readonly remedies: { readonly settling: string; readonly nudge: string };
}

/**
 * How what a nudge changes is found: by subtracting two states, or stepped itself, exactly, so that nothing is lost
 * of it however small the nudge is (PhaseRequest.differences).
 */
export type Differences = "subtracted" | "exact";

/** What an estimator makes of a free phase and of phases at some nudges, as numbers. */
export interface PointPlan {
  readonly nudges: readonly Complex[];
  /** d_beta x is the real part of sum_k points_k x(beta_k), plus free * x(0). */
  readonly derivative: { readonly points: readonly Complex[]; readonly free: number };
  /**
   * The same from every so-manieth of several points on a circle, whose bias is of a lower order: where the
   * two are q apart, as a share, the bias of the derivative is about q^power. Null where there is one point
   * only.
   */
  readonly fewer: {
    readonly power: number;
    readonly points: readonly Complex[];
    readonly free: number;
  } | null;
  /**
   * Terms a_n |beta|^n of the power series in the nudge, from n = 1 on, of several points on a circle: what is
   * looked at now and then.
   */
  readonly series?: readonly SeriesWeights[];
  /**
   * The middle of the two real phases whose difference that is: sum_k points_k x(beta_k) + free * x(0). Null
   * where it is the free point.
   */
  readonly midpoint: { readonly points: readonly number[]; readonly free: number } | null;
  /** Whether what nudges change is stepped itself. */
  readonly exact?: true;
  /** Whether the output is not nudged but held: by `nudges`, of which there is one, of its way to the target. */
  readonly held?: true;
}

/** Phases that follow each other without rest: nudges that are held in turn, and what is made of their ends. */
export interface BlockPlan {
  /** Around the circle, from the first on. */
  readonly nudges: readonly Complex[];
  readonly periods: number;
  /** Steps for which each nudge is held. */
  readonly steps: number;
  /** What stands for the presynaptic output: the mean of rho(u), or rho of the mean u. */
  readonly presynaptic: "mean-activity" | "activity-of-mean";
}

/** How the derivative of the fixed point with respect to the nudge is measured on a chip. */
export interface Estimator {
  readonly name: string;
  /** For run.json: everything that defines it. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Whether it needs a holomorphic circuit. */
  readonly complex: boolean;
  /** Whether it knows the circuit's equations and does without a nudge: a yardstick, and no hardware. */
  readonly nudgeless?: true;
  /** Steps at the end of its free phase that it walks backwards: of backpropagation through time. */
  readonly walked?: number;
  /** How its free phase runs; also how a trained chip is read. */
  readonly free: FreePhase;
  readonly nudged: NudgedLength;
  /** What its phases are read through, and the same without. */
  readonly reading?: Reading;
  readonly unread?: Estimator;
  /** Without it, nobody knows how far its estimates may be off. */
  readonly refined?: Refinement;
  /** For estimators of one free phase and one of nudges side by side: what they make of them. */
  plan?(context: EstimateContext): PointPlan;
  /**
   * For those whose synapses change while the circuit moves: an estimate a nudged step, of what it moved by, and at
   * last that of the whole phase; and when what a rule makes of them is programmed.
   */
  readonly stepwise?: {
    readonly updates: "at-end" | "every-step";
    steps(simulator: Simulator, batch: Batch, context: EstimateContext): AsyncGenerator<Estimate, Estimate>;
  };
  /** For those of nudges that follow each other. */
  readonly blocks?: BlockPlan;
  /**
   * Runs its phases on a batch. The chip is not changed.
   * @throws OhmletError DYN-… of its phases; a phase that diverges is no error but an outcome
   */
  estimate(simulator: Simulator, batch: Batch, context: EstimateContext): Promise<Estimate>;
}

const describeEstimator: Describe<Estimator> = ({ name, settings, complex, reading }) => [
  `estimator ${name}: ${settingsInWords(settings)}${complex ? "; two state planes" : ""}`,
  ...(reading === undefined ? [] : [`  read through ${reading.settings.device?.name ?? "an ideal readout"}`]),
];

/** For every estimator that is made. */
export const asEstimator = printsItself(describeEstimator);
