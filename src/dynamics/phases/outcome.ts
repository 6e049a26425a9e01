/** How a phase ended, in words a user can act on. */
import type { Outcome, OutcomeKind } from "../types";

export interface Ending {
  /** Residual of every row; not finite where the row is lost. */
  readonly residuals: Float64Array;
  readonly steps: number;
  /** Most steps that it had. */
  readonly most: number;
  /** Steps that each row took, where not all took as many; and those before which none is settled. */
  readonly stepsOf?: Int32Array;
  readonly least: Int32Array;
  /** 1 where a row settled at a point that the circuit would leave by itself. */
  readonly unstable: Uint8Array;
  /** 1 where an output rho(u) is no finite number; absent where outputs were not read. */
  readonly endless?: Uint8Array;
  /** Residual of each row below which it is settled, where there is a tolerance. */
  readonly limits?: Float64Array;
  /**
   * How far each row is from where it started, where limits are relative to that; NaN for rows whose limit is
   * not.
   */
  readonly shifts?: Float64Array;
  /** How far each row is from its fixed point, as far as its last steps tell; NaN where they do not. */
  readonly distances?: Float64Array;
  /**
   * A time step, as it is typed, that would not lead away from the points that are unstable, where there is
   * one.
   */
  readonly steady?: string;
  /**
   * The least residual that a step in the engine's numbers can tell from 0, for states of order one; the
   * least that its field can; and what they are called.
   */
  readonly rounding: { readonly residual: number; readonly field: number; readonly precision: string };
  readonly noiseFloor?: number;
  readonly judgedEvery?: number;
  /** Of circuits of conductances: what is left of the currents at the nodes of each row, and how steps shrank. */
  readonly kirchhoff?: Float64Array;
  readonly contraction?: Float64Array;
}

/** An ending of some of its rows, or of all in another order. */
export function rowsOf(
  ending: Ending,
  part: <T extends Float64Array | Int32Array | Uint8Array>(values: T) => T,
): Ending {
  const { residuals, stepsOf, least, unstable, endless, limits, shifts, distances } = ending;
  const { kirchhoff, contraction } = ending;
  return {
    ...ending,
    residuals: part(residuals),
    least: part(least),
    unstable: part(unstable),
    ...(endless !== undefined && { endless: part(endless) }),
    ...(stepsOf !== undefined && { stepsOf: part(stepsOf) }),
    ...(limits !== undefined && { limits: part(limits) }),
    ...(shifts !== undefined && { shifts: part(shifts) }),
    ...(distances !== undefined && { distances: part(distances) }),
    ...(kirchhoff !== undefined && { kirchhoff: part(kirchhoff) }),
    ...(contraction !== undefined && { contraction: part(contraction) }),
  };
}

/** Rounding of limits on their way to an engine and back. */
const SLACK = 1 + 1e-6;

/** Whether a row is settled, as the engine saw it. */
export function isSettled(
  {
    residuals,
    steps,
    stepsOf,
    least,
    limits,
  }: Pick<Ending, "residuals" | "steps" | "stepsOf" | "least" | "limits">,
  row: number,
): boolean {
  return (
    limits !== undefined && residuals[row] <= limits[row] * SLACK && (stepsOf?.[row] ?? steps) >= least[row]
  );
}

/** How each row ended. */
export function endsOf(ending: Ending): OutcomeKind[] {
  const { residuals, unstable, endless, limits } = ending;
  const ends: OutcomeKind[] = [];
  const endOf = (r: number, row: number): OutcomeKind => {
    if (!Number.isFinite(r) || endless?.[row] === 1) return "diverged";
    if (limits === undefined) return "fixed";
    if (!isSettled(ending, row)) return "timedOut";
    return unstable[row] === 1 ? "unstable" : "settled";
  };
  for (let row = 0; row < residuals.length; row++) ends.push(endOf(residuals[row], row));
  return ends;
}

/** From the worst on: a phase ended as the worst of its rows did. */
const FROM_WORST = ["diverged", "unstable", "timedOut", "fixed", "settled"] as const;

/** @param ends how each row ended, where that is known already */
export function outcomeOf(ending: Ending, ends: readonly OutcomeKind[] = endsOf(ending)): Outcome {
  const { residuals, steps, shifts, distances, noiseFloor, judgedEvery, kirchhoff, contraction } = ending;
  const kind = FROM_WORST.find((one) => ends.includes(one)) ?? "settled";
  const rows =
    kind === "fixed" || kind === "settled" ? [] : [...ends.keys()].filter((row) => ends[row] === kind);
  const residual = residuals.reduce((largest, r) => Math.max(largest, Number.isNaN(r) ? Infinity : r), 0);
  const beside = shifts?.reduce(
    (largest, shift, row) =>
      Number.isNaN(shift) || residuals[row] === 0 ? largest : Math.max(largest, residuals[row] / shift),
    0,
  );
  // NaN where that cannot be told: no comparison holds.
  const slowest = contraction?.reduce((a, b) => (b > a ? b : a), -1) ?? -1;
  const advice = adviceOn(kind, ending, rows);
  return {
    kind,
    residual,
    steps,
    rows,
    rowSteps:
      ending.stepsOf === undefined ? steps * residuals.length : ending.stepsOf.reduce((sum, n) => sum + n, 0),
    ...(kind === "settled" &&
      distances?.every(Number.isFinite) === true && {
        distance: distances.reduce((a, b) => Math.max(a, b), 0),
      }),
    ...(beside !== undefined && { relativeResidual: beside }),
    ...(kirchhoff !== undefined && { kirchhoff: kirchhoff.reduce((a, b) => Math.max(a, b), 0) }),
    ...(slowest >= 0 && { contraction: slowest }),
    ...(noiseFloor !== undefined && { noiseFloor }),
    ...(judgedEvery !== undefined && { judgedEvery }),
    ...(advice !== null && { advice }),
  };
}

function adviceOn(
  kind: OutcomeKind,
  {
    residuals,
    steps,
    stepsOf,
    least,
    limits = new Float64Array(),
    shifts,
    rounding,
    most,
    steady,
    noiseFloor,
  }: Ending,
  rows: readonly number[],
): string | null {
  switch (kind) {
    case "diverged":
      if (rows.every((row) => Number.isFinite(residuals[row])))
        return (
          "states are finite, but not what rho makes of them: write an output that is finite wherever " +
          "the state can go, such as rho = tanh(u) or rho = sqrt(u^2 + 1e-6)"
        );
      return (
        "take smaller weights or a smaller nudge amplitude; if a symmetric circuit does this too, its " +
        "neurons are unstable"
      );
    case "unstable":
      if (steady !== undefined)
        return (
          "steps of this length lead away from this point, where the circuit by itself would stay: set " +
          `${steady}`
        );
      return (
        "the circuit would leave this point by itself, for another or to turn around it: order " +
        '"synchronous" without acceleration shows where it goes; weaken its feedback, or take a smaller ' +
        "time step"
      );
    case "timedOut": {
      const early = rows.find((row) => (stepsOf?.[row] ?? steps) < least[row]);
      if (early !== undefined)
        return (
          `give it at least ${least[early]} steps: a signal needs as many to cross the circuit, and ` +
          "before that nothing is settled"
        );
      // Who stands still with steps to go is held by rounding.
      const coarse = rows.find((row) => limits[row] < rounding.residual || (stepsOf?.[row] ?? most) < most);
      if (coarse !== undefined) {
        const shift = shifts?.[coarse] ?? Number.NaN;
        const [moved, first] = Number.isNaN(shift)
          ? ["", "a larger dt"]
          : [`the nudge moves a row by ${shift.toPrecision(2)} only, and `, "a larger amplitude"];
        const rest =
          rounding.precision === "float32"
            ? ', a larger tolerance, or the engine "reference"'
            : ", or a larger tolerance";
        return (
          `${moved}${rounding.precision} tells no residual below ` +
          `${Math.max(rounding.residual, (stepsOf?.[coarse] ?? most) < most ? residuals[coarse] : 0).toPrecision(2)} ` +
          `in steps of this length, where ${limits[coarse].toPrecision(2)} is asked for: give it ` +
          `${first}${rest}`
        );
      }
      if (noiseFloor !== undefined && noiseFloor > 0)
        return (
          `give it more than ${steps} steps; but noise keeps a state moving, and no steps bring a ` +
          "residual below that: take a larger tolerance, leave it out, or cool the chip"
        );
      return (
        `give it more than ${steps} steps; if the residual does not fall, the circuit oscillates: ` +
        "weaken its feedback or take a smaller time step"
      );
    }
    default:
      return null;
  }
}
