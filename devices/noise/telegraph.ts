/** Random telegraph noise: one trap that takes an electron and lets it go. */
import type { NoiseSpec } from "../../src/index";
import { withDefaults, type ParameterOptions } from "../generic";

/** Mean times to capture and to emission, and the current that a full trap makes. */
export type TelegraphOptions = ParameterOptions<"tau_c" | "tau_e" | "dI">;

const read = withDefaults("telegraph", "random telegraph noise", {
  tau_c: ["1 ms", "s"],
  tau_e: ["4 ms", "s"],
  dI: ["1 nA", "A"],
});

/**
 * Two states with mean times tau_c (until it is full) and tau_e (until it is empty again): exact over a step
 * of any length (Machlup 1954). One-sided density 4 dI^2/((tau_c + tau_e) ((1/tau_c + 1/tau_e)^2 +
 * (2 pi f)^2)).
 * @throws OhmletError OPTION-…
 */
export function telegraph(options: TelegraphOptions = {}): NoiseSpec {
  const { name, parameters } = read(options);
  return {
    kind: "noise",
    name,
    summary: "A current that jumps between two values.",
    source: "Machlup 1954, doi:10.1063/1.1721637",
    equations: [
      "I = dI*trap : A",
      "trap <- where(trap < 0.5, taken, held) at step keeps : 1",
      "taken = where(eta < full*moved, 1, 0)",
      "held = where(eta < (1 - full)*moved, 0, 1)",
      "full = tau_e/(tau_c + tau_e)   # share of the time",
      "moved = 1 - exp(-dt*(1/tau_c + 1/tau_e))   # how much of what it was a step forgets",
      "0 < tau_c",
      "0 < tau_e",
    ].join("\n"),
    parameters,
  };
}
