/** Flicker noise: a density that falls as 1/f between two frequencies. */
import type { NoiseSpec } from "../../src/index";
import { withDefaults, type ParameterOptions } from "../generic";

/** One-sided density at 1 Hz, lowest and highest corner, and poles a decade. */
export type FlickerOptions = ParameterOptions<"S_1Hz" | "f_low" | "f_high" | "poles">;

const read = withDefaults("flicker", "flicker noise", {
  S_1Hz: ["1e-22 A^2/Hz", "A^2/Hz"],
  f_low: ["1 Hz", "Hz"],
  f_high: ["1 MHz", "Hz"],
  poles: [2, "1"],
});

/**
 * A sum of Ornstein-Uhlenbeck states, `poles` a decade from f_low to f_high, both included, each of the
 * variance S_1Hz ln(10)/poles; between the ends its one-sided density ripples about S_1Hz/f by 5.5 % at one
 * pole a decade and 0.08 % at two.
 * @throws OhmletError OPTION-…
 */
export function flicker(options: FlickerOptions = {}): NoiseSpec {
  const { name, parameters } = read(options);
  return {
    kind: "noise",
    name,
    summary: "A current whose density falls as 1/f.",
    source: "van der Ziel 1950, doi:10.1016/0031-8914(50)90078-4; Milotti 2002, arXiv:physics/0204033",
    equations: ["I = i_n : A", "i_n = flicker(S_1Hz, f_low, f_high, poles) : A keeps", "0 <= S_1Hz"].join(
      "\n",
    ),
    parameters,
  };
}
