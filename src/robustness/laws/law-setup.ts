/** A chip set up for a law: its simulator, random inputs and targets, and states compared unit by unit. */
import { targetsOf } from "../../circuit/targets";
import { statesOf } from "../../circuit/states";
import type { Chip } from "../../circuit/chip-types";
import { Simulator } from "../../dynamics/simulator";
import { isDiscrete } from "../../dynamics/time-steps/time-step";
import type { PhaseRequest, PhaseResult, Planes } from "../../dynamics/types";
import type { Engine } from "../../engines/engine";
import { createEngine } from "../../engines/select";
import { linearise } from "../../learning/references/linearisation";
import { streamOf, uniform } from "../../random";
import type { Subject, Trial } from "./law";

export interface Stage {
  readonly chip: Chip;
  readonly engine: Engine;
  readonly simulator: Simulator;
  readonly samples: number;
  readonly seed: number;
  readonly inputs: ArrayLike<number>;
  /** One-hot in the rows, the width that the cost asks for. */
  readonly targets: Float64Array;
}

export const chipFrom = (subject: Subject, { seed = 1 }: Trial): Chip =>
  "fabricate" in subject ? subject.fabricate({ seed }) : subject;

/** Runs `act` with a chip set up, and clears away after it. */
export async function staged<T>(chip: Chip, trial: Trial, act: (stage: Stage) => Promise<T>): Promise<T> {
  const { seed = 1, samples = 2, dt = timeStep(chip), solver } = trial;
  const engine = await createEngine(trial.engine ?? "reference");
  const simulator = new Simulator(chip, engine, { seed, solver, dt });
  try {
    const inputs = trial.inputs ?? draws(seed, "law/inputs", samples * chip.circuit.inputSize);
    return await act({
      chip,
      engine,
      simulator,
      samples,
      seed,
      inputs,
      targets: targetsFor(chip, samples, seed),
    });
  } finally {
    simulator.dispose();
    engine.dispose();
  }
}

/** Uniform in 0…1. */
export const draws = (seed: number, name: string, length: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => uniform(seed, streamOf(name), 0, i));

function targetsFor(chip: Chip, samples: number, seed: number): Float64Array {
  const width = targetsOf(chip.circuit);
  const targets = new Float64Array(samples * width);
  for (let s = 0; s < samples; s++) targets[s * width + ((seed + s) % width)] = 1;
  return targets;
}

/** Half of the shortest time constant at rest; undefined for discrete circuits. */
function timeStep(chip: Chip): number | undefined {
  if (isDiscrete(chip.circuit)) return undefined;
  const { slope } = linearise(chip, 1, new Float64Array(chip.circuit.inputSize), zeros(chip));
  const fastest = Math.max(
    ...Object.entries(slope).flatMap(([name, rates]) =>
      chip.circuit.population(name).neuron?.dynamics.kind === "discrete" ? [] : [...rates].map(Math.abs),
    ),
  );
  return fastest > 0 ? 0.5 / fastest : undefined;
}

const zeros = (chip: Chip): Planes =>
  Object.fromEntries(statesOf(chip.circuit).map(({ name, size }) => [name, { re: new Float64Array(size) }]));

/** One unit of a population's state: 1, or what its internal unit is in SI. */
export function unitOf({ simulator }: Stage, population: string): number {
  const planned = simulator.layout.populations.find((p) => p.population.name === population);
  return planned === undefined ? 1 : simulator.units.state(planned);
}

/** A free phase of `steps`, then one nudged from where it ended. */
export async function freeAndNudged(
  { simulator, samples, inputs, targets }: Stage,
  steps: number,
  beta = 0.1,
): Promise<readonly [free: PhaseResult, nudged: PhaseResult]> {
  const common: PhaseRequest = { samples, inputs, steps };
  const free = await simulator.phase(common);
  return [
    free,
    await simulator.phase({ ...common, targets, nudges: [{ re: beta, im: 0 }], from: free.states }),
  ];
}

/** The unit at which two sets of states differ most, in units of the state. */
export interface Gap {
  readonly largest: number;
  readonly population: string;
  readonly unit: number;
  readonly a: number;
  readonly b: number;
}

export function gapBetween(stage: Stage, a: Planes, b: Planes): Gap {
  let gap: Gap = { largest: 0, population: stage.chip.circuit.output.name, unit: 0, a: 0, b: 0 };
  for (const [name, { re }] of Object.entries(a)) {
    const other = b[name].re;
    const unit = unitOf(stage, name);
    const width = re.length / stage.samples;
    for (let k = 0; k < re.length; k++) {
      const apart = Math.abs(re[k] - other[k]) / unit;
      // What is not a number differs from everything.
      if (!(apart <= gap.largest))
        gap = {
          largest: Number.isNaN(apart) ? Infinity : apart,
          population: name,
          unit: k % width,
          a: re[k],
          b: other[k],
        };
    }
  }
  return gap;
}
