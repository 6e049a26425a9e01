/** A weight that does as it is told. */
import { check, optionsOf, type SynapseSpec } from "../../src/index";

export interface IdealOptions {
  readonly name?: string;
  /**
   * Unit of the weight: current per presynaptic output. Default "1"; "A" beside neurons that integrate
   * amperes.
   */
  readonly unit?: string;
}

const readOptions = optionsOf<IdealOptions>("ideal", { takes: { name: check.text, unit: check.text } });

export function ideal(options: IdealOptions = {}): SynapseSpec {
  const { name = "ideal synapse", unit = "1" } = readOptions(options);
  return {
    kind: "synapse",
    name,
    summary: "A number: exact, unbounded, and lasting.",
    equations: `I = w*rho_pre\nw <- w + dw : ${unit}`,
  };
}
