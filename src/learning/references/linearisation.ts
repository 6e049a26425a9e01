/**
 * The vector field of a chip and its derivatives at given states, on the host in float64: what every exact
 * reference starts from. One unit i of the field is F_i(u_i, I_i, I_nudge_i) with I = unit drive * (rho W +
 * b), so its whole Jacobian is three numbers a unit and the weights. A unit of several states counts as it looks
 * once the others have followed u.
 *
 * A discrete map u <- next counts as F = next - u. Units at or outside their bounds are frozen: they do not
 * move, and all derivatives there are 0.
 */
import { drivesThrough, type ByPopulation } from "../drives";
import { amplifierOf, BACK, terminalOf } from "../../circuit/amplifiers";
import type { Chip, Circuit, Population, Projection } from "../../circuit/chip-types";
import { partsOfInputs } from "../../circuit/inputs";
import { isLoaded, loaded, loadPartOf, LOADS, loadsOf } from "../../dynamics/lowering/loads";
import type { Planes } from "../../dynamics/types";
import { differentiate } from "../../equations/differentiate";
import { number, subtract, symbol, type Expression } from "../../equations/expression";
import { vectorize, type Column } from "../../equations/vectorize";
import { CONSTANTS } from "../../units/constants";
import type { Neuron } from "../../device/types";
import { internalStates, planeOf } from "../../circuit/states";
import { OhmletError } from "../../errors";
import { eachUse } from "../../program/connections";
import { factorise } from "./linear";

/** The field and its derivatives at given states. Arrays by unclamped population, [samples, size]. */
export interface Linearisation {
  readonly chip: Chip;
  readonly samples: number;
  /** u of every unclamped population. */
  readonly states: ByPopulation;
  /** rho(u) of every population, the input included. */
  readonly activities: ByPopulation;
  /** F: 0 at a fixed point (where no unit is held by a bound). */
  readonly field: ByPopulation;
  /** dF/du at constant I: the leak, -1 for the papers' neurons. */
  readonly slope: ByPopulation;
  /** dF/dI times the unit drive: the effect of one unit of logical drive. */
  readonly gain: ByPopulation;
  /** dF/dI_back times the unit drive: of what comes back to the output of an amplifier; 0 elsewhere. */
  readonly gainBack: ByPopulation;
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
  expectFollowed(chip.circuit);
  return slopesAt(chip, samples, inputs, states);
}

/** The same of units by themselves: where wires join amplifiers their drives are not known, and nothing else is wrong. */
export function slopesAt(
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
    gainBack: {},
    nudgeGain: {},
    rhoPrime: {},
  };
  const active: Record<string, Uint8Array> = {};
  for (const population of unclamped(chip)) {
    const { name, size, neuron } = population;
    const inner = internalPlanes(chip, population, states);
    const back = backDrive(chip, population, samples, states);
    const values = { u: states[name].re, I: drives[name], I_nudge: 0, [BACK]: back, ...inner };
    const evaluate = (e: Expression): Float64Array => evaluator(chip, population)(e, values, samples * size);
    const drive = chip.unitDriveOf(name);
    const unit = eliminated(neuron, evaluate, inner, (e) =>
      loaded(e, "u", neuron.rho, (load) =>
        LOADS.some((of) => of.name === load && isLoaded(chip.circuit, population, of.terminal)),
      ),
    );
    at.field[name] = unit.field;
    at.slope[name] = unit.slope;
    at.gain[name] = unit.gain.map((x) => x * drive);
    at.gainBack[name] = unit.gainBack.map((x) => x * drive);
    at.nudgeGain[name] = unit.nudgeGain.map((x) => x * drive);
    at.rhoPrime[name] = evaluate(neuron.rhoPrime);
    active[name] = insideBounds(neuron, states[name].re, evaluate);
  }
  return {
    chip,
    samples,
    states: Object.fromEntries(unclamped(chip).map(({ name }) => [name, states[name].re])),
    activities,
    active,
    field: at.field,
    slope: at.slope,
    gain: at.gain,
    gainBack: at.gainBack,
    nudgeGain: at.nudgeGain,
    rhoPrime: at.rhoPrime,
  };
}

/** States beside u, by their names in the neuron's text. @throws OhmletError DYN-SHAPE where one is missing */
function internalPlanes(
  { circuit }: Chip,
  { name, neuron }: Population,
  states: Planes,
): Readonly<Record<string, Float64Array>> {
  return Object.fromEntries(
    internalStates(neuron).map(([state]): [string, Float64Array] => {
      const plane: Planes[string] | undefined = states[planeOf(name, state)];
      if (plane !== undefined) return [state, plane.re];
      throw new OhmletError({
        code: "DYN-SHAPE",
        fact: `the states do not hold "${planeOf(name, state)}", which the neurons of "${name}" have beside u`,
        place: { where: circuit.name },
        remedy: "give all states that a phase left",
      });
    }),
  );
}

function insideBounds(
  neuron: Pick<Neuron, "bounds">,
  u: Float64Array,
  evaluate: (e: Expression) => Float64Array,
): Uint8Array {
  const lower = evaluate(neuron.bounds?.lower ?? number(-Infinity));
  const upper = evaluate(neuron.bounds?.upper ?? number(Infinity));
  // A state that is not a number is active, so that it shows in every answer.
  return Uint8Array.from(u, (x, i) => (x <= lower[i] || x >= upper[i] ? 0 : 1));
}

/** What one unit does to first order, by u and its drives. */
interface Unit {
  readonly field: Float64Array;
  readonly slope: Float64Array;
  readonly gain: Float64Array;
  readonly gainBack: Float64Array;
  readonly nudgeGain: Float64Array;
}

/** F of a state as one expression: its drift, or next - itself. */
export const fieldExpression = ({ dynamics }: Pick<Neuron, "dynamics">, name: string): Expression =>
  dynamics.kind === "continuous" ? dynamics.drift : subtract(dynamics.next, symbol(name));

/**
 * A unit as it looks from u once its internal states x have followed: F_u - F_u,x F_x,x^-1 F_x and so for all
 * derivatives (the Schur complement). At a fixed point nothing else can be told of the unit from outside. Internal
 * states that are held by their bounds do not follow.
 * @param asDriven a field with what its drive is
 */
function eliminated(
  neuron: Neuron,
  evaluate: (e: Expression) => Float64Array,
  inner: Readonly<Record<string, Float64Array>>,
  asDriven: (field: Expression) => Expression,
): Unit {
  const of = (field: Expression): readonly Float64Array[] => [
    evaluate(field),
    ...["u", "I", BACK, "I_nudge"].map((name) => evaluate(differentiate(field, name))),
  ];
  const own = asDriven(fieldExpression(neuron, "u"));
  const [field, slope, gain, gainBack, nudgeGain] = of(own);
  const names = Object.keys(inner);
  if (names.length === 0) return { field, slope, gain, gainBack, nudgeGain };
  const others = internalStates(neuron).map(([name, state]) => {
    const moving = asDriven(fieldExpression(state, name));
    return {
      of: of(moving),
      by: names.map((other) => evaluate(differentiate(moving, other))),
      active: insideBounds(state, inner[name], evaluate),
      seen: evaluate(differentiate(own, name)),
    };
  });
  const n = names.length;
  const [matrix, right] = [new Float64Array(n * n), new Float64Array(n)];
  for (let unit = 0; unit < field.length; unit++) {
    others.forEach(({ by, active }, i) => {
      for (let j = 0; j < n; j++) matrix[i * n + j] = active[unit] === 1 ? by[j][unit] : i === j ? 1 : 0;
    });
    const lu = factorise(matrix, n);
    [field, slope, gain, gainBack, nudgeGain].forEach((values, k) => {
      others.forEach((other, i) => (right[i] = other.active[unit] === 1 ? other.of[k][unit] : 0));
      const follows = lu.solve(right);
      values[unit] -= others.reduce((sum, { seen }, i) => sum + seen[unit] * follows[i], 0);
    });
  }
  return { field, slope, gain, gainBack, nudgeGain };
}

/** Loads here are in SI. */
const SI = { scale: () => 1 };

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
    for (const { name, terminal } of LOADS)
      if (isLoaded(chip.circuit, population, terminal))
        known.set(
          name,
          loadsOf(chip.circuit, population, 1, (p) => loadPartOf([chip], p, SI), terminal),
        );
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

/** Between nodes of amplifiers wires join what is not shown, which drives do not know of. @throws OhmletError LEARN-AMPLIFIER */
function expectFollowed({ name, projections }: Circuit): void {
  const found = projections.find(({ couples, to }) => couples !== null && amplifierOf(to) !== null);
  if (found === undefined) return;
  throw new OhmletError({
    code: "LEARN-AMPLIFIER",
    fact: `"${found.name}" joins nodes and outputs of amplifiers, which exact answers do not follow`,
    place: { where: name },
    remedy: "ask without wires, or without amplifiers; estimates do not need the answer:  probe: 0",
  });
}

/** A conductance that comes back to an output: its units, and the place of its weight in the array. */
export interface BackEnd {
  readonly projection: Projection;
  readonly from: Population;
  readonly pre: number;
  readonly post: number;
  readonly place: number;
  /** Logical. */
  readonly weight: number;
}

/** Every conductance that comes back to the outputs of a population. */
export function eachBack(chip: Chip, { name }: Population, visit: (end: BackEnd) => void): void {
  for (const projection of chip.circuit.projections) {
    const { from, to, wiring } = projection;
    if (to.name !== name || terminalOf(projection) !== "output") continue;
    const { weights } = chip.weights(projection.name);
    const at = (pre: number, post: number, place: number): void =>
      visit({ projection, from, pre, post, place, weight: weights[place] });
    if (wiring !== null)
      eachUse(wiring.members[0], wiring.array.post, (pre, post, place) =>
        wiring.backwards ? at(post, pre, place) : at(pre, post, place),
      );
    else for (let i = 0; i < from.size; i++) for (let j = 0; j < to.size; j++) at(i, j, i * to.size + j);
  }
}

/** What comes back to a population's outputs, less what is drawn there, SI. */
function backDrive(chip: Chip, population: Population, samples: number, states: Planes): Float64Array {
  const { name, size } = population;
  const out = new Float64Array(samples * size);
  const unit = chip.unitDriveOf(name);
  eachBack(chip, population, ({ from, pre, post, weight }) => {
    const u = states[from.name].re;
    for (let s = 0; s < samples; s++) out[s * size + post] += unit * weight * u[s * from.size + pre];
  });
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
