/**
 * Records how chosen units move during one phase, thinned: every so many steps a reading, never every step.
 */
import { stateNamed } from "../circuit/states";
import { OhmletError } from "../errors";
import { asOutcome, asTransient } from "./describe";
import { HostLockIn } from "./phases/host-lock-in";
import type { Simulator } from "./simulator";
import { check, optionsOf } from "../options";
import { PHASE } from "./phases/request";
import { RunningEstimate } from "./phases/running-estimate";
import type { PhaseRequest, Planes, Transient } from "./types";

/** A phase to record: what `Simulator.phase` takes, which units are recorded, and how often. */
export interface TransientRequest extends Omit<PhaseRequest, "tolerance" | "average"> {
  /** Steps between readings. Default 1. */
  readonly every?: number;
  /** Units to record, by population. Default: all units of the output. */
  readonly units?: Readonly<Record<string, readonly number[]>>;
}

const { tolerance: _, average: __, ...takes } = PHASE.takes;
const readTransient = optionsOf<TransientRequest>("transient", {
  needs: PHASE.needs,
  takes: { ...takes, every: check.numeric, units: check.anything },
});

/** Most numbers a recording may hold: beyond, it should be thinned. */
const LARGEST_RECORD = 50_000_000;

/**
 * Runs one phase and records how chosen units move, every so many steps.
 * @returns traces by unit and row, [readings] each; the first reading is where the phase starts
 * @throws OhmletError DYN-UNIT, DYN-RECORD and those of the simulator
 */
export async function transient(simulator: Simulator, request: TransientRequest): Promise<Transient> {
  const { every = 1, units = allOutputs(simulator), ...phase } = readTransient(request);
  const rows = phase.samples * (phase.nudges?.length ?? 1);
  const chosen = checkUnits(simulator, units);
  if (!Number.isInteger(every) || every < 1) {
    throw new OhmletError({
      code: "DYN-RECORD",
      fact: `cannot record every ${every} steps`,
      place: { where: "every" },
      remedy: "give a whole number of steps, 1 or more",
    });
  }
  if ((phase.steps / every) * rows * chosen.length > LARGEST_RECORD) {
    throw new OhmletError({
      code: "DYN-RECORD",
      fact: "this recording would not fit in memory",
      place: { where: "units and every" },
      remedy: "record fewer units, or less often (every)",
    });
  }
  let complex = false;
  const traces = chosen.flatMap(({ population, unit }) =>
    Array.from({ length: rows }, (_, row) => ({
      population,
      unit,
      row,
      re: [] as number[],
      im: [] as number[],
    })),
  );
  const times: number[] = [];
  const read = (states: Planes | undefined, time: number): void => {
    times.push(time);
    for (const t of traces) {
      const plane = states?.[t.population];
      const { size } = stateNamed(simulator.chip.circuit, t.population);
      const at = plane === undefined ? 0 : (t.row * size + t.unit) % plane.re.length;
      t.re.push(plane?.re[at] ?? 0);
      t.im.push(plane?.im?.[at] ?? 0);
    }
  };
  read(phase.from, 0);
  const record = (states: Planes, step: number): void => {
    complex = Object.values(states).some((p) => p.im !== undefined);
    read(states, step * simulator.dt);
  };
  const estimate =
    phase.oscillation &&
    new RunningEstimate(
      phase,
      phase.oscillation,
      traces,
      (population) => stateNamed(simulator.chip.circuit, population).size,
    );
  const end = simulator.solver === "dormand-prince" ? await inOnePart() : await inParts();
  const recording: Transient = {
    times,
    traces: traces.map(({ im, ...t }, i) => ({
      ...t,
      ...(complex && { im }),
      ...(estimate && { estimate: estimate.traces[i] }),
    })),
    ...end,
  };
  return asTransient(recording, simulator.circuit);

  /** From the dense output of one phase. */
  async function inOnePart(): Promise<Ending> {
    const lockIn =
      phase.oscillation &&
      new HostLockIn(phase.oscillation.period, (states) => simulator.activitiesOf(states));
    const { states, outcome } = await simulator.phase(phase, (step, now) => {
      lockIn?.add((phase.firstStep ?? 0) + step, now);
      if (step % every !== 0 && step !== phase.steps) return;
      record(now, step);
      if (lockIn !== undefined) estimate?.set(lockIn.read());
    });
    return { states, outcome };
  }

  /** Part by part, each from where the last one ended. */
  async function inParts(): Promise<Ending> {
    let end: Ending | undefined;
    for (let done = 0; done < phase.steps;) {
      const steps = Math.min(every, phase.steps - done);
      const part = await simulator.phase({
        ...phase,
        from: end?.states ?? phase.from,
        steps,
        firstStep: (phase.firstStep ?? 0) + done,
      });
      done += steps;
      end = { states: part.states, outcome: asOutcome({ ...part.outcome, steps: done }) };
      record(part.states, done);
      if (part.lockIn !== undefined) estimate?.add(part.lockIn);
      if (part.outcome.kind === "diverged") break;
    }
    return end as Ending;
  }
}

type Ending = Pick<Transient, "states" | "outcome">;

function allOutputs({ chip: { circuit } }: Simulator): Record<string, number[]> {
  return { [circuit.output.name]: Array.from({ length: circuit.output.size }, (_, i) => i) };
}

function checkUnits(
  simulator: Simulator,
  units: Readonly<Record<string, readonly number[]>>,
): { population: string; unit: number }[] {
  return Object.entries(units).flatMap(([name, list]) => {
    const { population } = stateNamed(simulator.chip.circuit, name);
    return list.map((unit) => {
      if (population.clamped || !Number.isInteger(unit) || unit < 0 || unit >= population.size) {
        throw new OhmletError({
          code: "DYN-UNIT",
          fact: `there is no unit ${unit} to record in "${name}"`,
          place: { where: simulator.chip.circuit.name },
          remedy: population.clamped
            ? "the input is clamped: record another population"
            : `units: 0 to ${population.size - 1}`,
        });
      }
      return { population: name, unit };
    });
  });
}
