/**
 * The toy of Ernoult 2019, Fig. 3: 10 inputs drive 50 hidden and 5 output units, which are tied to each
 * other.
 */
import {
  check,
  defineCircuit,
  optionsOf,
  type Circuit,
  type NeuronLike,
  type SynapseLike,
} from "../src/index";

/** Devices and sizes of the toy circuit. */
export interface ToyOptions {
  readonly neuron: NeuronLike;
  readonly synapse: SynapseLike;
  /** Encodes the data: the input's outputs are rho(data). Default: the data as they are. */
  readonly input?: NeuronLike;
  /** Default 10, 50, 5. */
  readonly sizes?: readonly [inputs: number, hidden: number, outputs: number];
}

const readOptions = optionsOf<ToyOptions>("toy", {
  needs: { neuron: check.anything, synapse: check.anything },
  takes: { input: check.anything, sizes: check.numbers },
});

/**
 * The toy circuit of Ernoult et al. 2019, Fig. 3: the input drives hidden and output units, which are tied to
 * each other; squared error of the output's state.
 * @throws OhmletError OPTION-…, CIRCUIT-…, and those of devices that do not read
 */
export function toy(
  options: ToyOptions,
): Circuit<
  "input" | "hidden" | "output",
  "input-hidden" | "input-output" | "hidden-output" | "output-hidden"
> {
  const { neuron, synapse, input, sizes: [inputs, hidden, outputs] = [10, 50, 5] } = readOptions(options);
  const initial = { distribution: "fan-in" } as const;
  return defineCircuit({
    name: `toy-${inputs}-${hidden}-${outputs}`,
    summary: "the input drives both the hidden and the output units, which are tied to each other",
    populations: [
      { name: "input", size: inputs, ...(input !== undefined && { neuron: input }) },
      { name: "hidden", size: hidden, neuron },
      { name: "output", size: outputs, neuron },
    ],
    projections: [
      { name: "input-hidden", from: "input", to: "hidden", synapse, bias: true, initial },
      { name: "input-output", from: "input", to: "output", synapse, bias: true, initial },
      { name: "hidden-output", from: "hidden", to: "output", synapse, initial },
      {
        name: "output-hidden",
        from: "output",
        to: "hidden",
        synapse,
        initial,
        feedback: { kind: "tied", to: "hidden-output" },
      },
    ],
    input: "input",
    output: "output",
    cost: { kind: "squared-error", argument: "state" },
  });
}
