/** Which rule suits a circuit. */
import type { Circuit } from "../../circuit/chip-types";
import { ownerOf } from "../../circuit/owner";
import { energyBased } from "./energy-based";
import type { Rule } from "./rule";
import { vectorField } from "./vector-field";

/**
 * The energy-based rule where the circuit can have an energy whose nudge is the cost's: every connection between
 * unclamped populations is shared by both directions, and the cost is a function of the state. Otherwise the
 * vector-field rule, which asks for nothing.
 */
export function defaultRule(circuit: Circuit): Rule {
  const shared = new Set(circuit.projections.filter((p) => ownerOf(p) !== p.name).flatMap((p) => [p.name, ownerOf(p)]));
  const recurrent = circuit.projections.filter((p) => !p.from.clamped);
  const symmetric = recurrent.length > 0 && recurrent.every((p) => shared.has(p.name));
  return symmetric && circuit.spec.cost.argument === "state" ? energyBased : vectorField;
}
