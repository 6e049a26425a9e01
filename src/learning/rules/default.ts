/** Which rule suits a circuit. */
import type { Circuit, Projection } from "../../circuit/chip-types";
import { internalStates } from "../../circuit/states";
import { ownerOf } from "../../circuit/owner";
import type { Neuron } from "../../device/types";
import { scalingOf } from "../../dynamics/lowering/scaling";
import { differentiate } from "../../equations/differentiate";
import { compile } from "../../equations/evaluate";
import { CONSTANTS } from "../../units/constants";
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
  const shared = new Set(
    circuit.projections.filter((p) => ownerOf(p) !== p.name).flatMap((p) => [p.name, ownerOf(p)]),
  );
  const recurrent = circuit.projections.filter((p) => !p.from.clamped);
  const symmetric = recurrent.length > 0 && recurrent.every((p) => shared.has(p.name) || toItself(p));
  return symmetric && circuit.spec.cost.argument === "state" && nudgesAnEnergy(circuit)
    ? energyBased
    : vectorField;
}

/** From each unit to itself: it has no other direction. */
const toItself = ({ from, to, wiring }: Projection): boolean => from === to && wiring?.kind === "one-to-one";

/**
 * Points at which a neuron is looked at, in units of its state and of its drive; where its output is flat,
 * they tell nothing.
 */
const STATES = [-2.1, -1.3, -0.6, -0.2, 0.13, 0.31, 0.52, 0.77, 0.94, 1.4, 2.3];
const DRIVES = [0, 0.4, -0.7];
/** Relative differences that are rounding. */
const EQUAL = 1e-6;

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
  const unit = neuron.dynamics.kind === "discrete" ? 1 : scalingOf(circuit).scale(neuron.dimensions.u);
  const [slope, weighed] = [valuesOf(neuron, unit, "slope"), valuesOf(neuron, unit, "weighed")];
  return [slope, weighed].some(
    (values) =>
      values.length > 0 &&
      values.every((value) => Math.abs(value - values[0]) <= EQUAL * Math.abs(values[0])),
  );
}

/** rho', or dF/dI over rho' dF/dI_nudge, wherever the output follows the state. */
function valuesOf(
  { dynamics, rho, parameters, unitDrive }: Neuron,
  unit: number,
  of: "slope" | "weighed",
): number[] {
  const names = ["u", "I", "I_nudge", ...Object.keys(CONSTANTS), ...Object.keys(parameters)];
  const fixed = [
    ...Object.values(CONSTANTS).map(({ value }) => value),
    ...Object.values(parameters).map(({ value }) => value.value),
  ];
  const field = dynamics.kind === "continuous" ? dynamics.drift : dynamics.next;
  const [slope, current, nudge, drive] = [
    differentiate(rho, "u"),
    differentiate(field, "I"),
    differentiate(field, "I_nudge"),
    unitDrive,
  ].map((e) => compile(e, names));
  return STATES.flatMap((u) =>
    DRIVES.flatMap((I) => {
      const at = [u * unit, I * drive(0, 0, 0, ...fixed), 0, ...fixed];
      const steep = slope(...at);
      const value = of === "slope" ? steep : current(...at) / (steep * nudge(...at));
      return steep === 0 || !Number.isFinite(value) ? [] : [value];
    }),
  );
}
