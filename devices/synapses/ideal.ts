/** A weight that does as it is told. */
import type { SynapseSpec } from "../../src/index";

export interface IdealOptions {
  readonly name?: string;
  /** Unit of the weight: current per presynaptic output. Default "1"; "A" beside neurons that integrate amperes. */
  readonly unit?: string;
}

export function ideal({ name = "ideal synapse", unit = "1" }: IdealOptions = {}): SynapseSpec {
  return {
    kind: "synapse",
    name,
    summary: "A number: exact, unbounded, and lasting.",
    equations: `I = w*rho_pre\nw <- w + dw : ${unit}`,
  };
}
