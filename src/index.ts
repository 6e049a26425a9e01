/** The public entry point of Ohmlet: what `import … from "ohmlet"` gives. */
export { OhmletError, type ErrorDetails, type Place } from "./errors";
export { parseQuantity } from "./units/parse";
export { formatQuantity } from "./units/format";
export type { Dimension, Quantity } from "./units/quantity";
export { defineNeuron } from "./device/neuron";
export { defineSynapse } from "./device/synapse";
export { spread } from "./device/parameter";
export type { Neuron, NeuronSpec, Parameter, ParameterSpec, Synapse, SynapseSpec } from "./device/types";
export { readCircuit as defineCircuit } from "./circuit/circuit";
export type { Chip, Circuit, Population, Projection, Readout, WeightArrays } from "./circuit/chip-types";
export type { CircuitSpec, CostSpec, Feedback, InitialWeights, PopulationSpec, ProjectionSpec } from "./circuit/types";
export { createEngine } from "./engines/select";
export type { Engine, EngineInfo } from "./engines/engine";
export { Simulator, type SimulatorOptions } from "./dynamics/simulator";
export type { Complex, Outcome, PhaseRequest, PhaseResult, Plane, Planes, SolverName } from "./dynamics/types";
export * from "./learning/estimators";
export type { Batch, Estimate } from "./learning/types";
