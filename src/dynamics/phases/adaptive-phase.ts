/**
 * What a phase under the adaptive solver returns: states at its end, and means and lock-in from its dense
 * output.
 */
import type { Activities } from "../lowering/activities";
import { adaptiveOutcome, advanceAdaptively, type Adaptive, type AdaptivelyAdvanced } from "./adaptive";
import { HostLockIn } from "./host-lock-in";
import type { InternalUnits } from "../lowering/internal-units";
import type { Layout } from "../lowering/layout";
import type { PhaseRequest, PhaseResult, Plane, Planes } from "../types";

/**
 * Sees the states at the end of each step of dt; number of the step from 1. Rows as in the result, SI or
 * dimensionless.
 */
export type Observer = (step: number, states: Planes) => void;

export interface AdaptivePhase extends Omit<Adaptive, "observe" | "observeFrom"> {
  readonly units: InternalUnits;
  readonly activities: Activities;
  readonly observe?: Observer;
}

export interface AdaptivelyRun extends AdaptivelyAdvanced {
  readonly lockIn: HostLockIn;
}

/** Steps at the end of a phase that are averaged over: all of an oscillating one, unless asked otherwise. */
function windowOf({ oscillation, average = 0, steps, tolerance }: PhaseRequest): number {
  if (tolerance !== undefined) return 0;
  return oscillation !== undefined && average === 0 ? steps : Math.min(average, steps);
}

export async function runAdaptively({
  units,
  activities,
  observe,
  ...phase
}: AdaptivePhase): Promise<AdaptivelyRun> {
  const { layout, request } = phase;
  const first = request.steps - windowOf(request);
  const lockIn = new HostLockIn(request.oscillation?.period ?? 0, (states) => activities.of(states));
  const advanced = await advanceAdaptively({
    ...phase,
    observeFrom: observe === undefined ? first + 1 : 1,
    observe(step, planes) {
      const states = external(layout, units, planes);
      observe?.(step, states);
      if (step > first) lockIn.add((request.firstStep ?? 0) + step, states);
    },
  });
  return { ...advanced, lockIn };
}

/** @param end the phase as it stands at its end */
export function adaptiveResult(
  request: PhaseRequest,
  end: PhaseResult,
  { integrated, steps, lockIn }: AdaptivelyRun,
): PhaseResult {
  const result = { ...end, outcome: adaptiveOutcome(end.outcome, integrated) };
  if (windowOf(request) === 0 || steps < request.steps) return result;
  const read = lockIn.read();
  if (request.oscillation !== undefined) return { ...result, lockIn: read };
  return { ...result, states: read.mean.states, activities: { ...end.activities, ...read.mean.activities } };
}

/** States in the units of the user, from planes in internal units. */
function external(layout: Layout, units: InternalUnits, planes: ReadonlyMap<string, Float64Array>): Planes {
  return Object.fromEntries(
    layout.populations.map((p): [string, Plane] => {
      const part = (plane: "" | "i"): Float64Array | undefined =>
        planes.get(`u${p.index}${plane}`)?.map((v) => v * units.state(p));
      const im = part("i");
      return [p.population.name, { re: part("") as Float64Array, ...(im !== undefined && { im }) }];
    }),
  );
}
