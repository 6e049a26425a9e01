/** A weight held as the voltage of a capacitor, which leaks. */
import type { SynapseSpec } from "../../src/index";
import { arrhenius, withDefaults, type ParameterOptions } from "../generic";

/**
 * Capacitance, leak at T_0, what the voltage drives, the largest voltage; the temperature, and the activation
 * energy of the leak over the elementary charge: "0.6 V" are 0.6 eV.
 */
export type CapacitorCellOptions = ParameterOptions<"C" | "g_leak" | "g_m" | "V_max" | "E_a" | "T" | "T_0">;

const read = withDefaults("capacitorCell", "capacitor cell", {
  C: ["20 fF", "F"],
  g_leak: ["20 fS", "S"],
  g_m: ["1 uS", "S"],
  V_max: ["1 V", "V"],
  E_a: ["0.6 V", "V"],
  T: ["300 K", "K"],
  T_0: ["300 K", "K"],
});

/**
 * A capacitor whose voltage, times a transconductance, is the weight: it is written to any voltage within its
 * range and leaks with C/g_leak, 1 s unless said (20 fS draw 10 fA at half a volt, half a volt a second).
 * @throws OhmletError OPTION-…
 */
export function capacitorCell(options: CapacitorCellOptions = {}): SynapseSpec {
  const { name, parameters } = read(options);
  return {
    kind: "synapse",
    name,
    summary: "A voltage on a capacitor that leaks.",
    source: "Kirchhoff's current law; Li 2018, capacitor-based cross-point arrays",
    equations: [
      "I = g_m*V*rho_pre : A",
      "V <- clip(V + dw/g_m, -V_max, V_max) at write : V",
      "C*dV/dt = -g_T*V : V",
      `g_T = g_leak*${arrhenius("T", "T_0")}   # leaks faster where it is warm`,
      "0 <= g_leak",
      "0 < T",
      "0 < T_0",
      "0 < V_max",
    ].join("\n"),
    parameters,
  };
}
