/** Advances a compiled phase: a fixed number of steps, or until it is settled; with noise, until its mean stands still. */
import type { Executable, RunReport } from "../engines/engine";
import type { Layout, PlanShape } from "./layout";
import { readStates, StateMixer } from "./state-mixer";
import type { Acceleration, PhaseRequest } from "./types";

/** Steps between two looks at the residual. */
const CHUNK = 20;

export interface Advance {
  readonly exe: Executable;
  readonly layout: Layout;
  readonly shape: PlanShape;
  readonly request: PhaseRequest;
  /** Time step, internal units. */
  readonly dt: number;
  readonly noisy: boolean;
  /** Stacked chips, whose rows follow each other; else 1. */
  readonly chips: number;
  readonly acceleration: Acceleration;
  /**
   * Tells what one synchronous step would do to a state of the program, as rates of each row. Given where steps are not
   * plain and synchronous: settled means settled in the papers' sense, whatever the shortcut.
   */
  readonly judge?: (states: ReadonlyMap<string, Float64Array>) => Promise<Float64Array>;
}

export interface Advanced {
  /** Largest rate of change of each row at the end. */
  readonly residuals: Float64Array;
  readonly steps: number;
  /** Steps that each row took, where not all took as many. */
  readonly stepsOf?: Int32Array;
  /** Whether the running means hold the result. */
  readonly averaged: boolean;
}

export async function advance(a: Advance): Promise<Advanced> {
  const { exe, request, dt } = a;
  const first = request.firstStep ?? 0;
  if (request.tolerance !== undefined) return a.noisy ? untilMeanStandsStill(a, request.tolerance) : untilSettled(a, request.tolerance);
  const average = Math.min(request.average ?? 0, request.steps);
  const lead = request.steps - average;
  openMeans(a, 0);
  let report = lead > 0 ? await exe.run(lead, first) : null;
  if (average > 0) {
    openMeans(a, average);
    report = await exe.run(average, first + lead);
  }
  return { residuals: rates(report as RunReport, dt), steps: request.steps, averaged: average > 0 };
}

async function untilSettled(a: Advance, tolerance: number): Promise<Advanced> {
  if (a.exe.settle !== undefined) {
    openMeans(a, 0);
    const report = await a.exe.settle({ steps: a.request.steps, tolerance: tolerance * a.dt, mixing: a.acceleration === "anderson" });
    return { residuals: rates(report, a.dt), steps: most(report.steps), stepsOf: report.steps, averaged: false };
  }
  const { exe, request, shape, layout, dt, acceleration } = a;
  const mixer = acceleration === "anderson" ? new StateMixer(exe, layout, shape) : null;
  let steps = 0;
  let residuals: Float64Array = new Float64Array(shape.rows).fill(Infinity);
  openMeans(a, 0);
  await mixer?.begin();
  while (steps < request.steps && !done(residuals, tolerance)) {
    const chunk = mixer === null ? Math.min(CHUNK, request.steps - steps) : 1;
    residuals = rates(await exe.run(chunk, (request.firstStep ?? 0) + steps), dt);
    steps += chunk;
    if (a.judge !== undefined && residuals.every((r) => r <= tolerance)) residuals = await judged(a, a.judge);
    // What is returned is what was judged: no mix after the last step.
    if (steps < request.steps && !done(residuals, tolerance)) await mixer?.mix();
  }
  return { residuals, steps, averaged: false };
}

/** What the judge says of the state as it is; the state stays, though the judge may run the same program. */
async function judged({ exe, layout, shape }: Advance, judge: NonNullable<Advance["judge"]>): Promise<Float64Array> {
  const states = await readStates(exe, layout, shape.complex);
  const residuals = await judge(states);
  for (const [name, values] of states) exe.write(name, values);
  return residuals;
}

/** With noise the residual never falls; what must stop moving is the mean state, window by window. Each chip ends in its own time, as it does alone. */
async function untilMeanStandsStill(a: Advance, tolerance: number): Promise<Advanced> {
  const { exe, request, shape, layout, dt, chips } = a;
  const window = Math.max(CHUNK, request.average ?? 0);
  const residuals = new Float64Array(shape.rows).fill(Infinity);
  const stepsOf = new Int32Array(shape.rows);
  const own = <T extends Float64Array | Int32Array>(values: T, chip: number): T => values.subarray((chip * values.length) / chips, ((chip + 1) * values.length) / chips) as T;
  const names = layout.populations.flatMap(({ index }) => ["mu", "mr"].flatMap((mean) => (shape.complex ? [`${mean}${index}`, `${mean}${index}i`] : [`${mean}${index}`])));
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
    for (const p of layout.populations) means.push(await exe.read(`mu${p.index}`));
    const now = before === null ? new Float64Array(shape.rows).fill(Infinity) : drift(before, means, shape.rows, chunk * dt);
    report.residual.forEach((r, i) => Number.isNaN(r) && (now[i] = r));
    before = means;
    for (const chip of moving) {
      own(residuals, chip).set(own(now, chip));
      own(stepsOf, chip).fill(steps);
    }
    const still = moving.filter((chip) => done(own(residuals, chip), tolerance));
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

/** Settled in every row, or beyond hope in one. */
function done(residuals: Float64Array, tolerance: number): boolean {
  return residuals.every((r) => r <= tolerance) || residuals.some(Number.isNaN);
}

/** Largest rates of change of each row in the last step. */
export function rates({ residual }: RunReport, dt: number): Float64Array {
  return residual.map((change) => change / dt);
}

/** Largest change of each row over some time, as a rate. */
export function drift(before: readonly Float64Array[], now: readonly Float64Array[], rows: number, time: number): Float64Array {
  const out = new Float64Array(rows);
  now.forEach((values, k) => {
    const size = values.length / rows;
    values.forEach((v, i) => {
      const row = Math.floor(i / size);
      out[row] = Math.max(out[row], Math.abs(v - before[k][i]) / time);
    });
  });
  return out;
}

/** Zeroes the running means and opens their gate for so many steps (0: keeps it shut). */
function openMeans({ exe, layout, shape }: Advance, steps: number): void {
  if (!shape.average) return;
  exe.setScalar("gate", steps > 0 ? 1 / steps : 0);
  for (const p of layout.populations) {
    const zeros = new Float64Array(shape.rows * p.population.size);
    for (const mean of ["mu", "mr"]) for (const plane of shape.complex ? ["", "i"] : [""]) exe.write(`${mean}${p.index}${plane}`, zeros);
  }
}

/** Largest of some numbers of steps. */
export const most = (steps: Int32Array): number => steps.reduce((largest, n) => Math.max(largest, n), 0);
