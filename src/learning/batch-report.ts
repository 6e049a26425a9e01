/** What learning tells after every batch. */
import { percent, printsItself, short, type Describe } from "../display";
import { describeOutcome } from "../dynamics/describe";
import type { Outcome } from "../dynamics/types";
import type { EstimateError } from "./estimate-error";

/** What learning from one batch showed. */
export interface BatchReport {
  /** Mean cost in the free phase. */
  readonly cost: number;
  /** Samples that the free phase got right; null for batches without labels. */
  readonly correct: number | null;
  readonly aliasing: number | null;
  /** By how much the circuit lags behind an oscillating nudge, as a tangent; absent for other estimators. */
  readonly lag?: number;
  readonly outcomes: readonly Outcome[];
  /**
   * Largest |u(beta) - u(0)| over the largest |u(0)|, an order of magnitude: below the engine's precision
   * nothing is measured.
   */
  readonly nudgeShift: number;
  /** How far the estimate may be off, by population; of the few batches that are looked at. */
  readonly estimateError?: EstimateError;
}

const describeBatch: Describe<BatchReport> = ({ cost, correct, aliasing, lag, outcomes }) => [
  `batch: cost ${short(cost)}` +
    (correct === null ? "" : `, ${correct} right`) +
    (aliasing === null ? "" : `, aliasing ${percent(aliasing)}`) +
    (lag === undefined ? "" : `, lag ${short(lag)}`),
  ...outcomes.map((outcome) => `  ${describeOutcome(outcome)[0]}`),
];
export const asBatchReport = printsItself(describeBatch);
