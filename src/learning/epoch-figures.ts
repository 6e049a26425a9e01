/**
 * The figures of an epoch's batches: a row of numbers a batch, so that they can be kept half way, and what an
 * epoch's report makes of them.
 */
import type { Outcome } from "../dynamics/types";
import { unfit, type SavedArrays } from "./checkpoint/arrays";
import type { BatchReport } from "./batch-report";

/** What is kept of a batch's report. */
export type BatchFigures = Omit<BatchReport, "outcomes" | "estimateError"> & {
  readonly outcomes: readonly Pick<Outcome, "kind" | "residual" | "steps">[];
};

/** Columns before those of the phases: cost, correct, aliasing, lag, nudge's shift. */
const FIXED = 5;
/** Columns of each phase: its residual, its steps, how it ended. */
const EACH = 3;
const KINDS = ["fixed", "settled", "timedOut", "unstable", "diverged"] as const;
/** Most phases of a batch. */
const MOST_PHASES = 64;
export const MOST_COLUMNS = FIXED + EACH * MOST_PHASES;

export class EpochFigures {
  private readonly all: BatchFigures[] = [];

  get batches(): number {
    return this.all.length;
  }

  get reports(): readonly BatchFigures[] {
    return this.all;
  }

  add(figures: BatchFigures): void {
    this.all.push(figures);
  }

  get correct(): number {
    return this.all.reduce((sum, r) => sum + (r.correct ?? 0), 0);
  }

  get cost(): number {
    return mean(this.all.map((r) => r.cost));
  }

  get aliasing(): number | null {
    return this.all[0].aliasing === null ? null : mean(this.all.map((r) => r.aliasing ?? 0));
  }

  /** Mean of a figure of each phase. */
  perPhase(of: "residual" | "steps"): number[] {
    return this.all[0].outcomes.map((_, k) => mean(this.all.map((r) => r.outcomes[k][of])));
  }

  /** [batches, columns]; NaN where there is no figure. */
  save(): SavedArrays[string] {
    const phases = this.all[0].outcomes.length;
    const rows = this.all.map((r) => [
      r.cost,
      r.correct ?? NaN,
      r.aliasing ?? NaN,
      r.lag ?? NaN,
      r.nudgeShift,
      ...r.outcomes.flatMap((o) => [o.residual, o.steps, KINDS.indexOf(o.kind)]),
    ]);
    return { shape: [rows.length, FIXED + EACH * phases], values: Float64Array.from(rows.flat()) };
  }

  /** @throws OhmletError CHECKPOINT-ARRAYS */
  static load(saved: SavedArrays[string] | undefined, batches: number): EpochFigures {
    const columns = (saved?.values.length ?? 0) / batches;
    const phases = (columns - FIXED) / EACH;
    if (saved === undefined || !Number.isInteger(phases) || phases < 1 || phases > MOST_PHASES)
      return unfit("batches", `no figures of ${batches} batches`);
    const figures = new EpochFigures();
    const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
    for (let b = 0; b < batches; b++) {
      const [cost, correct, aliasing, lag, nudgeShift, ...rest] = saved.values.subarray(
        b * columns,
        (b + 1) * columns,
      );
      const outcomes = Array.from({ length: phases }, (_, k) => ({
        residual: rest[EACH * k],
        steps: rest[EACH * k + 1],
        kind: KINDS[rest[EACH * k + 2]] ?? unfit("batches", "phases that ended in no known way"),
      }));
      figures.add({
        cost,
        correct: orNull(correct),
        aliasing: orNull(aliasing),
        ...(Number.isNaN(lag) ? {} : { lag }),
        nudgeShift,
        outcomes,
      });
    }
    return figures;
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}
