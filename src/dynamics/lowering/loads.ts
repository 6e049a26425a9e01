/**
 * Conductances load the neurons that they end at: I = g*(rho_pre - u_post) is what a synapse without load drives,
 * less the sum of all conductances at the node times its state. So the drive stays what it is, the sum is a
 * parameter of the unit, and slopes of its equation contain it by themselves.
 */
import type { Chip, Circuit, Population, Projection } from "../../circuit/chip-types";
import { multiply, substitute, subtract, symbol, type Expression } from "../../equations/expression";
import { eachUse } from "../../program/connections";
import type { Dimension } from "../../units/quantity";

/** SI value of one internal unit of a dimension. */
interface Scales {
  scale(dimension: Dimension): number;
}

/** The sum of the conductances at a unit, among its parameters. */
export const LOAD = "load";

/** Whether conductances end at a population. */
export const isLoaded = ({ projections }: Circuit, population: Population): boolean =>
  projections.some(({ to, synapse }) => to === population && synapse.loads);

/** An equation of a neuron whose drive is I less what its load takes. */
export function loaded(e: Expression): Expression {
  const drive = subtract(symbol("I"), multiply(symbol(LOAD), symbol("u")));
  return substitute(e, (name) => (name === "I" ? drive : undefined));
}

/** Sums of conductances, internal units, [chips, size]. */
export function loadsOf(chips: readonly Chip[], population: Population, scaling: Scales): Float64Array {
  const out = new Float64Array(chips.length * population.size);
  const { neuron, size } = population;
  if (neuron === null) return out;
  const unit = scaling.scale(neuron.dimensions.u) / scaling.scale(neuron.dimensions.I);
  chips.forEach((chip, c) => {
    const own = out.subarray(c * size, (c + 1) * size);
    for (const projection of chip.circuit.projections)
      if (projection.to.name === population.name && projection.synapse.loads)
        addLoads(own, chip.weights(projection.name).weights, projection);
    const drive = chip.unitDriveOf(population.name) * unit;
    own.forEach((sum, i) => (own[i] = sum * drive));
  });
  return out;
}

/** Adds what each unit has of an array of conductances. */
function addLoads(out: Float64Array, weights: Float64Array, { wiring, array, to }: Projection): void {
  if (wiring === null) {
    for (let k = 0; k < weights.length; k++) out[k % to.size] += weights[k];
    return;
  }
  for (const connections of wiring.members)
    // Read backwards, what sends receives.
    eachUse(connections, array.post, (pre, post, at) => {
      out[wiring.backwards ? pre : post] += weights[at];
    });
}
