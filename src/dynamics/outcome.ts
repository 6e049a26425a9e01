/** How a phase ended, in words a user can act on. */
import { RUNAWAY } from "../engines/settling";
import type { Outcome } from "./types";

export interface Ending {
  /** Residual of every row; NaN where a state is not finite. */
  readonly residuals: Float64Array;
  readonly steps: number;
  /** Steps that each row took, where not all took as many; and those before which none is settled. */
  readonly stepsOf?: Int32Array;
  readonly least: Int32Array;
  readonly tolerance?: number;
  readonly noiseFloor?: number;
  readonly judgedEvery?: number;
}

export function outcomeOf({ residuals, steps, stepsOf, least, tolerance, noiseFloor, judgedEvery }: Ending): Outcome {
  const diverged = rowsWhere(residuals, (r) => !(Math.abs(r) < RUNAWAY));
  const residual = residuals.reduce((largest, r) => (Number.isNaN(r) || r > largest ? r : largest), 0);
  const more = { ...(noiseFloor !== undefined && { noiseFloor }), ...(judgedEvery !== undefined && { judgedEvery }) };
  if (diverged.length > 0) {
    return {
      kind: "diverged", residual, steps, rows: diverged, ...more,
      advice: "take a smaller time step, smaller weights or a smaller nudge amplitude; if a symmetric circuit does this too, its neurons are unstable",
    };
  }
  if (tolerance === undefined) return { kind: "fixed", residual, steps, rows: [], ...more };
  const crossed = (row: number): boolean => (stepsOf?.[row] ?? steps) >= least[row];
  const unsettled = rowsWhere(residuals, (r, row) => !(r <= tolerance && crossed(row)));
  if (unsettled.length === 0) return { kind: "settled", residual, steps, rows: [], ...more };
  const early = unsettled.find((row) => !crossed(row));
  return {
    kind: "timedOut", residual, steps, rows: unsettled, ...more,
    advice: early === undefined
      ? `give it more than ${steps} steps; if the residual does not fall, the circuit oscillates: weaken its feedback or take a smaller time step`
      : `give it at least ${least[early]} steps: a signal needs as many to cross the circuit, and before that nothing is settled`,
  };
}

function rowsWhere(residuals: Float64Array, test: (r: number, row: number) => boolean): number[] {
  const rows: number[] = [];
  residuals.forEach((r, row) => test(r, row) && rows.push(row));
  return rows;
}
