/** How a phase ended, in words a user can act on. */
import { RUNAWAY } from "../engines/settling";
import type { Outcome, OutcomeKind } from "./types";

export interface Ending {
  /** Residual of every row; NaN where a state is not finite. */
  readonly residuals: Float64Array;
  readonly steps: number;
  /** Steps that each row took, where not all took as many; and those before which none is settled. */
  readonly stepsOf?: Int32Array;
  readonly least: Int32Array;
  /** 1 where a row settled at a point that the circuit would leave by itself. */
  readonly unstable: Uint8Array;
  readonly tolerance?: number;
  readonly noiseFloor?: number;
  readonly judgedEvery?: number;
}

/** An ending of some of its rows, or of all in another order. */
export function rowsOf(ending: Ending, part: <T extends Float64Array | Int32Array | Uint8Array>(values: T) => T): Ending {
  const { residuals, stepsOf, least, unstable } = ending;
  return { ...ending, residuals: part(residuals), ...(stepsOf !== undefined && { stepsOf: part(stepsOf) }), least: part(least), unstable: part(unstable) };
}

/** How each row ended. */
export function endsOf({ residuals, steps, stepsOf, least, unstable, tolerance }: Ending): OutcomeKind[] {
  return Array.from(residuals, (r, row) => {
    if (!(Math.abs(r) < RUNAWAY)) return "diverged";
    if (tolerance === undefined) return "fixed";
    if (!(r <= tolerance && (stepsOf?.[row] ?? steps) >= least[row])) return "timedOut";
    return unstable[row] === 1 ? "unstable" : "settled";
  });
}

/** From the worst on: a phase ended as the worst of its rows did. */
const FROM_WORST = ["diverged", "unstable", "timedOut", "fixed", "settled"] as const;

export function outcomeOf(ending: Ending): Outcome {
  const { residuals, steps, stepsOf, least, noiseFloor, judgedEvery } = ending;
  const ends = endsOf(ending);
  const kind = FROM_WORST.find((one) => ends.includes(one)) ?? "settled";
  const rows = kind === "fixed" || kind === "settled" ? [] : [...ends.keys()].filter((row) => ends[row] === kind);
  const residual = residuals.reduce((largest, r) => Math.max(largest, Number.isNaN(r) ? Infinity : r), 0);
  const early = rows.find((row) => (stepsOf?.[row] ?? steps) < least[row]);
  const advice = adviceOn(kind, steps, early === undefined ? 0 : least[early]);
  return { kind, residual, steps, rows, ...(noiseFloor !== undefined && { noiseFloor }), ...(judgedEvery !== undefined && { judgedEvery }), ...(advice !== null && { advice }) };
}

/** @param least steps that a signal needs, where a row took fewer */
function adviceOn(kind: OutcomeKind, steps: number, least: number): string | null {
  switch (kind) {
    case "diverged":
      return "take a smaller time step, smaller weights or a smaller nudge amplitude; if a symmetric circuit does this too, its neurons are unstable";
    case "unstable":
      return 'the circuit would leave this point by itself, for another or to turn around it: order "synchronous" without acceleration shows where it goes; weaken its feedback, or take a smaller time step';
    case "timedOut":
      return least > 0
        ? `give it at least ${least} steps: a signal needs as many to cross the circuit, and before that nothing is settled`
        : `give it more than ${steps} steps; if the residual does not fall, the circuit oscillates: weaken its feedback or take a smaller time step`;
    default:
      return null;
  }
}
