/** A neuron that is an operational amplifier: finite gain, two poles, a slew rate, rails and an offset. */
import type { NeuronSpec } from "../../src/index";
import { withDefaults, type ParameterOptions } from "../generic";
import { within } from "./within";

/**
 * Gain and its bandwidth, second pole, slew rate, rails, offset; feedback resistor, noise gain, the voltage over
 * which the output stage saturates, temperature.
 */
export type OpAmpOptions = ParameterOptions<
  "A_0" | "GBW" | "f_2" | "SR" | "V_rail" | "V_os" | "R_f" | "noise_gain" | "V_sat" | "T"
>;

const read = withDefaults("opAmp", "op-amp neuron", {
  A_0: [1e4, "1"],
  GBW: ["1 MHz", "Hz"],
  f_2: ["3 MHz", "Hz"],
  SR: ["1e6 V/s", "V/s"],
  V_rail: ["1.5 V", "V"],
  V_os: [{ value: "0 V", sd: "1 mV" }, "V"],
  R_f: ["10 Mohm", "ohm"],
  noise_gain: [2, "1"],
  V_sat: ["100 mV", "V"],
  T: ["300 K", "K"],
});

/**
 * A summing amplifier: R_f turns the current of the synapses into a voltage, short of it by 1 + noise_gain/A_0.
 * Its first stage integrates what is missing, no faster than the slew rate and between the rails; a second pole
 * follows. Noise is that of R_f.
 * @throws OhmletError OPTION-…, PRESET-RANGE where the device is read
 */
export function opAmp(options: OpAmpOptions = {}): NeuronSpec {
  const { name, parameters } = read(options);
  const spec: NeuronSpec = {
    kind: "neuron",
    name,
    summary: "A summing amplifier with finite gain, two poles, slew rate, rails and offset.",
    equations: [
      "dv/dt = clip(w_t*(missing - v/A_0), -SR, SR) + w_t/noise_gain*sqrt(2*k_B*T*R_f)*xi : V   # first stage",
      "missing = V_os + (R_f*(I + I_nudge) - u)/noise_gain   # at its input",
      "du/dt = 2*pi*f_2*(v - u) : V   # second pole",
      "rho = tanh(u/V_sat) : 1",
      "w_t = 2*pi*GBW",
      "-V_rail <= v <= V_rail",
      "0 < V_rail",
      "0 < SR",
    ].join("\n"),
    parameters,
    unitDrive: "V_sat/R_f",
  };
  return within(spec, "Gray, Hurst, Lewis and Meyer 2009, ch. 9; values of a general-purpose amplifier", {
    A_0: ["assumed", 100, 1e7],
    GBW: ["assumed", "1 kHz", "10 GHz"],
    f_2: ["assumed", "1 kHz", "100 GHz"],
    SR: ["assumed", "1e3 V/s", "1e10 V/s"],
    V_rail: ["assumed", "0.3 V", "20 V"],
    V_os: ["assumed", "-20 mV", "20 mV"],
    noise_gain: ["assumed", 1, 1000],
    T: ["assumed", "230 K", "400 K"],
  });
}
