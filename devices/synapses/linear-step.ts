/** A weight whose steps shrink linearly on the way to a bound, by a share that is the device's. */
import type { SynapseSpec } from "../../src/index";
import { currentOf, NORMALISED, withDefaults, type ParameterOptions } from "../generic";

/** Steps at 0, by what share of them they are smaller at the bounds, bounds, and spread from pulse to pulse. */
export type LinearStepOptions = ParameterOptions<
  "dw_up" | "dw_down" | "gamma_up" | "gamma_down" | "b_up" | "b_down" | "sigma_c2c" | "G_unit" | "V_read"
>;

const read = withDefaults("linearStep", "linear step", {
  dw_up: [0.002, "1"],
  dw_down: [0.002, "1"],
  gamma_up: [0.115, "1"],
  gamma_down: [0.509, "1"],
  b_up: [1.172, "1"],
  b_down: [-0.828, "1"],
  sigma_c2c: [0, "1"],
  ...NORMALISED,
});

/**
 * Linear step: a step is the step at 0 times 1 - gamma w/bound, with multiplicative noise (AIHWKit's
 * LinearStepDevice; its preset of a Li-ECRAM has these values, there with sigma_c2c = 0.3). Soft bounds are
 * gamma = 1.
 * @throws OhmletError OPTION-…
 */
export function linearStep(options: LinearStepOptions = {}): SynapseSpec {
  const { name, parameters: given } = read(options);
  const { lines, parameters } = currentOf(given);
  return {
    kind: "synapse",
    name,
    summary: "A weight that pulses move, by a step that changes linearly with it.",
    source: "AIHWKit, LinearStepDevice; values of its preset EcRam (Tang 2018)",
    equations: [
      ...lines,
      "w <- clip(w + step*(1 + sigma_c2c*xi_c), b_down, b_up) at pulse : 1",
      "step = where(0 < sign, dw_up*(1 - gamma_up*w/b_up), -dw_down*(1 - gamma_down*w/b_down))",
      "b_down < b_up",
      "0 <= sigma_c2c",
    ].join("\n"),
    parameters,
  };
}
