/**
 * A second look at rows, once a phase is over. Where shortcuts led, the circuit might leave by itself, or by
 * steps that are too long. Where steps are so short that the engine's numbers hardly tell a state from the
 * next, a row stands still before its circuit does: what is left is then asked of the field, which is not
 * rounded beside the state. All rows side by side; states stay.
 */
import type { Executable } from "../../engines/engine";
import type { Layout, PlannedPopulation, PlanShape } from "../lowering/layout";
import { isSettled, type Ending } from "./outcome";
import type { Pace } from "../time-steps/pace";
import type { PhasePrograms, Stepping } from "../chip-arrays/phase-programs";
import { remaining } from "../solvers/remaining";
import type { Solver } from "../solvers/solver";
import { readStates, unstableRows } from "./stability";
import type { Complex, PhaseRequest } from "../types";

export interface SecondLook {
  readonly programs: PhasePrograms;
  readonly layout: Layout;
  readonly pace: Pace;
  readonly solver: Solver;
  readonly request: PhaseRequest;
  readonly nudges: readonly Complex[];
  readonly exe: Executable;
  readonly shape: PlanShape;
  readonly ending: Ending;
  /** Whether the phase got there by anything but plain steps. */
  readonly shortcut: boolean;
}

export interface Seen {
  /**
   * Settled rows that plain steps lead away from; and how many times shorter those are that do not, where
   * that would do for all.
   */
  readonly unstable: readonly number[];
  readonly finer?: number;
  /** Residuals and distances of all rows, where some were measured anew. */
  readonly residuals?: Float64Array;
  readonly distances?: Float64Array;
}

/** How many times shorter steps are that might stay where those of the phase do not. */
const SHORTER = [4, 16];
/** Tolerances below so many roundings of a step are looked at. */
const TIGHT = 4;

export async function lookAgain({
  programs,
  layout,
  pace,
  solver,
  request,
  nudges,
  exe,
  shape,
  ending,
  shortcut,
}: SecondLook): Promise<Seen> {
  const { rows, complex } = shape;
  const { residuals, limits = new Float64Array(), rounding } = ending;
  const all = Array.from({ length: rows }, (_, row) => row);
  const settled = all.filter((row) => isSettled(ending, row));
  // Leaks by state are judged by what is left all the way; but rows that ran out of steps were not.
  const doubtful = pace.byState
    ? all.filter((row) => Number.isFinite(residuals[row]) && !settled.includes(row))
    : settled.filter((row) => solver.kind === "continuous" && limits[row] < TIGHT * rounding.residual);
  const followed = shortcut ? settled : [];
  if (doubtful.length === 0 && followed.length === 0) return { unstable: [] };
  const states = await readStates(exe, layout, complex);
  const load = (stepping: Stepping): Promise<Executable> =>
    programs.load(request, nudges, { ...shape, order: "synchronous" }, { planes: undefined }, stepping);
  const free = ({ population }: PlannedPopulation): boolean => shape.held?.includes(population.name) !== true;
  const target = {
    layout: { ...layout, populations: layout.populations.filter(free) },
    rows,
    complex,
    push: rounding.precision === "float64" ? 1e-7 : 1e-3,
    steps: pace.patience,
  };
  const unstable =
    followed.length === 0
      ? []
      : await unstableRows({ ...target, exe: await load({ solver }) }, states, followed);
  let finer: number | undefined;
  for (const times of unstable.length === 0 || solver.kind === "discrete" ? [] : SHORTER) {
    if (
      (
        await unstableRows(
          { ...target, exe: await load({ solver, finer: times }), finer: times },
          states,
          unstable,
        )
      ).length > 0
    )
      continue;
    finer = times;
    break;
  }
  let left: Float64Array | undefined;
  if (doubtful.length > 0) {
    const slowest = Math.max(...pace.slowest);
    const field = await load({ solver: remaining(slowest) });
    for (const [name, values] of states) field.write(name, values);
    const { residual } = await field.run(1, 0);
    left = residual.map((moved, row) => moved * (pace.byState ? 1 : pace.ofRow(row, rows) / slowest));
  }
  for (const [name, values] of states) exe.write(name, values);
  return {
    unstable,
    ...(finer !== undefined && { finer }),
    ...(left !== undefined && corrected(ending, doubtful, left, pace.byState)),
  };
}

/** @param left what is left of each row @param alone whether that is what counts, whatever a step moved */
function corrected(
  { residuals, limits = new Float64Array(), distances, rounding }: Ending,
  doubtful: readonly number[],
  left: Float64Array,
  alone: boolean,
): Pick<Seen, "residuals" | "distances"> {
  const [found, apart] = [residuals.slice(), distances?.slice()];
  for (const row of doubtful) {
    const larger = Math.max(residuals[row], left[row]);
    // Sums of order one are rounded too: what is left below that is not told from nothing.
    found[row] = alone
      ? left[row]
      : left[row] <= rounding.field
        ? Math.max(residuals[row], Math.min(larger, limits[row]))
        : larger;
    if (apart !== undefined)
      apart[row] = residuals[row] === 0 && left[row] > 0 ? Number.NaN : Math.max(apart[row], left[row]);
  }
  return { residuals: found, ...(apart !== undefined && { distances: apart }) };
}
