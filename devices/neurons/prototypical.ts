/** Ernoult's prototypical neuron: a discrete map whose state is its output. */
import type { NeuronSpec } from "../../src/index";
import { neuron, type Overrides } from "./options";
import { outputText, type OutputFunction } from "./outputs";

export interface PrototypicalOptions extends Overrides {
  /** Applied to the current of the synapses. Default "sigmoid". */
  readonly rho?: OutputFunction;
}

export function prototypical({ rho = "sigmoid", ...overrides }: PrototypicalOptions = {}): NeuronSpec {
  const base = {
    name: "prototypical neuron",
    summary: "A discrete map: the next state is a function of the current of its synapses.",
    source: "Ernoult et al. 2019, Updates of Equilibrium Prop Match Gradients of Backprop Through Time, Eq. 72-73",
  };
  return neuron(base, ["u <- sigma(I) + I_nudge", `sigma(u) = ${outputText(rho)}`, "rho = u"], overrides);
}
