/** Records how chosen units move during one phase, thinned: every so many steps a reading, never every step. */
import { OhmletError } from "../errors";
import type { Simulator } from "./simulator";
import type { Outcome, PhaseRequest, Planes } from "./types";

export interface TransientRequest extends Omit<PhaseRequest, "tolerance" | "average"> {
  /** Steps between readings. Default 1. */
  readonly every?: number;
  /** Units to record, by population. Default: all units of the output. */
  readonly units?: Readonly<Record<string, readonly number[]>>;
}

export interface Trace {
  readonly population: string;
  readonly unit: number;
  readonly row: number;
  /** State at each time: SI or dimensionless; `im` where the phase is complex. */
  readonly re: readonly number[];
  readonly im?: readonly number[];
}

export interface Transient {
  /** In the unit of dt; the first is 0. */
  readonly times: readonly number[];
  readonly traces: readonly Trace[];
  readonly states: Planes;
  readonly outcome: Outcome;
}

/** Most numbers a recording may hold: beyond, it should be thinned. */
const LARGEST_RECORD = 50_000_000;

/** @throws OhmletError DYN-UNIT, DYN-RECORD and those of the simulator */
export async function transient(simulator: Simulator, request: TransientRequest): Promise<Transient> {
  const { every = 1, units = allOutputs(simulator), ...phase } = request;
  const rows = phase.samples * (phase.nudges?.length ?? 1);
  const chosen = checkUnits(simulator, units);
  if (!Number.isInteger(every) || every < 1) {
    throw new OhmletError({ code: "DYN-RECORD", fact: `cannot record every ${every} steps`, remedy: "give a whole number of steps, 1 or more" });
  }
  if ((phase.steps / every) * rows * chosen.length > LARGEST_RECORD) {
    throw new OhmletError({ code: "DYN-RECORD", fact: "this recording would not fit in memory", remedy: "record fewer units, or less often (every)" });
  }
  const traces = chosen.flatMap(({ population, unit }) => Array.from({ length: rows }, (_, row) => ({ population, unit, row, re: [] as number[], im: [] as number[] })));
  const times: number[] = [];
  const read = (states: Planes | undefined, time: number): void => {
    times.push(time);
    for (const t of traces) {
      const plane = states?.[t.population];
      const size = simulator.chip.circuit.population(t.population).size;
      const at = plane === undefined ? 0 : ((t.row * size + t.unit) % plane.re.length);
      t.re.push(plane?.re[at] ?? 0);
      t.im.push(plane?.im?.[at] ?? 0);
    }
  };
  read(phase.from, 0);
  let [states, outcome, complex] = [phase.from, undefined as Outcome | undefined, false];
  for (let done = 0; done < phase.steps; ) {
    const steps = Math.min(every, phase.steps - done);
    const part = await simulator.phase({ ...phase, from: states, steps, firstStep: (phase.firstStep ?? 0) + done });
    done += steps;
    states = part.states;
    outcome = { ...part.outcome, steps: done };
    complex = Object.values(part.states).some((p) => p.im !== undefined);
    read(states, done * simulator.dt);
    if (outcome.kind === "diverged") break;
  }
  return {
    times,
    traces: traces.map(({ im, ...t }) => (complex ? { ...t, im } : t)),
    states: states as Planes,
    outcome: outcome as Outcome,
  };
}

function allOutputs({ chip: { circuit } }: Simulator): Record<string, number[]> {
  return { [circuit.output.name]: Array.from({ length: circuit.output.size }, (_, i) => i) };
}

function checkUnits(simulator: Simulator, units: Readonly<Record<string, readonly number[]>>): { population: string; unit: number }[] {
  return Object.entries(units).flatMap(([name, list]) => {
    const population = simulator.chip.circuit.population(name);
    return list.map((unit) => {
      if (population.clamped || !Number.isInteger(unit) || unit < 0 || unit >= population.size) {
        throw new OhmletError({ code: "DYN-UNIT", fact: `there is no unit ${unit} to record in "${name}"`, place: { where: simulator.chip.circuit.name }, remedy: population.clamped ? "the input is clamped: record another population" : `units: 0 to ${population.size - 1}` });
      }
      return { population: name, unit };
    });
  });
}
