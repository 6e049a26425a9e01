/** The neuron of Laborieux and Zenke: a discrete map of its current, seen through a holomorphic sigmoid. */
import { check, optionsOf, type NeuronSpec } from "../../src/index";
import { neuron, OVERRIDES, rhoLine, type Overrides } from "./options";
import type { OutputFunction } from "./outputs";

/** Output function, words and parameters of the shifted-sigmoid neuron. */
export interface ShiftedSigmoidOptions extends Overrides {
  /** Default "shifted-sigmoid". */
  readonly rho?: OutputFunction;
}

const readOptions = optionsOf<ShiftedSigmoidOptions>("shiftedSigmoid", {
  takes: { ...OVERRIDES, rho: check.anything },
});

/**
 * The neuron of Laborieux and Zenke 2023, u <- I + I_nudge with rho = 1/(1 + exp(-4 u + 2)): holomorphic, so
 * that it takes complex nudges. Dimensionless.
 * @throws OhmletError OPTION-…
 */
export function shiftedSigmoid(options: ShiftedSigmoidOptions = {}): NeuronSpec {
  const { rho = "shifted-sigmoid", ...overrides } = readOptions(options);
  const base = {
    name: "shifted-sigmoid neuron",
    summary:
      "A discrete map: the next state is the current of its synapses; its output is smooth enough for " +
      "complex nudges.",
    source:
      "Laborieux and Zenke 2023, Improving equilibrium propagation without weight symmetry through " +
      "Jacobian homeostasis",
  };
  return neuron(base, ["u <- I + I_nudge", rhoLine(rho)], overrides);
}
