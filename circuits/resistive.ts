/** Resistive networks: layers of nodes joined all to all by conductances, diodes at the hidden ones (Kendall et al. 2020). */
import { diodeNode, ideal, plainNode, resistor } from "../devices/index";
import {
  check,
  defineCircuit,
  expectValue,
  optionsOf,
  type Circuit,
  type CircuitDesign,
  type CostDesign,
  type InitialWeights,
  type NeuronLike,
  type SynapseLike,
  OhmletError,
} from "../src/index";
import { layerNames, projectionsBetween } from "./layered";

/** Nodes and conductances of a resistive network. */
export interface ResistiveOptions {
  readonly name?: string;
  /** Hidden nodes. Default: `diodeNode()`. */
  readonly neuron?: NeuronLike;
  /** Output nodes. Default: `plainNode()`. */
  readonly output?: NeuronLike;
  /** Default: `resistor()`. */
  readonly synapse?: SynapseLike;
  /**
   * Whether each output node has a source of current of its own: a further input "currents", whose numbers are in units of the
   * node's I_unit. Default false.
   */
  readonly currents?: boolean;
  /**
   * Volts that an input of 1 is: each value, and a bias of 1, is then there as so many volts of either sign, at a node
   * each, since a node is a mean of voltages and no conductance turns a sign. Default: an input node a value, in volts.
   */
  readonly volts?: number;
  /**
   * Outputs in pairs: each of the `sizes` is two nodes, and what it tells is the voltage of the first less that of the
   * second. Default false.
   */
  readonly doubled?: boolean;
  /** Conductances, in units of the node's I_unit over 1 V. Default: none, until they are set. */
  readonly initial?: InitialWeights;
  /** Default: squared error of the output's voltage, or of the difference of each pair. */
  readonly cost?: CostDesign;
}

const readOptions = optionsOf<ResistiveOptions>("resistive", {
  takes: {
    name: check.text,
    neuron: check.anything,
    output: check.anything,
    synapse: check.anything,
    currents: check.flag,
    volts: check.positive,
    doubled: check.flag,
    initial: check.anything,
    cost: check.anything,
  },
});

/**
 * A resistive network, `sizes` from the input to the output. A conductance is one device that both its nodes see:
 * feedback is tied. Input nodes are held at the voltages of the data; where there are `currents`, these follow them.
 * @param sizes values of a sample, hidden nodes, output nodes
 * @throws OhmletError OPTION-…, CIRCUIT-…
 */
export function resistive(sizes: readonly number[], options: ResistiveOptions = {}): Circuit {
  const {
    neuron = diodeNode(),
    output = plainNode(),
    synapse = resistor(),
    currents = false,
    volts,
    doubled = false,
  } = readOptions(options);
  expectValue("resistive", "sizes", sizes, check.list(check.whole(1)));
  const { initial = { distribution: "zero" }, cost: asked = { kind: "squared-error", argument: "state" } } =
    options;
  const cost = doubled ? ofPairs(asked, options.name ?? `resistive-${sizes.join("-")}`) : asked;
  const names = layerNames(sizes.length);
  const last = sizes.length - 1;
  const outputs = doubled ? 2 * sizes[last] : sizes[last];
  const populations = names.map((name, i): CircuitDesign["populations"][number] =>
    i === 0
      ? inputNodes(name, sizes[0], volts)
      : i === last
        ? { name, size: outputs, neuron: output }
        : { name, size: sizes[i], neuron },
  );
  return defineCircuit({
    name: options.name ?? `resistive-${sizes.join("-")}`,
    summary: `${sizes.join("-")} nodes, joined layer by layer by conductances`,
    populations: [...populations, ...(currents ? [{ name: "currents", size: outputs }] : [])],
    projections: [
      ...projectionsBetween(names, { synapse, bias: false, initial, feedback: "tied" }),
      ...(currents
        ? [
            {
              name: "currents-output",
              from: "currents",
              to: "output",
              synapse: ideal({ name: "source of current", unit: "A" }),
              through: { kind: "one-to-one" as const },
              initial: { distribution: "zero" as const },
            },
          ]
        : []),
    ],
    input: currents ? ["input", "currents"] : "input",
    output: "output",
    cost,
  });
}

function inputNodes(
  name: string,
  values: number,
  volts: number | undefined,
): CircuitDesign["populations"][number] {
  if (volts === undefined) return { name, size: values, neuron: plainNode() };
  const encoding = { factors: [volts, -volts], constants: [volts, -volts] };
  return { name, size: 2 * values + 2, neuron: plainNode(), encoding };
}

/** A cost of the differences of pairs. @throws OhmletError CIRCUIT-COST for one that cannot be */
function ofPairs(cost: CostDesign, circuit: string): CostDesign {
  if (typeof cost === "object" && cost.kind === "squared-error") return { ...cost, doubled: true };
  throw new OhmletError({
    code: "CIRCUIT-COST",
    fact: "outputs are in pairs, whose differences only a squared error compares",
    place: { where: `${circuit}, cost` },
    remedy: "leave doubled out, or use a cost of kind squared-error",
  });
}
