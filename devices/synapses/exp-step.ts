/** A weight whose steps depend exponentially on it: what filamentary resistive memories were fitted by. */
import type { SynapseSpec } from "../../src/index";
import { currentOf, NORMALISED, withDefaults, type ParameterOptions } from "../generic";

/** Steps, the exponential's amplitudes and rates, how weights are scaled and shifted in it, bounds, spread. */
export type ExpStepOptions = ParameterOptions<
  | "dw_up"
  | "dw_down"
  | "A_up"
  | "A_down"
  | "gamma_up"
  | "gamma_down"
  | "a"
  | "b"
  | "b_up"
  | "b_down"
  | "sigma_c2c"
  | "G_unit"
  | "V_read"
>;

const read = withDefaults("expStep", "exponential step", {
  dw_up: [0.00135, "1"],
  dw_down: [0.00135, "1"],
  A_up: [-1.18, "1"],
  A_down: [-0.081, "1"],
  gamma_up: [5, "1"],
  gamma_down: [5, "1"],
  a: [-0.5, "1"],
  b: [-0.5, "1"],
  b_up: [1, "1"],
  b_down: [-1, "1"],
  sigma_c2c: [0, "1"],
  ...NORMALISED,
});

/**
 * Exponential step: up by dw_up max(1 - A_up e^(gamma_up z), 0), down by dw_down max(1 - A_down
 * e^(-gamma_down z), 0), with z = 2 a w/(b_up - b_down) + b (AIHWKit's ExpStepDevice; the exponentials are
 * those of its preset ReRamES, whose up_down is left to dw_up and dw_down).
 * @throws OhmletError OPTION-…
 */
export function expStep(options: ExpStepOptions = {}): SynapseSpec {
  const { name, parameters: given } = read(options);
  const { lines, parameters } = currentOf(given);
  return {
    kind: "synapse",
    name,
    summary: "A weight that pulses move, by a step that depends exponentially on it.",
    source:
      "AIHWKit, ExpStepDevice; exponentials of its preset ReRamES (Gong 2018, doi:10.1038/s41467-018-04485-1)",
    equations: [
      ...lines,
      "w <- clip(w + step*(1 + sigma_c2c*xi_c), b_down, b_up) at pulse : 1",
      "step = where(0 < sign, dw_up*max(1 - A_up*exp(gamma_up*z), 0), -dw_down*max(1 - A_down*exp(-gamma_down*z), 0))",
      "z = 2*a*w/(b_up - b_down) + b",
      "b_down < b_up",
      "0 <= sigma_c2c",
    ].join("\n"),
    parameters,
  };
}
