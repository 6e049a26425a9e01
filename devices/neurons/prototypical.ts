/** Ernoult's prototypical neuron: a discrete map whose state is its output. */
import { check, optionsOf, type NeuronSpec } from "../../src/index";
import { neuron, OVERRIDES, type Overrides } from "./options";
import { outputText, type OutputFunction } from "./outputs";

/** Output function, words and parameters of the prototypical neuron. */
export interface PrototypicalOptions extends Overrides {
  /** Applied to the current of the synapses. Default "sigmoid". */
  readonly rho?: OutputFunction;
}

const readOptions = optionsOf<PrototypicalOptions>("prototypical", {
  takes: { ...OVERRIDES, rho: check.anything },
});

/**
 * Ernoult's prototypical neuron, u <- sigma(I) + I_nudge with rho = u: a discrete map whose state is its
 * output (Ernoult et al. 2019, Eq. 72-73). Dimensionless.
 * @throws OhmletError OPTION-…
 */
export function prototypical(options: PrototypicalOptions = {}): NeuronSpec {
  const { rho = "sigmoid", ...overrides } = readOptions(options);
  const base = {
    name: "prototypical neuron",
    summary: "A discrete map: the next state is a function of the current of its synapses.",
    source:
      "Ernoult et al. 2019, Updates of Equilibrium Prop Match Gradients of Backprop Through Time, Eq. 72-73",
  };
  return neuron(base, ["u <- sigma(I) + I_nudge", `sigma(u) = ${outputText(rho)}`, "rho = u"], overrides);
}
