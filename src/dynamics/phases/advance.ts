/**
 * Advances a compiled phase: a fixed number of steps, or until it is settled; with noise, until its mean
 * stands still.
 */
import { ranAway, type Executable, type RunReport, type SettleReport } from "../../engines/engine";
import type { Layout, PlannedPopulation, PlanShape } from "../lowering/layout";
import type { Acceleration, PhaseRequest } from "../types";

/** Least steps of a window over which a noisy state is averaged. */
const WINDOW = 20;

/** Where a step is longer than this share of the one before, mixing saves more than it costs. */
const SLOW = 0.5;

export interface Advance {
  readonly exe: Executable;
  readonly layout: Layout;
  readonly shape: PlanShape;
  readonly request: PhaseRequest;
  readonly noisy: boolean;
  /** Stacked chips, whose rows follow each other; else 1. */
  readonly chips: number;
  readonly acceleration: Acceleration;
  /** The change in a step from which a row is judged, where that is not the tolerance. */
  readonly judgedFrom?: number;
  /**
   * For each row, the change in a step that is a residual of 1, and the steps before which it is not settled:
   * see Pace.
   */
  readonly scales: Float64Array;
  readonly least: Int32Array;
  /** How many times a change of a map counts. */
  readonly mapsCount: number;
  /** For each row, 1 where its tolerance is relative to how far it moves; absent where none is. */
  readonly relative?: Uint8Array | undefined;
}

export interface Advanced {
  /** Residual of each row at the end. */
  readonly residuals: Float64Array;
  readonly steps: number;
  /** Steps that each row took, where not all took as many. */
  readonly stepsOf?: Int32Array;
  /** Whether the running means hold the result. */
  readonly averaged: boolean;
  readonly judgedEvery?: number;
  /** How far each row is from where it started, where a tolerance was relative. */
  readonly shifts?: Float64Array;
  /**
   * How far each row is from its fixed point, by how fast its steps become shorter; NaN where that does not
   * tell.
   */
  readonly distances?: Float64Array;
  /** By how much each step of a row was shorter than the one before; NaN where that cannot be told. */
  readonly contraction?: Float64Array;
}

export async function advance(a: Advance): Promise<Advanced> {
  const { exe, request, scales } = a;
  const first = request.firstStep ?? 0;
  if (request.tolerance !== undefined)
    return a.noisy ? untilMeanStandsStill(a, request.tolerance) : untilSettled(a, request.tolerance);
  const average = Math.min(request.average ?? 0, request.steps);
  const lead = request.steps - average;
  openMeans(a, 0);
  let report = lead > 0 ? await exe.run(lead, first) : null;
  if (average > 0) {
    openMeans(a, average);
    report = await exe.run(average, first + lead);
  }
  return {
    // Asked for late: what runs together is told once all has run.
    get residuals() {
      return residualsOf(report as RunReport, scales);
    },
    steps: request.steps,
    averaged: average > 0,
  };
}

async function untilSettled(a: Advance, tolerance: number): Promise<Advanced> {
  const {
    exe,
    request: { steps },
    acceleration,
    scales,
    least,
    relative,
    judgedFrom,
  } = a;
  openMeans(a, 0);
  const report = await exe.settle({
    steps,
    tolerance,
    mixing: acceleration === "none" ? null : acceleration === "auto" ? "anderson" : acceleration,
    ...(acceleration === "auto" && { slow: SLOW }),
    ...(judgedFrom !== undefined && { judgedFrom }),
    scales,
    least,
    relative,
  });
  const { judgedEvery, shifts } = report;
  // Residuals of a judge of its own are no changes of a step: nothing tells how those become shorter.
  const plain = acceleration === "none" && a.shape.order === "synchronous" && a.shape.judged === undefined;
  return {
    residuals: residualsOf(report, scales),
    steps: most(report.steps),
    stepsOf: report.steps,
    averaged: false,
    ...(judgedEvery !== undefined && { judgedEvery }),
    ...(shifts !== undefined && { shifts }),
    contraction: report.contraction,
    ...(plain && { distances: distancesOf(report) }),
  };
}

/**
 * If every step is shorter than the one before by the same factor, all that are to come add up to so much.
 */
const distancesOf = ({ residual, contraction }: SettleReport): Float64Array =>
  residual.map((change, row) => change / (1 - contraction[row]));

/**
 * With noise the residual never falls; what must stop moving is the mean state, window by window. Each chip
 * ends in its own time, as it does alone.
 */
async function untilMeanStandsStill(a: Advance, tolerance: number): Promise<Advanced> {
  const { exe, request, shape, layout, chips, scales, least } = a;
  const window = Math.max(WINDOW, request.average ?? 0);
  const residuals = new Float64Array(shape.rows).fill(Infinity);
  const stepsOf = new Int32Array(shape.rows);
  const own = <T extends Float64Array | Int32Array>(values: T, chip: number): T =>
    values.subarray((chip * values.length) / chips, ((chip + 1) * values.length) / chips) as T;
  const names = layout.populations.flatMap(({ index }) =>
    ["mu", "mr"].flatMap((mean) =>
      shape.complex ? [`${mean}${index}`, `${mean}${index}i`] : [`${mean}${index}`],
    ),
  );
  const results = new Map<string, Float64Array>();
  let moving = Array.from({ length: chips }, (_, chip) => chip);
  let steps = 0;
  let before: Float64Array[] | null = null;
  while (steps < request.steps && moving.length > 0) {
    const chunk = Math.min(window, request.steps - steps);
    openMeans(a, chunk);
    const report = await exe.run(chunk, (request.firstStep ?? 0) + steps);
    steps += chunk;
    const means: Float64Array[] = [];
    for (const p of layout.populations) means.push(counted(await exe.read(`mu${p.index}`), p, a.mapsCount));
    // One window alone has nothing to drift from.
    const compared = before !== null;
    const now = before === null ? residualsOf(report, scales) : drift(before, means, scales, chunk);
    report.residual.forEach((r, i) => Number.isNaN(r) && (now[i] = r));
    before = means;
    for (const chip of moving) {
      own(residuals, chip).set(own(now, chip));
      own(stepsOf, chip).fill(steps);
    }
    const still = moving.filter((chip) =>
      own(residuals, chip).every(
        (r, i) => !Number.isFinite(r) || (compared && r <= tolerance && steps >= own(least, chip)[i]),
      ),
    );
    moving = moving.filter((chip) => !still.includes(chip));
    if (chips === 1 || (still.length === 0 && steps < request.steps)) continue;
    // What a chip ended with is kept from the steps that others still need.
    const ending = steps < request.steps ? still : [...still, ...moving];
    for (const name of names) {
      const values = await exe.read(name);
      const kept = results.get(name) ?? values.slice();
      for (const chip of ending) own(kept, chip).set(own(values, chip));
      results.set(name, kept);
    }
  }
  for (const [name, values] of results) exe.write(name, values);
  return { residuals, steps, stepsOf, averaged: true };
}

/** A change in a step as a residual; infinite where the row is lost. */
export const residualOf = (change: number, scale: number): number =>
  ranAway(change, scale) ? change * Infinity : change / scale;

/** What the last step changed in each row, as residuals. */
export function residualsOf({ residual }: RunReport, scales: Float64Array): Float64Array {
  return residual.map((change, row) => residualOf(change, scales[row]));
}

/** Values of a population as their changes count in residuals, where maps move beside continuous neurons. */
export const counted = (
  values: Float64Array,
  { field }: PlannedPopulation,
  mapsCount: number,
): Float64Array =>
  mapsCount !== 1 && field.kind === "discrete" ? values.map((value) => value * mapsCount) : values;

/** Largest change of each row over so many steps, as a residual. */
export function drift(
  before: readonly Float64Array[],
  now: readonly Float64Array[],
  scales: Float64Array,
  steps: number,
): Float64Array {
  const rows = scales.length;
  const out = new Float64Array(rows);
  now.forEach((values, k) => {
    const size = values.length / rows;
    values.forEach((v, i) => {
      const row = Math.floor(i / size);
      out[row] = Math.max(out[row], residualOf(Math.abs(v - before[k][i]) / steps, scales[row]));
    });
  });
  return out;
}

/** Zeroes the running means and opens their gate for so many steps (0: keeps it shut). */
function openMeans({ exe, layout, shape }: Advance, steps: number): void {
  if (!shape.average) return;
  exe.setScalar("gate", steps > 0 ? 1 / steps : 0);
  for (const p of layout.populations)
    for (const mean of ["mu", "mr"])
      for (const plane of shape.complex ? ["", "i"] : [""]) exe.clear(`${mean}${p.index}${plane}`);
}

/** Largest of some numbers of steps. */
export const most = (steps: Int32Array): number => steps.reduce((largest, n) => Math.max(largest, n), 0);
