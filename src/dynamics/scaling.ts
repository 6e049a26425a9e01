/**
 * The unit system in which a circuit is integrated. Equations that are dimensionally right keep their form in every
 * consistent system of units, so instead of rescaling each equation we choose the system in which the circuit's own
 * numbers are of order one: what a float32 kernel needs. Dimensionless circuits are untouched.
 */
import type { Circuit, Population } from "../circuit/chip-types";
import type { Chip } from "../circuit/chip-types";
import { number, substitute, symbol, type Expression } from "../equations/expression";
import { CONSTANTS } from "../units/constants";
import type { Dimension } from "../units/quantity";
import { chooseUnits, scaleOf, type UnitSystem } from "../units/rescale";
import type { Neuron } from "../device/types";

export interface Scaling {
  readonly system: UnitSystem;
  /** SI value of one internal unit of a dimension: internal = SI / scale. */
  scale(dimension: Dimension): number;
}

export function scalingOf(circuit: Circuit): Scaling {
  const quantities = circuit.populations.flatMap((p) => Object.values(p.neuron?.parameters ?? {}).map((q) => q.value));
  const system = chooseUnits(quantities);
  return { system, scale: (dimension) => scaleOf(dimension, system) };
}

/** A neuron of a chip with its parameters put in: what is the same for all units as a number, the rest as symbols p0, p1, … */
export interface LocalNeuron {
  /** Rewrites an expression of the neuron: what remains are its ports (u, I, I_nudge) and the symbols of `vectors`. */
  localise(e: Expression): Expression;
  /** Values of parameters that differ from unit to unit, internal units. */
  readonly vectors: Readonly<Record<string, Float64Array>>;
}

export function localNeuron(chip: Chip, population: Population, neuron: Neuron, scaling: Scaling): LocalNeuron {
  const replacements = new Map<string, Expression>();
  const vectors: Record<string, Float64Array> = {};
  for (const [name, constant] of Object.entries(CONSTANTS)) replacements.set(name, number(constant.value / scaling.scale(constant.dimension)));
  for (const [name, value] of Object.entries(chip.parametersOf(population.name))) {
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
