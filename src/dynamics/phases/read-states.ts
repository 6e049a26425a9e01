/** What a phase left in an engine, in SI and in the order of samples: states, and the activities that go with them. */
import type { Executable } from "../../engines/engine";
import type { Activities } from "../lowering/activities";
import { swapBlocks } from "../lowering/arrays";
import type { InternalUnits } from "../lowering/internal-units";
import type { PlannedPopulation } from "../lowering/layout";
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
