/**
 * Runs an oscillating phase and reads its lock-in. The engine does a period at a time: oscillators are set
 * before it, sums are read after it and added up in float64, so that nothing drifts however long a phase
 * lasts.
 */
import type { Circuit } from "../../circuit/chip-types";
import type { Executable } from "../../engines/engine";
import { OhmletError } from "../../errors";
import { counted, drift, residualsOf } from "./advance";
import type { PlannedPopulation, Layout, PlanShape } from "../lowering/layout";
import { FUNDAMENTALS, MEANS, oscillatorName, turnName } from "../lowering/oscillation";
import type { LockIn, Oscillation, PhaseRequest, Plane, Planes } from "../types";

/** Fewer steps a period, and harmonics of the nudge pass for its fundamental. */
const SHORTEST_PERIOD = 8;

export interface Oscillating {
  readonly exe: Executable;
  readonly layout: Layout;
  readonly shape: PlanShape;
  readonly request: PhaseRequest;
  readonly oscillation: Oscillation;
  /** For each row, the change in a step that is a residual of 1. */
  readonly scales: Float64Array;
  /** How many times a change of a map counts. */
  readonly mapsCount: number;
  /** Times within a step at which the solver takes the nudge. */
  readonly times: readonly number[];
  readonly noisy: boolean;
}

/** Sums of readings in internal units, by the names of their buffers (a second plane is `name` + "i"). */
export type Sums = Map<string, Float64Array>;

/** @throws OhmletError DYN-OSCILLATION */
export function checkOscillation(
  { name }: Circuit,
  { oscillation, tolerance, nudges = [] }: PhaseRequest,
): void {
  if (oscillation === undefined) return;
  const fail = (fact: string, remedy: string): never => {
    throw new OhmletError({ code: "DYN-OSCILLATION", fact, place: { where: name }, remedy });
  };
  const { period, form } = oscillation;
  if (!Number.isInteger(period) || period < SHORTEST_PERIOD)
    fail(
      `${period} steps are no period of an oscillating nudge`,
      `give a whole number of steps, ${SHORTEST_PERIOD} or more; a slow oscillation lasts many time ` +
        "constants",
    );
  if (form !== "complex" && form !== "lock-in")
    fail(`there is no oscillation "${String(form)}"`, "choose: complex, lock-in");
  if (tolerance !== undefined)
    fail(
      "an oscillating phase never settles, so it can meet no tolerance",
      "leave the tolerance out and give it whole periods",
    );
  if (form === "lock-in" && nudges.some((n) => n.im !== 0))
    fail("a real lock-in has real amplitudes", 'use form: "complex", or a real amplitude');
}

export interface Oscillated {
  /**
   * How far the motion is from repeating itself: largest change of a unit from the end of one period to the
   * end of the next, over the period, as a residual; with noise, of its mean. That of a step where there was
   * no whole period. [rows]
   */
  readonly residuals: Float64Array;
  readonly steps: number;
  readonly sums: Sums;
  readonly averaged: number;
}

export async function oscillate(o: Oscillating): Promise<Oscillated> {
  const {
    exe,
    request,
    oscillation: { period },
    scales,
    shape,
    noisy,
  } = o;
  const window = Math.min(request.average || request.steps, request.steps);
  const lead = request.steps - window;
  const sums: Sums = new Map(readingNames(o).map((name) => [name, new Float64Array(0)]));
  setTurns(o);
  let residuals: Float64Array = new Float64Array(shape.rows);
  let meansBefore: Float64Array[] | null = null;
  let done = 0;
  while (done < request.steps) {
    const chunk = Math.min(period, (done < lead ? lead : request.steps) - done);
    open(o, (request.firstStep ?? 0) + done, done < lead ? 0 : 1 / chunk);
    const last = done + chunk === request.steps;
    const before = last && chunk === period && !noisy ? await readAll(o, "u") : null;
    const report = await exe.run(chunk, (request.firstStep ?? 0) + done);
    done += chunk;
    residuals = residualsOf(report, scales);
    if (residuals.some(Number.isNaN)) break;
    if (done > lead) await addReadings(o, sums, chunk / window);
    if (before !== null) residuals = drift(before, await readAll(o, "u"), scales, period);
    if (noisy && chunk === period) {
      const means = await readAll(o, "mu");
      if (meansBefore !== null && done - chunk > lead) residuals = drift(meansBefore, means, scales, period);
      meansBefore = means;
    }
  }
  return { residuals, steps: done, sums, averaged: window };
}

/** Readings in the units of the user. @param inOrder from the rows of the program to the user's */
export function lockInOf(
  layout: Layout,
  complex: boolean,
  { sums, averaged }: Pick<Oscillated, "sums" | "averaged">,
  scales: { state(p: PlannedPopulation): number; output(p: PlannedPopulation): number },
  inOrder: (rows: Float64Array) => Float64Array,
): LockIn {
  const planes = (prefix: string, two: boolean, scale: (p: PlannedPopulation) => number): Planes =>
    Object.fromEntries(
      layout.populations.map((p): [string, Plane] => {
        const part = (name: string): Float64Array =>
          inOrder(sums.get(name) as Float64Array).map((v) => v * scale(p));
        const name = `${prefix}${p.index}`;
        return [p.population.name, two ? { re: part(name), im: part(`${name}i`) } : { re: part(name) }];
      }),
    );
  const both = ([states, activities]: readonly string[], two: boolean) => ({
    states: planes(states, two, (p) => scales.state(p)),
    activities: planes(activities, two, (p) => scales.output(p)),
  });
  return { steps: averaged, mean: both(MEANS, complex), fundamental: both(FUNDAMENTALS, true) };
}

/** Names of the buffers of all readings. */
function readingNames({ layout, shape: { complex } }: Pick<Oscillating, "layout" | "shape">): string[] {
  return layout.populations.flatMap(({ index }) => [
    ...MEANS.flatMap((name) => (complex ? [`${name}${index}`, `${name}${index}i`] : [`${name}${index}`])),
    ...FUNDAMENTALS.flatMap((name) => [`${name}${index}`, `${name}${index}i`]),
  ]);
}

/** Rotations by the parts of a step that the solver looks at, and by a whole one. */
function setTurns({ exe, shape, oscillation: { period }, times }: Oscillating): void {
  const used = shape.nudged ? new Set([...times, 1]) : new Set([1]);
  for (const steps of used) {
    if (steps === 0) continue;
    const angle = (2 * Math.PI * steps) / period;
    exe.setRowValues(turnName(steps), new Float64Array(shape.rows).fill(Math.cos(angle)));
    exe.setRowValues(`${turnName(steps)}i`, new Float64Array(shape.rows).fill(Math.sin(angle)));
  }
}

/** Oscillators to where they are at a step, in whole or in part. */
export function setOscillators(
  {
    exe,
    layout,
    shape,
    oscillation: { period },
  }: Pick<Oscillating, "exe" | "layout" | "shape" | "oscillation">,
  step: number,
): void {
  const angle = (2 * Math.PI * (step % period)) / period;
  for (const p of layout.populations) {
    const size = shape.rows * p.population.size;
    exe.write(oscillatorName(p), new Float64Array(size).fill(Math.cos(angle)));
    exe.write(`${oscillatorName(p)}i`, new Float64Array(size).fill(Math.sin(angle)));
  }
}

function open(o: Oscillating, step: number, gate: number): void {
  setOscillators(o, step);
  o.exe.setScalar("gate", gate);
  for (const p of o.layout.populations) {
    const zeros = new Float64Array(o.shape.rows * p.population.size);
    for (const name of readingNames({ layout: { ...o.layout, populations: [p] }, shape: o.shape }))
      o.exe.write(name, zeros);
  }
}

async function addReadings({ exe }: Oscillating, sums: Sums, share: number): Promise<void> {
  for (const [name, sum] of sums) {
    const values = await exe.read(name);
    sums.set(
      name,
      sum.length === 0 ? values.map((v) => v * share) : sum.map((s, i) => s + share * values[i]),
    );
  }
}

async function readAll(
  { exe, layout, mapsCount, shape: { complex } }: Oscillating,
  prefix: string,
): Promise<Float64Array[]> {
  const out: Float64Array[] = [];
  for (const p of layout.populations)
    for (const plane of complex ? ["", "i"] : [""])
      out.push(counted(await exe.read(`${prefix}${p.index}${plane}`), p, mapsCount));
  return out;
}
