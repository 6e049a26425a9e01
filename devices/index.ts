/**
 * The catalogue of devices. Each is plain data: pass it to `defineNeuron` or `defineSynapse`, or put it into
 * a circuit.
 */
import type { NeuronSpec, SynapseSpec } from "../src/index";
import { diodeNode, plainNode } from "./neurons/diode-node";
import { energyBased } from "./neurons/energy-based";
import { leakyIntegrator } from "./neurons/leaky-integrator";
import { prototypical } from "./neurons/prototypical";
import { shiftedSigmoid } from "./neurons/shifted-sigmoid";
import { softNeuron } from "./neurons/soft-neuron";
import { crossbar } from "./synapses/crossbar";
import { ideal } from "./synapses/ideal";
import { resistor } from "./synapses/resistor";

export { OUTPUT_FUNCTIONS, type OutputFunction } from "./neurons/outputs";
export type { DiodeNodeOptions, PlainNodeOptions } from "./neurons/diode-node";
export type { ContinuousOptions } from "./neurons/options";
export type { PrototypicalOptions } from "./neurons/prototypical";
export type { ShiftedSigmoidOptions } from "./neurons/shifted-sigmoid";
export type { SoftNeuronOptions } from "./neurons/soft-neuron";
export type { CrossbarOptions } from "./synapses/crossbar";
export type { IdealOptions } from "./synapses/ideal";
export type { ResistorOptions } from "./synapses/resistor";
export {
  crossbar,
  diodeNode,
  energyBased,
  ideal,
  leakyIntegrator,
  plainNode,
  prototypical,
  resistor,
  shiftedSigmoid,
  softNeuron,
};

/** Every device by the name that the command line knows it by, with its defaults. */
export const DEVICES: ReadonlyMap<string, () => NeuronSpec | SynapseSpec> = new Map<
  string,
  () => NeuronSpec | SynapseSpec
>([
  ["leaky-integrator", () => leakyIntegrator()],
  ["energy-based", () => energyBased()],
  ["prototypical", () => prototypical()],
  ["shifted-sigmoid", () => shiftedSigmoid()],
  ["soft-neuron", () => softNeuron()],
  ["diode-node", () => diodeNode()],
  ["plain-node", () => plainNode()],
  ["ideal", () => ideal()],
  ["crossbar", () => crossbar()],
  ["resistor", () => resistor()],
]);
