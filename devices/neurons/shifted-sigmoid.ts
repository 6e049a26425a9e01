/** The neuron of Laborieux and Zenke: a discrete map of its current, seen through a holomorphic sigmoid. */
import type { NeuronSpec } from "../../src/index";
import { neuron, rhoLine, type Overrides } from "./options";
import type { OutputFunction } from "./outputs";

export interface ShiftedSigmoidOptions extends Overrides {
  /** Default "shifted-sigmoid". */
  readonly rho?: OutputFunction;
}

export function shiftedSigmoid({ rho = "shifted-sigmoid", ...overrides }: ShiftedSigmoidOptions = {}): NeuronSpec {
  const base = {
    name: "shifted-sigmoid neuron",
    summary: "A discrete map: the next state is the current of its synapses; its output is smooth enough for complex nudges.",
    source: "Laborieux and Zenke 2023, Improving equilibrium propagation without weight symmetry through Jacobian homeostasis",
  };
  return neuron(base, ["u <- I + I_nudge", rhoLine(rho)], overrides);
}
