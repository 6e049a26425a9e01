/** A neuron of transistors below threshold: a differential pair that saturates, with offset and shot noise. */
import type { NeuronSpec } from "../../src/index";
import { withDefaults, type ParameterOptions } from "../generic";
import { within } from "./within";

/** Capacitance, leak, bias current, coupling, offset, temperature. */
export type TransconductorOptions = ParameterOptions<"C" | "g_leak" | "I_b" | "kappa" | "V_os" | "T">;

const read = withDefaults("transconductor", "CMOS transconductor neuron", {
  C: ["1 pF", "F"],
  g_leak: ["100 nS", "S"],
  I_b: ["10 nA", "A"],
  kappa: [0.7, "1"],
  V_os: [{ value: "0 V", sd: "5 mV" }, "V"],
  T: ["300 K", "K"],
});

/**
 * C du/dt = -g_leak u + I, with the shot noise of its bias current; its output is that of a differential pair,
 * tanh(kappa (u + V_os)/2U_T).
 * @throws OhmletError OPTION-…, PRESET-RANGE where the device is read
 */
export function transconductor(options: TransconductorOptions = {}): NeuronSpec {
  const { name, parameters } = read(options);
  const spec: NeuronSpec = {
    kind: "neuron",
    name,
    summary: "A differential pair below threshold, with offset and shot noise.",
    equations: [
      "C*du/dt = -g_leak*u + I + I_nudge + sqrt(2*k_B*T*g_leak + q_e*I_b/kappa)*xi : V   # thermal, shot",
      "rho = tanh((u + V_os)/V_half) : 1",
      "V_half = 2*k_B*T/(kappa*q_e) : V",
    ].join("\n"),
    parameters,
    unitDrive: "g_leak*2*k_B*T/(kappa*q_e)",
  };
  return within(spec, "Vittoz and Fellrath 1977; Mead 1989, Analog VLSI and Neural Systems", {
    I_b: ["measured", "0.1 nA", "1 uA"],
    kappa: ["measured", 0.5, 0.9],
    V_os: ["measured", "-50 mV", "50 mV"],
    T: ["assumed", "250 K", "400 K"],
  });
}
