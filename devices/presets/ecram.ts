/** Electrochemical memories: small, nearly linear steps. */
import type { SynapseSpec } from "../../src/index";
import { linearStep, type LinearStepOptions } from "../synapses/linear-step";
import { within } from "./within";

/**
 * Lithium: a thousand steps over the range, 30 % from pulse to pulse.
 * @throws OhmletError OPTION-…, PRESET-RANGE where the device is read
 */
export function liEcram(options: LinearStepOptions = {}): SynapseSpec {
  const step = { value: 0.002, mismatch: "10 %" };
  const spec = linearStep({
    name: "Li-ECRAM",
    dw_up: step,
    dw_down: step,
    gamma_up: 0.1153,
    gamma_down: 0.5085,
    b_up: { value: 1.1724, mismatch: "5 %" },
    b_down: { value: -0.8276, mismatch: "5 %" },
    sigma_c2c: 0.3,
    ...options,
  });
  return within(spec, "Tang 2018, IEDM, ieeexplore.ieee.org/document/8614551; AIHWKit, EcRamPresetDevice", {
    dw_up: ["fitted", 5e-4, 8e-3],
    dw_down: ["fitted", 5e-4, 8e-3],
    gamma_up: ["fitted", 0, 0.5],
    gamma_down: ["fitted", 0, 0.8],
    b_up: ["fitted", 0.5, 1.5],
    b_down: ["fitted", -1.5, -0.5],
    sigma_c2c: ["fitted", 0, 1],
  });
}

/**
 * Metal oxide: steps seven times smaller, twice themselves from pulse to pulse.
 * @throws OhmletError OPTION-…, PRESET-RANGE where the device is read
 */
export function moEcram(options: LinearStepOptions = {}): SynapseSpec {
  const spec = linearStep({
    name: "metal-oxide ECRAM",
    dw_up: { value: 2.8214e-4, mismatch: "10 %" },
    dw_down: { value: 2.8214e-4, mismatch: "10 %" },
    gamma_up: 0.4152,
    gamma_down: 0.7342,
    b_up: { value: 1.1714, mismatch: "5 %" },
    b_down: { value: -0.8286, mismatch: "5 %" },
    sigma_c2c: 2,
    ...options,
  });
  return within(spec, "Kim 2019, IEDM, ieeexplore.ieee.org/document/8993463; AIHWKit, EcRamMOPresetDevice", {
    dw_up: ["fitted", 1e-4, 2e-3],
    dw_down: ["fitted", 1e-4, 2e-3],
    gamma_up: ["fitted", 0, 0.8],
    gamma_down: ["fitted", 0, 0.95],
    b_up: ["fitted", 0.5, 1.5],
    b_down: ["fitted", -1.5, -0.5],
    sigma_c2c: ["fitted", 0, 3],
  });
}
