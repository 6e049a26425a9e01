/** Which rule suits a circuit. */
import type { Circuit } from "../../circuit/chip-types";
import { internalStates } from "../../circuit/states";
import { areAlike, slopesOf } from "../energy/constancy";
import { isShared } from "../energy/symmetric";
import { energyBased } from "./energy-based";
import type { Rule } from "./rule";
import { vectorField } from "./vector-field";

/**
 * The energy-based rule where the circuit descends an energy whose nudge is the cost's, as far as its
 * equations tell: every connection between unclamped populations is shared by both directions, the cost is a
 * function of the state, and the nudged neuron takes the currents of its synapses times the slope of its
 * output. Otherwise the vector-field rule, which asks for nothing.
 */
export function defaultRule(circuit: Circuit): Rule {
  const recurrent = circuit.projections.some((p) => !p.from.clamped);
  return recurrent && isShared(circuit) && circuit.spec.cost.argument === "state" && nudgesAnEnergy(circuit)
    ? energyBased
    : vectorField;
}

/**
 * With shared weights, the activities s = rho(u) of a circuit settle where W s and what each neuron does by
 * itself cancel, and that has an energy E(s), whatever the neurons. A nudge -dC/du is one of the same energy,
 * -dC/ds = -(dC/du)/rho', only if it counts 1/rho' times as much as a current: where dF/dI = c rho'
 * dF/dI_nudge with the same c at all states. A leak in u whose drives are not weighed by rho' has no such
 * energy unless rho is linear; nor does it matter where synapses see the state, since both rules are one
 * then.
 */
function nudgesAnEnergy(circuit: Circuit): boolean {
  const { neuron } = circuit.output;
  if (neuron === null || internalStates(neuron).length > 0) return false;
  // Where its output is flat, a point tells nothing.
  const slopes = slopesOf(circuit, neuron).filter(({ rhoPrime }) => rhoPrime !== 0);
  return (
    areAlike(slopes.map(({ rhoPrime }) => rhoPrime)) ||
    areAlike(slopes.map(({ rhoPrime, byCurrent, byNudge }) => byCurrent / (rhoPrime * byNudge)))
  );
}
