/**
 * The vector field of a chip and its derivatives at given states, on the host in float64: what every exact
 * reference starts from. One unit i of the field is F_i(u_i, I_i, I_nudge_i) with I = unit drive * (rho W +
 * b), so its whole Jacobian is three numbers a unit and the weights.
 *
 * A discrete map u <- next counts as F = next - u. Units at or outside their bounds are frozen: they do not
 * move, and all derivatives there are 0.
 */
import { drivesThrough, type ByPopulation } from "../drives";
import type { Chip, Population } from "../../circuit/chip-types";
import { partsOfInputs } from "../../circuit/inputs";
import type { Planes } from "../../dynamics/types";
import { differentiate } from "../../equations/differentiate";
import { number, subtract, symbol, type Expression } from "../../equations/expression";
import { vectorize, type Column } from "../../equations/vectorize";
import { CONSTANTS } from "../../units/constants";
import type { Neuron } from "../../device/types";

/** The field and its derivatives at given states. Arrays by unclamped population, [samples, size]. */
export interface Linearisation {
  readonly chip: Chip;
  readonly samples: number;
  /** rho(u) of every population, the input included. */
  readonly activities: ByPopulation;
  /** F: 0 at a fixed point (where no unit is held by a bound). */
  readonly field: ByPopulation;
  /** dF/du at constant I: the leak, -1 for the papers' neurons. */
  readonly slope: ByPopulation;
  /** dF/dI times the unit drive: the effect of one unit of logical drive. */
  readonly gain: ByPopulation;
  /** dF/dI_nudge times the unit drive: the effect of one unit of nudge. */
  readonly nudgeGain: ByPopulation;
  /** rho'(u). */
  readonly rhoPrime: ByPopulation;
  /** 1 where the unit is strictly inside its bounds. */
  readonly active: Readonly<Record<string, Uint8Array>>;
}

/** Populations that have dynamics, in the order of their offsets. */
export function unclamped(chip: Chip): readonly (Population & { readonly neuron: Neuron })[] {
  return chip.circuit.populations.filter(
    (p): p is Population & { readonly neuron: Neuron } => !p.clamped && p.neuron !== null,
  );
}

/**
 * Linearises a chip at given states.
 * @param inputs clamped data, [samples, input size]
 * @param states u by population, [samples, size], real
 */
export function linearise(
  chip: Chip,
  samples: number,
  inputs: ArrayLike<number>,
  states: Planes,
): Linearisation {
  const activities = activitiesOf(chip, samples, inputs, states);
  const drives = drivesOf(chip, samples, activities);
  const at: Record<string, Record<string, Float64Array>> = {
    field: {},
    slope: {},
    gain: {},
    nudgeGain: {},
    rhoPrime: {},
  };
  const active: Record<string, Uint8Array> = {};
  for (const population of unclamped(chip)) {
    const { name, size, neuron } = population;
    const values = { u: states[name].re, I: drives[name], I_nudge: 0 };
    const evaluate = (e: Expression): Float64Array => evaluator(chip, population)(e, values, samples * size);
    const drive = chip.unitDriveOf(name);
    const field = fieldExpression(neuron);
    at.field[name] = evaluate(field);
    at.slope[name] = evaluate(differentiate(field, "u"));
    at.gain[name] = evaluate(differentiate(field, "I")).map((x) => x * drive);
    at.nudgeGain[name] = evaluate(differentiate(field, "I_nudge")).map((x) => x * drive);
    at.rhoPrime[name] = evaluate(neuron.rhoPrime);
    active[name] = insideBounds(neuron, states[name].re, evaluate);
  }
  return {
    chip,
    samples,
    activities,
    active,
    field: at.field,
    slope: at.slope,
    gain: at.gain,
    nudgeGain: at.nudgeGain,
    rhoPrime: at.rhoPrime,
  };
}

/** F as one expression: drift, or next - u. */
function fieldExpression({ dynamics }: Neuron): Expression {
  return dynamics.kind === "continuous" ? dynamics.drift : subtract(dynamics.next, symbol("u"));
}

function insideBounds(
  neuron: Neuron,
  u: Float64Array,
  evaluate: (e: Expression) => Float64Array,
): Uint8Array {
  const lower = evaluate(neuron.bounds?.lower ?? number(-Infinity));
  const upper = evaluate(neuron.bounds?.upper ?? number(Infinity));
  // A state that is not a number is active, so that it shows in every answer.
  return Uint8Array.from(u, (x, i) => (x <= lower[i] || x >= upper[i] ? 0 : 1));
}

type Evaluate = (e: Expression, values: Readonly<Record<string, Column>>, length: number) => Float64Array;

/**
 * Evaluates expressions over a population's units: symbols are the values given, its parameters and the
 * constants.
 */
export function evaluator(chip: Chip, population: Population): Evaluate {
  const parameters = chip.parametersOf(population.name);
  return (e, values, length) => {
    const out = new Float64Array(length);
    if (e.kind === "number") return out.fill(e.value); // infinite bounds cannot be emitted
    const known = new Map<string, Column>();
    for (const [name, constant] of Object.entries(CONSTANTS)) known.set(name, constant.value);
    for (const [name, value] of [...Object.entries(parameters), ...Object.entries(values)])
      known.set(name, value);
    return vectorize(e, [...known.keys()])(out, [...known.values()]);
  };
}

/** rho(u) of every population; a clamped one's is its data, or rho(data) where it has a neuron. */
export function activitiesOf(
  chip: Chip,
  samples: number,
  inputs: ArrayLike<number>,
  states: Planes,
): ByPopulation {
  const out: Record<string, Float64Array> = {};
  const clamped = partsOfInputs(chip.circuit, Float64Array.from(inputs));
  for (const population of chip.circuit.populations) {
    const u = clamped.get(population.name) ?? states[population.name].re;
    out[population.name] =
      population.neuron === null
        ? u
        : evaluator(chip, population)(population.neuron.rho, { u }, samples * population.size);
  }
  return out;
}

/** The current I into every unclamped population, SI: unit drive * (sum of rho W + biases). */
export function drivesOf(chip: Chip, samples: number, activities: ByPopulation): ByPopulation {
  const logical = drivesThrough(chip, samples).of(activities);
  return Object.fromEntries(
    Object.entries(logical).map(([name, drive]) => {
      const unit = chip.unitDriveOf(name);
      return [name, drive.map((x) => unit * x)];
    }),
  );
}

/** Largest |F| of each population's active units: how far the states are from a fixed point. */
export function fieldResidual({ field, active }: Linearisation): number {
  let largest = 0;
  for (const [name, values] of Object.entries(field)) {
    values.forEach((x, i) => {
      if (active[name][i]) largest = Math.max(largest, Math.abs(x));
    });
  }
  return largest;
}
