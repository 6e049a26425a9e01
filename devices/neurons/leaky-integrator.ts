/**
 * The leaky integrator of Scellier et al. 2018: no slope of the output in its dynamics, so no energy is
 * needed.
 */
import type { NeuronSpec } from "../../src/index";
import { clipLine, continuousOptions, neuron, rhoLine, type ContinuousOptions } from "./options";

/**
 * Default: hard sigmoid with u kept in [0, 1], as in the paper; other outputs are not clipped unless asked.
 * Time is in units of the time constant.
 */
export function leakyIntegrator(options: ContinuousOptions = {}): NeuronSpec {
  const {
    rho = "hard-sigmoid",
    clip = rho === "hard-sigmoid" ? [0, 1] : null,
    ...overrides
  } = continuousOptions("leakyIntegrator", options);
  const base = {
    name: "leaky integrator",
    summary: "The state leaks and integrates the current of its synapses.",
    source: "Scellier et al. 2018, Generalization of Equilibrium Propagation to Vector Field Dynamics, Eq. 1",
  };
  return neuron(base, ["du/dt = -u + I + I_nudge", rhoLine(rho), clipLine(clip)], overrides);
}
