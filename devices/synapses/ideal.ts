/** A weight that does as it is told. */
import { check, optionsOf, type SynapseSpec } from "../../src/index";

/** Name and unit of the ideal synapse. */
export interface IdealOptions {
  readonly name?: string;
  /**
   * Unit of the weight: current per presynaptic output. Default "1"; "A" beside neurons that integrate
   * amperes.
   */
  readonly unit?: string;
}

const readOptions = optionsOf<IdealOptions>("ideal", { takes: { name: check.text, unit: check.text } });

/**
 * A synapse that stores its weight exactly, without bounds, noise or leakage: I = w rho_pre. What the papers'
 * networks are made of.
 * @throws OhmletError OPTION-…
 */
export function ideal(options: IdealOptions = {}): SynapseSpec {
  const { name = "ideal synapse", unit = "1" } = readOptions(options);
  return {
    kind: "synapse",
    name,
    summary: "A number: exact, unbounded, and lasting.",
    equations: `I = w*rho_pre\nw <- w + dw : ${unit}`,
  };
}
