/** What a phase left in an engine, in SI and in the order of samples: states, and the activities that go with them. */
import type { Executable } from "../../engines/engine";
import type { Activities } from "../lowering/activities";
import { swapBlocks, tile } from "../lowering/arrays";
import type { InternalUnits } from "../lowering/internal-units";
import type { PlannedPopulation } from "../lowering/layout";
import { changeIn } from "../../program/difference";
import type { Plane, Planes } from "../types";

export interface Left {
  readonly exe: Executable;
  readonly complex: boolean;
  /** Whether its means over the last steps hold the result, not its last states. */
  readonly averaged: boolean;
  readonly chips: number;
  readonly nudges: number;
}

export interface StatesAndActivities {
  readonly states: Planes;
  readonly activities: Planes;
}

export async function readStates(
  { exe, complex, averaged, chips, nudges }: Left,
  populations: readonly PlannedPopulation[],
  units: InternalUnits,
  activities: Activities,
): Promise<StatesAndActivities> {
  // What is read is a copy of its own.
  const part = async (buffer: string, scale: number): Promise<Float64Array> => {
    const values = swapBlocks(await exe.read(buffer), chips, nudges);
    for (let i = 0; i < values.length; i++) values[i] *= scale;
    return values;
  };
  const plane = async (buffer: string, scale: number): Promise<Plane> => {
    const [re, im] = await Promise.all([
      part(buffer, scale),
      complex ? part(`${buffer}i`, scale) : undefined,
    ]);
    return { re, ...(im !== undefined && { im }) };
  };
  const states: Record<string, Plane> = Object.create(null);
  const means: Record<string, Plane> = Object.create(null);
  // Asked for all at once: what runs together is told together.
  const found = await Promise.all(
    populations.map((p) =>
      Promise.all([
        plane(`${averaged ? "mu" : "u"}${p.index}`, units.state(p)),
        averaged ? plane(`mr${p.index}`, units.output(p)) : undefined,
      ]),
    ),
  );
  found.forEach(([state, mean], k) => {
    const { name } = populations[k].population;
    states[name] = state;
    if (mean !== undefined) means[name] = mean;
  });
  return { states, activities: averaged ? means : activities.of(states, nudges) };
}

/** How far states are from where the phase began, and what they and their activities are then. */
export async function readDifferences(
  { exe, complex, chips, nudges }: Left,
  from: Planes,
  populations: readonly PlannedPopulation[],
  units: InternalUnits,
  activities: Activities,
): Promise<StatesAndActivities & { readonly differences: StatesAndActivities }> {
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
  const shown = activities.changes(rest, changes, nudges);
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
