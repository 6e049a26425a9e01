/** What a phase of exact differences left in an engine, in SI and in the order of samples. */
import { difference } from "../../equations/difference";
import { changeIn } from "../../program/dataflow";
import type { Activities } from "../lowering/activities";
import { swapBlocks, tile } from "../lowering/arrays";
import type { InternalUnits } from "../lowering/internal-units";
import type { PlannedPopulation } from "../lowering/layout";
import type { Plane, Planes } from "../types";
import type { Left, StatesAndActivities } from "./read-states";

/** States and activities, and how far they are from where the phase began. */
export interface WithDifferences extends StatesAndActivities {
  readonly differences: StatesAndActivities;
}

/** How far states are from where the phase began, and what they and their activities are then. */
export async function readDifferences(
  { exe, complex, chips, nudges }: Left,
  from: Planes,
  populations: readonly PlannedPopulation[],
  units: InternalUnits,
  activities: Activities,
): Promise<WithDifferences> {
  const read = async (p: PlannedPopulation, plane: "re" | "im"): Promise<Float64Array> => {
    const found = await exe.read(changeIn(`u${p.index}${plane === "re" ? "" : "i"}`));
    return swapBlocks(found, chips, nudges).map((value) => value * units.state(p));
  };
  const changes: Record<string, Plane> = Object.create(null);
  const rest: Record<string, Plane> = Object.create(null);
  for (const p of populations) {
    const { name } = p.population;
    const re = await read(p, "re");
    const started = (plane: Float64Array | undefined): Float64Array =>
      plane === undefined ? new Float64Array(re.length) : tile(plane, re.length / plane.length);
    const given: Plane | undefined = from[name];
    changes[name] = { re, ...(complex && { im: await read(p, "im") }) };
    rest[name] = { re: started(given?.re), ...(complex && { im: started(given?.im) }) };
  }
  const states = summed(rest, changes);
  const shown = activities.changes(difference, rest, changes, nudges);
  return {
    states,
    activities: activities.of(states, nudges),
    differences: { states: changes, activities: shown },
  };
}

const summed = (left: Planes, right: Planes): Planes =>
  Object.fromEntries(
    Object.entries(left).map(([name, { re, im }]): [string, Plane] => {
      const add = (of: Float64Array, more: Float64Array | undefined): Float64Array =>
        of.map((value, i) => value + (more?.[i] ?? 0));
      return [
        name,
        { re: add(re, right[name].re), ...(im !== undefined && { im: add(im, right[name].im) }) },
      ];
    }),
  );
