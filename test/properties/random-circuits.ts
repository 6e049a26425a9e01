/** Random small circuits for property tests: contracting, holomorphic, with any feedback and either cost. */
import fc from "fast-check";
import { layered, type LayeredOptions } from "../../circuits";
import { ideal, leakyIntegrator, shiftedSigmoid } from "../../devices";
import { createEngine, Simulator, type Batch, type Chip } from "../../src/index";

export interface RandomCircuit {
  readonly sizes: readonly number[];
  readonly seed: number;
  /** Scale of the weights: small enough to contract. */
  readonly scale: number;
  readonly feedback: LayeredOptions["feedback"];
  readonly neuron: "map" | "continuous";
  readonly cost: "squared-error" | "cross-entropy";
  readonly ascend: boolean;
}

/** Circuits of one or two hidden layers. `feedback` fixes how they talk back. */
export function holomorphicCircuits(feedback?: LayeredOptions["feedback"]): fc.Arbitrary<RandomCircuit> {
  return fc.record({
    sizes: fc.array(fc.integer({ min: 2, max: 5 }), { minLength: 3, maxLength: 4 }),
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    scale: fc.double({ min: 0.3, max: 0.7, noNaN: true }),
    feedback: feedback === undefined ? fc.constantFrom<LayeredOptions["feedback"]>("tied", "untied", { angle: 45 }) : fc.constant(feedback),
    neuron: fc.constantFrom("map" as const, "continuous" as const),
    cost: fc.constantFrom("squared-error" as const, "cross-entropy" as const),
    ascend: fc.boolean(),
  });
}

export interface Prepared {
  readonly chip: Chip;
  readonly simulator: Simulator;
  readonly batch: Batch;
}

/**
 * Skips circuits that do not contract well: settled from zero within 150 steps to rounding, a rate of about 0.8 a step.
 * Nearer to instability the radius of convergence shrinks and every tolerance would have to follow it.
 */
export async function assumeContracting({ simulator, batch }: Prepared): Promise<void> {
  const { outcome } = await simulator.phase({ samples: batch.samples, inputs: batch.inputs, steps: 150, tolerance: 1e-14 });
  fc.pre(outcome.kind === "settled");
}

/** The chip, an engine that settles it and one batch of two samples. */
export async function prepare(random: RandomCircuit, engine = "reference"): Promise<Prepared> {
  const { sizes, seed, scale, feedback, neuron, cost, ascend } = random;
  const classes = 3;
  const chip = layered(sizes, {
    neuron: neuron === "map" ? shiftedSigmoid() : leakyIntegrator({ rho: "tanh" }),
    synapse: ideal(),
    feedback,
    initial: { distribution: "lecun", scale },
    cost: cost === "squared-error" ? { kind: cost, argument: "activity", ascend } : { kind: cost, argument: "activity", classes, ascend },
  }).fabricate({ seed });
  const simulator = new Simulator(chip, await createEngine(engine), neuron === "map" ? {} : { solver: "euler", dt: 0.7 });
  const samples = 2;
  const pseudo = (i: number): number => ((i * 2654435761 + seed * 40503) % 1000) / 1000;
  const width = cost === "squared-error" ? (sizes.at(-1) as number) : classes;
  const targets = new Float64Array(samples * width);
  for (let s = 0; s < samples; s++) targets[s * width + ((seed + s) % width)] = 1;
  return { chip, simulator, batch: { samples, inputs: Float64Array.from({ length: samples * sizes[0] }, (_, i) => pseudo(i)), targets } };
}
