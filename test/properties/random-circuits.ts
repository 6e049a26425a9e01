/** Random small circuits for property tests: contracting, holomorphic, with any feedback and either cost. */
import fc from "fast-check";
import { createEngine, Simulator, type Batch, type Chip } from "../../src/index";
import { chipOf, circuits, simulationOf, type CircuitRecipe } from "../../src/robustness";

export type RandomCircuit = CircuitRecipe;

/** Circuits of one or two hidden layers. `feedback` fixes how they talk back. */
export const holomorphicCircuits = (feedback?: RandomCircuit["feedback"]): fc.Arbitrary<RandomCircuit> =>
  circuits({ feedback, units: [2, 5] });

export interface Prepared {
  readonly chip: Chip;
  readonly simulator: Simulator;
  readonly batch: Batch;
}

/**
 * Skips circuits that do not contract well: settled from zero within 150 steps to rounding, a rate of about
 * 0.8 a step. Nearer to instability the radius of convergence shrinks and every tolerance would have to
 * follow it.
 */
export async function assumeContracting({ simulator, batch }: Prepared): Promise<void> {
  const { outcome } = await simulator.phase({
    samples: batch.samples,
    inputs: batch.inputs,
    steps: 150,
    tolerance: 1e-14,
  });
  fc.pre(outcome.kind === "settled");
}

/** The chip, an engine that settles it and one batch of two samples. */
export async function prepare(random: RandomCircuit, engine = "reference"): Promise<Prepared> {
  const { sizes, seed, cost } = random;
  const chip = chipOf(random);
  const simulator = new Simulator(chip, await createEngine(engine), simulationOf(random));
  const samples = 2;
  const pseudo = (i: number): number => ((i * 2654435761 + seed * 40503) % 1000) / 1000;
  const width = cost === "squared-error" ? (sizes.at(-1) as number) : (chip.readout?.biases.length as number);
  const targets = new Float64Array(samples * width);
  for (let s = 0; s < samples; s++) targets[s * width + ((seed + s) % width)] = 1;
  return {
    chip,
    simulator,
    batch: {
      samples,
      inputs: Float64Array.from({ length: samples * sizes[0] }, (_, i) => pseudo(i)),
      targets,
    },
  };
}
