/**
 * The energy-based neuron: the slope of its output multiplies the drive, so that tied weights give a gradient
 * field.
 */
import type { NeuronSpec } from "../../src/index";
import { clipLine, continuousOptions, neuron, rhoLine, type ContinuousOptions } from "./options";

/**
 * Default: hard sigmoid with u kept in [0, 1]; other outputs are not clipped unless asked. `clip: null` is
 * the variant without clipping of Ernoult's gradient figures.
 */
export function energyBased(options: ContinuousOptions = {}): NeuronSpec {
  const {
    rho = "hard-sigmoid",
    clip = rho === "hard-sigmoid" ? [0, 1] : null,
    ...overrides
  } = continuousOptions("energyBased", options);
  const base = {
    name: "energy-based neuron",
    summary: "Descends an energy: the slope of its output multiplies the current of its synapses.",
    source:
      "Ernoult et al. 2019, Updates of Equilibrium Prop Match Gradients of Backprop Through Time, Eq. 71",
  };
  return neuron(base, ["du/dt = -u + rho'(u)*I + I_nudge", rhoLine(rho), clipLine(clip)], overrides);
}
