/** A weight held as the voltage of a capacitor, which leaks. */
import type { SynapseSpec } from "../../src/index";
import { withDefaults, type ParameterOptions } from "../generic";

/** Capacitance, leak, what the voltage drives, and the largest voltage. */
export type CapacitorCellOptions = ParameterOptions<"C" | "g_leak" | "g_m" | "V_max">;

const read = withDefaults("capacitorCell", "capacitor cell", {
  C: ["20 fF", "F"],
  g_leak: ["20 fS", "S"],
  g_m: ["1 uS", "S"],
  V_max: ["1 V", "V"],
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
      "C*dV/dt = -g_leak*V : V",
      "0 <= g_leak",
      "0 < V_max",
    ].join("\n"),
    parameters,
  };
}
