/** Two units that drive each other, with an input for the first: the least circuit with a loop. */
import { defineCircuit } from "../../src/index";
import type { Chip } from "../../src/circuit/chip-types";
import type { NeuronSpec } from "../../src/device/types";
import { ideal } from "../../devices";

/** Weights by projection: input to x, x to output, output to x; 0 where none is given. */
export interface PairWeights {
  readonly in?: number;
  readonly xy?: number;
  readonly yx?: number;
}

/** A chip of two units with these equations. */
export function pairOf(equations: string, weights: PairWeights = {}): Chip {
  const neuron: NeuronSpec = { kind: "neuron", name: "node", equations };
  const chip = defineCircuit({
    name: "pair",
    populations: [
      { name: "input", size: 1 },
      { name: "x", size: 1, neuron },
      { name: "output", size: 1, neuron },
    ],
    projections: [
      ["in", "input", "x"],
      ["xy", "x", "output"],
      ["yx", "output", "x"],
    ].map(([name, from, to]) => ({
      name,
      from,
      to,
      synapse: ideal(),
      initial: { distribution: "zero" as const },
    })),
    input: "input",
    output: "output",
    cost: { kind: "squared-error", argument: "state" },
  }).fabricate();
  setPair(chip, weights);
  return chip;
}

/** Programs those weights that are given. */
export function setPair(chip: Chip, weights: PairWeights): void {
  for (const [name, weight] of Object.entries(weights))
    chip.setWeights(name, { weights: Float64Array.of(weight as number), biases: null });
}
