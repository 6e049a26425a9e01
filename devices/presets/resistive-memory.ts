/** Filamentary and CMO/HfOx resistive memories, as pulses move them and as they relax. */
import type { SynapseSpec } from "../../src/index";
import { withPairs, type PairedOptions } from "../generic";
import { expStep, type ExpStepOptions } from "../synapses/exp-step";
import { softBounds, type SoftBoundsOptions } from "../synapses/soft-bounds";
import { within } from "./within";

/**
 * A filamentary resistive memory with soft bounds: 0.2 % of the range a pulse, and steps that differ by 3.75
 * times themselves from pulse to pulse and by 30 % from device to device. The fit's noise of a pulse does not
 * shrink towards the bounds, where ours does.
 * @throws OhmletError OPTION-…, PRESET-RANGE where the device is read
 */
export function reramSoftBounds(options: SoftBoundsOptions = {}): SynapseSpec {
  const step = { value: 0.002, mismatch: 0.3, distribution: "lognormal" } as const;
  const spec = softBounds({
    name: "filamentary ReRAM",
    dw_up: step,
    dw_down: step,
    sigma_c2c: 3.75,
    ...options,
  });
  return within(spec, "Gong 2018, doi:10.1038/s41467-018-04485-1; AIHWKit, ReRamSBPresetDevice", {
    dw_up: ["fitted", 5e-4, 8e-3],
    dw_down: ["fitted", 5e-4, 8e-3],
    b_up: ["fitted", 0.5, 2],
    b_down: ["fitted", -2, -0.3],
    sigma_c2c: ["fitted", 0, 5],
  });
}

/**
 * The same with exponential steps, as they were fitted.
 * @throws OhmletError OPTION-…, PRESET-RANGE where the device is read
 */
export function reramExpStep(options: ExpStepOptions = {}): SynapseSpec {
  const spec = expStep({
    name: "filamentary ReRAM, exponential steps",
    dw_up: { value: 0.00135, mismatch: "20 %" },
    // Up and down differ by 0.259359, which lets the step down be smaller by as much.
    dw_down: { value: 0.00135 * (1 - 0.259359), mismatch: "20 %" },
    A_up: -1.18445,
    A_down: -0.081404,
    sigma_c2c: 5,
    ...options,
  });
  return within(spec, "Gong 2018, doi:10.1038/s41467-018-04485-1; AIHWKit, ReRamESPresetDevice", {
    dw_up: ["fitted", 5e-4, 5e-3],
    dw_down: ["fitted", 5e-4, 5e-3],
    gamma_up: ["fitted", 2, 10],
    gamma_down: ["fitted", 2, 10],
    sigma_c2c: ["fitted", 0, 6],
  });
}

/** Relaxation of the mean and its spread, from when on, read noise, largest conductance, read voltage. */
export type CmoOptions = PairedOptions<
  "a_mean" | "a_spread" | "s_0" | "t_0" | "sigma_read" | "G_max" | "V_read"
>;

const readCmo = withPairs("cmoHfox", "CMO/HfOx ReRAM", {
  a_mean: ["0.089 uS", "S"],
  a_spread: ["0.042 uS", "S"],
  s_0: ["0.4118 uS", "S"],
  t_0: ["1 s", "s"],
  sigma_read: [0.0277, "1"],
  G_max: ["88.19 uS", "S"],
  V_read: ["0.1 V", "V"],
});

/**
 * A CMO/HfOx cell after a write: its conductance falls with the logarithm of time and spreads with it (AIHWKit,
 * ReRamCMO). The spread of a cell keeps its sign as it grows.
 * @throws OhmletError OPTION-…, PRESET-RANGE where the device is read
 */
export function cmoHfox(options: CmoOptions = {}): SynapseSpec {
  const { name, parameters, device } = readCmo(options);
  const spec: SynapseSpec = {
    kind: "synapse",
    name,
    summary: "A resistive memory that relaxes with the logarithm of time.",
    equations: [
      "I = G_now*V_read*rho_pre*(1 + sigma_read*xi) : A",
      "decades = log(1 + age/t_0)",
      "G_now = max(0, G - a_mean*decades + (s_0 + a_spread*decades)*odd) : S",
      "G <- clip(G_now + dw/V_read, 0, G_max) at write : S",
      "odd <- xi_relax at write : 1   # how this write relaxes, in standard deviations",
      "age <- 0 at write : s",
      "dage/dt = 1",
      "0 < t_0",
      "0 < V_read",
    ].join("\n"),
    parameters,
  };
  const preset = within(spec, "AIHWKit, inference noise of CMO/HfOx ReRAM (ReRamCMONoiseModel), 2025", {
    a_mean: ["fitted", "0 uS", "0.2 uS"],
    a_spread: ["fitted", "0 uS", "0.1 uS"],
    s_0: ["fitted", "0 uS", "2 uS"],
    sigma_read: ["measured", 0, 0.1],
    G_max: ["measured", "9 uS", "90 uS"],
  });
  return device(preset);
}
