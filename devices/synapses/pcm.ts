/** A phase-change cell: it is written in one go, and drifts from then on. */
import type { SynapseSpec } from "../../src/index";
import { withPairs, type PairedOptions } from "../generic";

/** Exponent and first time of the drift, relative read noise, the largest conductance, the read voltage. */
export type PcmOptions = PairedOptions<"nu" | "t_0" | "sigma_read" | "G_max" | "V_read">;

const read = withPairs("pcm", "phase-change cell", {
  nu: [0.049, "1"],
  t_0: ["20 s", "s"],
  sigma_read: [0, "1"],
  G_max: ["25 uS", "S"],
  V_read: ["0.1 V", "V"],
});

/**
 * A phase-change cell: G is what was programmed, and is read as G (1 + age/t_0)^-nu, age being the time since
 * t_0 after programming (Nandakumar 2019; Joshi 2020). Writes do not err here: see `phase-change`.
 * @throws OhmletError OPTION-…
 */
export function pcm(options: PcmOptions = {}): SynapseSpec {
  const { name, parameters, device } = read(options);
  return device({
    kind: "synapse",
    name,
    summary: "A conductance that is written and then drifts as a power of time.",
    source: "Nandakumar 2019; Joshi 2020, doi:10.1038/s41467-020-16108-9",
    equations: [
      "I = G_now*V_read*rho_pre*(1 + sigma_read*xi) : A",
      "G_now = G*(1 + age/t_0)^(-nu) : S   # conductance as it has drifted",
      "G <- clip(G_now + dw/V_read, 0, G_max) at write : S",
      "age <- 0 at write : s",
      "dage/dt = 1",
      "0 < t_0",
      "0 < V_read",
      "0 <= sigma_read",
    ].join("\n"),
    parameters,
    initial: { G: "G_max" },
  });
}
