/**
 * Conductances load the neurons that they end at: I = g*(rho_pre - u_post) is what a synapse without load drives,
 * less the sum of all conductances at the node times its state. So the drive stays what it is, the sum is a
 * parameter of the unit, and slopes of its equation contain it by themselves.
 */
import { BACK, terminalOf } from "../../circuit/amplifiers";
import type { Chip, Circuit, Population, Projection } from "../../circuit/chip-types";
import { multiply, number, substitute, subtract, symbol, type Expression } from "../../equations/expression";
import { OhmletError } from "../../errors";
import { eachUse } from "../../program/connections";
import type { Dimension } from "../../units/quantity";

/** SI value of one internal unit of a dimension. */
interface Scales {
  scale(dimension: Dimension): number;
}

/** The sum of the conductances at a unit, among its parameters; and at its output, where that is an amplifier's. */
export const [LOAD, LOAD_BACK] = ["load", "load_back"] as const;

/** Terminals of a neuron, and the sums of conductances at them. */
export const LOADS = [
  { name: LOAD, terminal: "node" },
  { name: LOAD_BACK, terminal: "output" },
] as const;
type Terminal = (typeof LOADS)[number]["terminal"];

/** Whether a projection's conductances load a terminal of a population. */
export const loadsAt = (projection: Projection, population: string, terminal: Terminal): boolean =>
  projection.to.name === population && projection.synapse.loads && terminalOf(projection) === terminal;

/** Whether conductances end at a population. */
export const isLoaded = (
  { projections }: Circuit,
  { name }: Population,
  terminal: Terminal = "node",
): boolean => projections.some((projection) => loadsAt(projection, name, terminal));

/**
 * An equation of a neuron whose currents are less what its loads take: at its node I - load u, at its output
 * I_back - load_back rho. Where nothing comes back, I_back is 0.
 * @param node the symbol of the state that is loaded, u
 * @param has whether there is such a sum
 */
export function loaded(
  e: Expression,
  node = "u",
  rho: Expression = symbol(node),
  has: (load: string) => boolean = (load) => load === LOAD,
): Expression {
  const less = (port: string, load: string, held: Expression): Expression =>
    subtract(symbol(port), multiply(symbol(load), held));
  return substitute(e, (name) => {
    if (name === "I" && has(LOAD)) return less(name, LOAD, symbol(node));
    if (name === BACK) return has(LOAD_BACK) ? less(name, LOAD_BACK, rho) : number(0);
    return undefined;
  });
}

/** What an array loads each unit with that it ends at, internal units, [chips, size]. */
export function loadPartOf(chips: readonly Chip[], projection: Projection, scaling: Scales): Float64Array {
  const { neuron, size, name } = projection.to;
  const out = new Float64Array(chips.length * size);
  if (neuron === null) return out;
  const unit = scaling.scale(neuron.dimensions.u) / scaling.scale(neuron.dimensions.I);
  chips.forEach((chip, c) => {
    const { weights } = chip.weights(projection.name);
    const drive = chip.unitDriveOf(name) * unit;
    eachLoad(projection, (node, at) => {
      out[c * size + node] += drive * weights[at];
    });
  });
  return out;
}

/** Sums of conductances at a terminal, internal units, [chips, size]. @param part what an array adds to them */
export function loadsOf(
  { projections }: Circuit,
  { name, size }: Population,
  chips: number,
  part: (projection: Projection) => Float64Array,
  terminal: Terminal = "node",
): Float64Array {
  const out = new Float64Array(chips * size);
  for (const projection of projections)
    if (loadsAt(projection, name, terminal)) part(projection).forEach((load, i) => (out[i] += load));
  return out;
}

/** Every unit that a conductance of an array loads, with the conductance's place in the array. */
export function eachLoad({ wiring, array, to }: Projection, visit: (unit: number, at: number) => void): void {
  if (wiring === null) {
    const length = array.pre * array.post;
    for (let at = 0; at < length; at++) visit(at % to.size, at);
    return;
  }
  for (const connections of wiring.members)
    // Read backwards, what sends receives.
    eachUse(connections, array.post, (pre, post, at) => visit(wiring.backwards ? pre : post, at));
}

/** @throws OhmletError LEARN-LOAD: `who` differentiates what weights drive, not what they take from their nodes */
export function expectUnloaded({ name, projections }: Circuit, who: string, remedy: string): void {
  const loading = projections.find(({ synapse }) => synapse.loads);
  if (loading === undefined) return;
  throw new OhmletError({
    code: "LEARN-LOAD",
    fact: `the conductances of "${loading.name}" load their nodes, which ${who} does not differentiate`,
    place: { where: name },
    remedy,
  });
}
