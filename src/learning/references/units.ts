/**
 * The equations of a population's units at given states, on the host in float64, in SI: with the loads of the
 * conductances at them and what comes back to their outputs, and each unit as it looks once all its states but u have
 * followed u.
 */
import { BACK, terminalOf } from "../../circuit/amplifiers";
import type { Chip, Population, Projection } from "../../circuit/chip-types";
import { internalStates, planeOf } from "../../circuit/states";
import type { Neuron } from "../../device/types";
import { isLoaded, loaded, loadPartOf, LOADS, loadsOf } from "../../dynamics/lowering/loads";
import type { Planes } from "../../dynamics/types";
import { differentiate } from "../../equations/differentiate";
import { number, subtract, symbol, symbolsOf, type Expression } from "../../equations/expression";
import { vectorize, type Column } from "../../equations/vectorize";
import { OhmletError } from "../../errors";
import { eachUse } from "../../program/connections";
import { CONSTANTS } from "../../units/constants";
import { factorise } from "./linear";

/** A population's units at some states, [samples, size]. */
export interface Units {
  readonly neuron: Neuron;
  /** States beside u, by their names in the neuron's text. */
  readonly inner: Readonly<Record<string, Float64Array>>;
  /** How each state moves, u first: its drift, or next less itself; currents are less what loads take. */
  readonly moving: readonly (readonly [state: string, field: Expression])[];
  evaluate(e: Expression): Float64Array;
}

type Unclamped = Population & { readonly neuron: Neuron };

/**
 * @param drive what they receive, SI, [samples, size]
 * @throws OhmletError DYN-SHAPE where a state beside u is missing
 */
export function unitsAt(
  chip: Chip,
  population: Unclamped,
  samples: number,
  states: Planes,
  drive: Float64Array,
): Units {
  const { name, size, neuron } = population;
  const inner = internalPlanes(chip, population, states);
  const back = backDrive(chip, population, samples, states);
  const values = { u: states[name].re, I: drive, I_nudge: 0, [BACK]: back, ...inner };
  const own = evaluator(chip, population);
  const asDriven = (e: Expression): Expression =>
    loaded(e, "u", neuron.rho, (load) =>
      LOADS.some((of) => of.name === load && isLoaded(chip.circuit, population, of.terminal)),
    );
  return {
    neuron,
    inner,
    moving: [["u", neuron] as const, ...internalStates(neuron)].map(([state, of]) => [
      state,
      asDriven(fieldExpression(of, state)),
    ]),
    evaluate: (e) => own(e, values, samples * size),
  };
}

/** Whether a parameter acts in how units move. */
export const moves = ({ moving }: Units, parameter: string): boolean =>
  moving.some(([, field]) => symbolsOf(field).has(parameter));

/**
 * The field of u and its derivatives by symbols, once the states x beside it have followed: F_u - F_u,x F_x,x^-1 F_x
 * and so for all derivatives (the Schur complement). At a fixed point nothing else can be told of a unit from outside.
 * States that are held by their bounds do not follow.
 * @returns the field, then its derivative by each of the names, [samples, size]
 */
export function followed(
  { neuron, inner, moving, evaluate }: Units,
  names: readonly string[],
): readonly Float64Array[] {
  const of = (field: Expression): readonly Float64Array[] => [
    evaluate(field),
    ...names.map((name) => evaluate(differentiate(field, name))),
  ];
  const [[, own], ...beside] = moving;
  const whole = of(own);
  if (beside.length === 0) return whole;
  const others = beside.map(([name, field]) => ({
    of: of(field),
    by: beside.map(([other]) => evaluate(differentiate(field, other))),
    active: insideBounds(neuron.internal[name], inner[name], evaluate),
    seen: evaluate(differentiate(own, name)),
  }));
  const n = beside.length;
  const [matrix, right] = [new Float64Array(n * n), new Float64Array(n)];
  for (let unit = 0; unit < whole[0].length; unit++) {
    others.forEach(({ by, active }, i) => {
      for (let j = 0; j < n; j++) matrix[i * n + j] = active[unit] === 1 ? by[j][unit] : i === j ? 1 : 0;
    });
    const lu = factorise(matrix, n);
    whole.forEach((values, k) => {
      others.forEach((other, i) => (right[i] = other.active[unit] === 1 ? other.of[k][unit] : 0));
      const follows = lu.solve(right);
      values[unit] -= others.reduce((sum, { seen }, i) => sum + seen[unit] * follows[i], 0);
    });
  }
  return whole;
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

/** 1 where a state is strictly inside its bounds. */
export function insideBounds(
  neuron: Pick<Neuron, "bounds">,
  u: Float64Array,
  evaluate: (e: Expression) => Float64Array,
): Uint8Array {
  const lower = evaluate(neuron.bounds?.lower ?? number(-Infinity));
  const upper = evaluate(neuron.bounds?.upper ?? number(Infinity));
  // A state that is not a number is active, so that it shows in every answer.
  return Uint8Array.from(u, (x, i) => (x <= lower[i] || x >= upper[i] ? 0 : 1));
}

/** F of a state as one expression: its drift, or next - itself. */
const fieldExpression = ({ dynamics }: Pick<Neuron, "dynamics">, name: string): Expression =>
  dynamics.kind === "continuous" ? dynamics.drift : subtract(dynamics.next, symbol(name));

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
