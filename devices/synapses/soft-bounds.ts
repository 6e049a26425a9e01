/** A weight that pulses move by less the nearer it is to the bound that it moves to. */
import type { SynapseSpec } from "../../src/index";
import { currentOf, NORMALISED, withDefaults, type ParameterOptions } from "../generic";

/** Steps at 0 up and down, bounds, and the spread of steps from pulse to pulse, relative. */
export type SoftBoundsOptions = ParameterOptions<
  "dw_up" | "dw_down" | "b_up" | "b_down" | "sigma_c2c" | "G_unit" | "V_read"
>;

const read = withDefaults("softBounds", "soft bounds", {
  dw_up: [0.002, "1"],
  dw_down: [0.002, "1"],
  b_up: [1.25, "1"],
  b_down: [-0.75, "1"],
  sigma_c2c: [0, "1"],
  ...NORMALISED,
});

/**
 * Soft bounds: a step is the step at 0 times 1 - w/bound (Fusi and Abbott 2007; AIHWKit's SoftBoundsDevice, whose
 * ReRamSB has these steps and bounds, there with sigma_c2c = 3.75).
 * @throws OhmletError OPTION-…
 */
export function softBounds(options: SoftBoundsOptions = {}): SynapseSpec {
  const { name, parameters: given } = read(options);
  const { lines, parameters } = currentOf(given);
  return {
    kind: "synapse",
    name,
    summary: "A weight that pulses move, by less the nearer it is to the bound.",
    source: "AIHWKit, SoftBoundsDevice (Rasch 2021, arXiv:2104.02184); values of its preset ReRamSB",
    equations: [
      ...lines,
      "w <- clip(w + step*(1 + sigma_c2c*xi_c), b_down, b_up) at pulse : 1",
      "step = where(0 < sign, dw_up*(1 - w/b_up), -dw_down*(1 - w/b_down))",
      "b_down < b_up",
      "0 <= sigma_c2c",
    ].join("\n"),
    parameters,
  };
}
