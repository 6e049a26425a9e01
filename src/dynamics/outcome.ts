/** How a phase ended, in words a user can act on. */
import type { Outcome } from "./types";

/** Beyond this, in units where states are of order one, a finite state counts as diverged. */
const RUNAWAY = 1e6;

export interface Ending {
  /** Residual of every row; NaN where a state is not finite. */
  readonly residuals: Float64Array;
  readonly steps: number;
  /** Steps that each row took, where not all took as many. */
  readonly stepsOf?: Int32Array;
  readonly tolerance?: number;
  readonly noiseFloor?: number;
}

export function outcomeOf({ residuals, steps, stepsOf, tolerance, noiseFloor }: Ending): Outcome {
  const diverged = rowsWhere(residuals, (r) => !(Math.abs(r) < RUNAWAY));
  const residual = residuals.reduce((largest, r) => (Number.isNaN(r) || r > largest ? r : largest), 0);
  const rowSteps = stepsOf === undefined ? steps * residuals.length : stepsOf.reduce((sum, n) => sum + n, 0);
  const noise = { rowSteps, ...(noiseFloor !== undefined && { noiseFloor }) };
  if (diverged.length > 0) {
    return {
      kind: "diverged", residual, steps, rows: diverged, ...noise,
      advice: "take a smaller time step, smaller weights or a smaller nudge amplitude; if a symmetric circuit does this too, its neurons are unstable",
    };
  }
  if (tolerance === undefined) return { kind: "fixed", residual, steps, rows: [], ...noise };
  const unsettled = rowsWhere(residuals, (r) => !(r <= tolerance));
  if (unsettled.length === 0) return { kind: "settled", residual, steps, rows: [], ...noise };
  return {
    kind: "timedOut", residual, steps, rows: unsettled, ...noise,
    advice: `give it more than ${steps} steps; if the residual does not fall, the circuit oscillates: weaken its feedback or take a smaller time step`,
  };
}

function rowsWhere(residuals: Float64Array, test: (r: number) => boolean): number[] {
  const rows: number[] = [];
  residuals.forEach((r, i) => test(r) && rows.push(i));
  return rows;
}
