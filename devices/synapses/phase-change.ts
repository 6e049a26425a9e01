/** A trained phase-change cell: writes that err, drift that differs from write to write, and 1/f read noise. */
import type { SynapseSpec } from "../../src/index";
import { withPairs, type PairedOptions } from "../generic";

/** The largest conductance, the read voltage, the first time of the drift, and how long a read takes. */
export type PhaseChangeOptions = PairedOptions<"G_max" | "V_read" | "t_0" | "t_read">;

const read = withPairs("phaseChange", "trained phase-change cell", {
  G_max: ["25 uS", "S"],
  V_read: ["0.1 V", "V"],
  t_0: ["20 s", "s"],
  t_read: ["250 ns", "s"],
});

/**
 * What was measured over a million devices, as it was fitted: programming noise of 1.05 uS at the largest
 * conductance, drift of exponent 0.049 to 0.1 with its own spread, read noise that has accumulated from t_read
 * on (Nandakumar 2019; AIHWKit's PCMLikeNoiseModel). Fitted for G_max = 25 uS.
 * @throws OhmletError OPTION-…
 */
export function phaseChange(options: PhaseChangeOptions = {}): SynapseSpec {
  const { name, parameters, device } = read(options);
  return device({
    kind: "synapse",
    name,
    summary: "A phase-change cell as it was measured: writes err, and what was written drifts and flickers.",
    source: "Nandakumar 2019, ICECS, ieeexplore.ieee.org/document/8964852; AIHWKit, PCMLikeNoiseModel",
    equations: [
      "I = G_now*V_read*rho_pre*(1 + sigma_r*xi) : A",
      "G_now = G*(1 + age/t_0)^(-nu) : S",
      "sigma_r = min(0.0088/share(G)^0.65, 0.2)*sqrt(log((age + t_0 + t_read)/(2*t_read)))   # 1/f noise since t_read",
      "share(x) = max(x/G_max, 0.0001)",
      "asked = clip(G_now + dw/V_read, 0, G_max)",
      "sigma_p = max(-1.1731*share(asked)^2 + 1.965*share(asked) + 0.26348, 0)*G_max/25   # 25 uS: fitted in uS",
      "G <- max(0, asked + sigma_p*xi_p) at write : S",
      "nu <- abs(mu_nu + sigma_nu*xi_nu) at write : 1",
      "mu_nu = clip(-0.0155*log(share(asked)) + 0.0244, 0.049, 0.1)",
      "sigma_nu = clip(-0.0125*log(share(asked)) - 0.0059, 0.008, 0.045)",
      "age <- 0 at write : s",
      "dage/dt = 1",
      "0 < t_0",
      "0 < t_read",
      "0 < V_read",
      "0 < G_max",
    ].join("\n"),
    parameters,
    initial: { nu: "0.049" },
  });
}
