/**
 * The unit system in which a circuit is integrated. Equations that are dimensionally right keep their form in every
 * consistent system of units, so instead of rescaling each equation we choose the system in which the circuit's own
 * numbers are of order one: what a float32 kernel needs. Dimensionless circuits are untouched.
 */
import type { Chip, Circuit, Population } from "../circuit/chip-types";
import { differentiate } from "../equations/differentiate";
import { evaluate } from "../equations/evaluate";
import { number, substitute, symbol, symbolsOf, type Expression } from "../equations/expression";
import { CONSTANTS } from "../units/constants";
import type { Dimension, Quantity } from "../units/quantity";
import { chooseUnits, scaleOf, type UnitSystem } from "../units/rescale";
import type { Neuron } from "../device/types";
import { joined } from "./arrays";

export interface Scaling {
  readonly system: UnitSystem;
  /** SI value of one internal unit of a dimension: internal = SI / scale. */
  scale(dimension: Dimension): number;
}

export function scalingOf(circuit: Circuit): Scaling {
  const neurons = circuit.populations.flatMap((p) => (p.clamped || p.neuron === null ? [] : [p.neuron]));
  const system = chooseUnits(neurons.flatMap(naturalQuantities));
  return { system, scale: (dimension) => scaleOf(dimension, system) };
}

/**
 * What is of order one when a neuron works: its time constant, its unit drive, and the state at which one unit of drive
 * holds it. Its parameters may lie far from these (a saturation current of femtoamperes), so they speak only for neurons
 * that have no leak.
 */
function naturalQuantities(neuron: Neuron): Quantity[] {
  const { dimensions, dynamics, parameters, unitDrive } = neuron;
  const nominal = (e: Expression): number => {
    const values = Object.fromEntries([...symbolsOf(e)].map((name): [string, number] => [name, parameters[name]?.value.value ?? CONSTANTS[name]?.value ?? 0]));
    return evaluate(e, values);
  };
  const drive = nominal(unitDrive);
  const quantities: Quantity[] = [{ value: drive, dimension: dimensions.I }];
  const field = dynamics.kind === "continuous" ? dynamics.drift : dynamics.next;
  const leak = nominal(differentiate(field, "u"));
  const held = Math.abs(nominal(differentiate(field, "I")) * drive) / (dynamics.kind === "continuous" ? Math.abs(leak) : 1);
  if (dynamics.kind === "continuous") {
    if (!Number.isFinite(1 / leak)) return Object.values(parameters).map((p) => p.value);
    quantities.push({ value: 1 / Math.abs(leak), dimension: dimensions.time });
  }
  if (Number.isFinite(held)) quantities.push({ value: held, dimension: dimensions.u });
  return quantities;
}

/** A neuron of chips with its parameters put in: what is the same for all units as a number, the rest as symbols p0, p1, … */
export interface LocalNeuron {
  /** Rewrites an expression of the neuron: what remains are its ports (u, I, I_nudge) and the symbols of `vectors`. */
  localise(e: Expression): Expression;
  /** Values of parameters that differ from unit to unit, internal units, [chips, size]. */
  readonly vectors: Readonly<Record<string, Float64Array>>;
}

export function localNeuron(chips: readonly Chip[], population: Population, neuron: Neuron, scaling: Scaling): LocalNeuron {
  const replacements = new Map<string, Expression>();
  const vectors: Record<string, Float64Array> = {};
  for (const [name, constant] of Object.entries(CONSTANTS)) replacements.set(name, number(constant.value / scaling.scale(constant.dimension)));
  for (const [name, value] of Object.entries(parametersOf(chips, population.name))) {
    const scale = scaling.scale(neuron.parameters[name].value.dimension);
    if (typeof value === "number") {
      replacements.set(name, number(value / scale));
    } else {
      const own = `p${Object.keys(vectors).length}`;
      vectors[own] = value.map((v) => v / scale);
      replacements.set(name, symbol(own));
    }
  }
  return { localise: (e) => substitute(e, (name) => replacements.get(name)), vectors };
}

/** Parameters of the neurons of chips of one circuit: what has no spread is the same number in all of them, the rest [chips, size]. */
export function parametersOf(chips: readonly Chip[], population: string): Readonly<Record<string, number | Float64Array>> {
  const each = chips.map((chip) => chip.parametersOf(population));
  return Object.fromEntries(Object.entries(each[0]).map(([name, first]) => [name, typeof first === "number" ? first : joined(each.map((own) => own[name] as Float64Array))]));
}
