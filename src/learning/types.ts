/** What estimators, rules and the controller exchange. */
import type { WeightArrays } from "../circuit/chip-types";
import { count, percent, printsItself, short, type Describe } from "../display";
import { describeOutcome } from "../dynamics/describe";
import { columns } from "../printable";
import type { Complex, Outcome, Planes } from "../dynamics/types";
import type { Multiplier } from "./readout/products";
import { radiusInWords, type SeriesTerm } from "./estimators/radius";
import { check, optionsOf } from "../options";

/**
 * A batch: inputs [samples, input size]; targets [samples, outputs or classes]; labels where there are any, or what
 * there is to explain of numbers that are asked for.
 */
export interface Batch {
  readonly samples: number;
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
  readonly labels?: Uint8Array;
  /** Mean squared distance of targets from their mean, of a set whose samples ask for numbers. */
  readonly variance?: number;
  /** Which samples of their set these are, [samples]: where states persist. */
  readonly indices?: Uint32Array;
  /** States that the free phase starts from, by population, [samples, size]. Default: zeros. */
  readonly start?: Planes;
}

/** @throws OhmletError OPTION-… */
export const readBatch = optionsOf<Batch>("batch", {
  needs: { samples: check.numeric, inputs: check.numbers, targets: check.numbers },
  takes: { labels: check.numbers, variance: check.positive, indices: check.numbers, start: check.anything },
});

/** By population and parameter, one number a unit, SI: the gradient of the batch's mean cost. */
export type ParameterGradients = Readonly<Record<string, Readonly<Record<string, Float64Array>>>>;

/**
 * What an estimator measured on a chip. Arrays are [samples, size] by population (the input population only
 * in `activity` and `states` of phases). Derivatives are with respect to beta at beta = 0.
 */
export interface Estimate {
  /**
   * State and activity at (or averaged as) the free fixed point; the presynaptic factor of the vector-field
   * rule.
   */
  readonly free: { readonly states: Planes; readonly activities: Planes };
  /** States at the free fixed point themselves, where `free` is what was read of them. */
  readonly unread?: Planes;
  /** What makes products of its ends. Default: exact ones. */
  readonly multiplier?: Multiplier;
  /** Estimate of d_beta u, by population. */
  readonly dState: Readonly<Record<string, Float64Array>>;
  /** Estimate of d_beta rho(u), by population. */
  readonly dActivity: Readonly<Record<string, Float64Array>>;
  /**
   * Activities midway between the two real phases whose difference over their distance is the derivative,
   * exactly: what the energy-based rule multiplies with it. Absent for complex estimators, whose middle is
   * the free point.
   */
  readonly midpoint?: Planes;
  /** States there, of populations that are not clamped: what conductances load. */
  readonly midState?: Planes;
  /**
   * Bias of the derivative of the activity, as a share of it, as far as fewer of its N points tell (N >= 2;
   * see PointPlan.fewer): of order |beta|^N.
   */
  readonly aliasing: number | null;
  /** The same of each chip, where several are stacked. */
  readonly aliasingByChip?: readonly number[];
  /**
   * Terms a_n |beta|^n of the activity's power series in the nudge, of several points on a circle: their ratios
   * tell the radius of convergence (`radiusOf`; Laborieux and Zenke 2023, Eq. 14).
   */
  readonly series?: readonly SeriesTerm[];
  /**
   * Response in quadrature over that in phase, of an oscillating nudge: of order omega. The estimate is off
   * by about its square.
   */
  readonly lag?: number;
  /**
   * Changes of the arrays that lower the cost, by array: from what knows the circuit's equations, and needs no
   * rule.
   */
  readonly updates?: Readonly<Record<string, WeightArrays>>;
  /** The same of the parameters of neurons: gradients, SI. */
  readonly parameters?: ParameterGradients;
  /** Outcome of each phase, in order. */
  readonly outcomes: readonly Outcome[];
  readonly nudges: readonly Complex[];
}

const describeEstimate: Describe<Estimate> = (estimate) => {
  const { dState, dActivity, nudges, outcomes, aliasing, lag } = estimate;
  const radius = radiusInWords(estimate);
  return [
    `estimate from ${count(nudges.length, "nudge")}, amplitude ` +
      [...new Set(nudges.map(({ re, im }) => short(Math.hypot(re, im))))].join(", "),
    ...columns(
      Object.keys(dState).map((name) => [
        name,
        `d_beta u of norm ${short(normOf(dState[name]))}`,
        `d_beta rho of norm ${short(normOf(dActivity[name]))}`,
      ]),
    ),
    ...(aliasing === null ? [] : [`  aliasing ${percent(aliasing)}`]),
    ...(radius === null ? [] : [`  ${radius}`]),
    ...(lag === undefined ? [] : [`  lag ${short(lag)}`]),
    ...outcomes.map((outcome) => `  ${describeOutcome(outcome)[0]}`),
  ];
};

const normOf = (values: Float64Array): number => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));

/** For every estimate that an estimator returns. */
export const asEstimate = printsItself(describeEstimate);
