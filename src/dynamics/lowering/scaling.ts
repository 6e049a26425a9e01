/**
 * The unit system in which a circuit is integrated. Equations that are dimensionally right keep their form in
 * every consistent system of units, so instead of rescaling each equation we choose the system in which the
 * circuit's own numbers are of order one: what a float32 kernel needs. Dimensionless circuits are untouched.
 */
import type { Chip, Circuit, Population } from "../../circuit/chip-types";
import { internalStates } from "../../circuit/states";
import { differentiate } from "../../equations/differentiate";
import { evaluate } from "../../equations/evaluate";
import { number, substitute, subtract, symbol, symbolsOf, type Expression } from "../../equations/expression";
import { simplify } from "../../equations/simplify";
import { CONSTANTS } from "../../units/constants";
import type { Dimension, Quantity } from "../../units/quantity";
import { chooseUnits, scaleOf, type UnitSystem } from "../../units/rescale";
import type { Neuron } from "../../device/types";
import { joined } from "./arrays";
import { isLoaded, LOAD, loaded } from "./loads";
import { heldAt } from "../time-steps/held-at";
import { moves } from "../solvers/solver";

export interface Scaling {
  readonly system: UnitSystem;
  /** SI value of one internal unit of a dimension: internal = SI / scale. */
  scale(dimension: Dimension): number;
}

export function scalingOf(circuit: Circuit): Scaling {
  const system = chooseUnits(
    circuit.populations.flatMap((p) =>
      p.clamped || p.neuron === null ? [] : naturalQuantities(p.neuron, isLoaded(circuit, p)),
    ),
  );
  return { system, scale: (dimension) => scaleOf(dimension, system) };
}

/**
 * What is of order one when a neuron works: its unit drive, the state at which that holds it, and its time
 * constant, there if it depends on the state. Its parameters may lie far from these (a saturation current of
 * femtoamperes), so they speak only for neurons that have no leak.
 */
function naturalQuantities(neuron: Neuron, isLoadedHere: boolean): Quantity[] {
  const { dimensions, dynamics, parameters, unitDrive } = neuron;
  /** A conductance of one unit of weight loads it. */
  const own: Record<string, number> = {};
  const nominal = (e: Expression, ports: Readonly<Record<string, number>> = {}): number => {
    const values = Object.fromEntries(
      [...symbolsOf(e)].map((name): [string, number] => [
        name,
        ports[name] ?? own[name] ?? parameters[name]?.value.value ?? CONSTANTS[name]?.value ?? 0,
      ]),
    );
    return evaluate(e, values);
  };
  const drive = nominal(unitDrive);
  if (isLoadedHere) own[LOAD] = drive;
  const quantities: Quantity[] = [{ value: drive, dimension: dimensions.I }];
  const moving = dynamics.kind === "continuous" ? dynamics.drift : dynamics.next;
  const field = isLoadedHere ? loaded(moving) : moving;
  const slope = simplify(differentiate(field, "u"));
  const bent = dynamics.kind === "continuous" && [...symbolsOf(slope)].some(moves);
  for (const I of bent ? [drive, -drive] : []) {
    const u = heldAt(
      (at) => nominal(field, { u: at, I }),
      (at) => nominal(slope, { u: at, I }),
    );
    const time = 1 / Math.abs(nominal(slope, { u, I }));
    if (!Number.isFinite(1 / u) || !Number.isFinite(1 / time)) continue;
    return [
      ...quantities,
      { value: time, dimension: dimensions.time },
      { value: Math.abs(u), dimension: dimensions.u },
    ];
  }
  if (internalStates(neuron).length > 0) return [...quantities, ...responses(neuron, nominal, drive)];
  const leak = nominal(slope);
  const held =
    Math.abs(nominal(differentiate(field, "I")) * drive) /
    (dynamics.kind === "continuous" ? Math.abs(leak) : 1);
  if (dynamics.kind === "continuous") {
    if (!Number.isFinite(1 / leak)) return Object.values(parameters).map((p) => p.value);
    quantities.push({ value: 1 / Math.abs(leak), dimension: dimensions.time });
  }
  if (Number.isFinite(held)) quantities.push({ value: held, dimension: dimensions.u });
  return quantities;
}

/**
 * The same for a neuron of several states: where a unit of drive holds each, to first order about rest, and the
 * slowest of its time constants.
 */
function responses(neuron: Neuron, nominal: (e: Expression) => number, drive: number): Quantity[] {
  const { dynamics, dimensions } = neuron;
  const states = [
    { name: "u", dynamics, dimension: dimensions.u },
    ...internalStates(neuron).map(([name, state]) => ({ name, ...state })),
  ];
  const fields = states.map(({ name, dynamics: of }) =>
    of.kind === "continuous" ? of.drift : subtract(of.next, symbol(name)),
  );
  const by = (name: string): number[] => fields.map((field) => nominal(differentiate(field, name)));
  const slopes = states.map(({ name }) => by(name));
  const gains = by("I");
  const push = gains.map((gain) => -gain * drive);
  // Where nothing holds all of them together, each is taken by its own leak.
  const at =
    solved(
      states.map((_, i) => slopes.map((of) => of[i])),
      push,
    ) ?? push.map((x, i) => (slopes[i][i] === 0 ? 0 : x / slopes[i][i]));
  const leaks = states.map((_, i) => Math.abs(slopes[i][i])).filter((leak) => leak > 0);
  return [
    ...(dynamics.kind === "continuous" && leaks.length > 0
      ? [{ value: 1 / Math.min(...leaks), dimension: dimensions.time }]
      : []),
    ...states.map(({ dimension }, i) => ({ value: at[i], dimension })),
  ];
}

/** x with A x = b, by elimination with pivots; null where A is singular. Both are used up. */
function solved(A: number[][], b: number[]): number[] | null {
  const n = b.length;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(A[i][k]) > Math.abs(A[pivot][k])) pivot = i;
    [A[k], A[pivot], b[k], b[pivot]] = [A[pivot], A[k], b[pivot], b[k]];
    for (let i = k + 1; i < n; i++) {
      const factor = A[i][k] / A[k][k];
      for (let j = k; j < n; j++) A[i][j] -= factor * A[k][j];
      b[i] -= factor * b[k];
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) b[i] -= A[i][j] * b[j];
    b[i] /= A[i][i];
  }
  return b.every(Number.isFinite) ? b : null;
}

/**
 * A neuron of chips with its parameters put in: what is the same for all units as a number, the rest as
 * symbols p0, p1, …
 */
export interface LocalNeuron {
  /**
   * Rewrites an expression of the neuron: what remains are its ports (u, I, I_nudge) and the symbols of
   * `vectors`.
   */
  localise(e: Expression): Expression;
  /** Values of parameters that differ from unit to unit, internal units, [chips, size]. */
  readonly vectors: Readonly<Record<string, Float64Array>>;
  /** Takes over in place what training has made of parameters; null where it moves none. */
  readonly follow: (() => void) | null;
}

export function localNeuron(
  chips: readonly Chip[],
  population: Population,
  neuron: Neuron,
  scaling: Scaling,
): LocalNeuron {
  const replacements = new Map<string, Expression>();
  const vectors: Record<string, Float64Array> = {};
  const moving: (readonly [parameter: string, own: string, scale: number])[] = [];
  for (const [name, constant] of Object.entries(CONSTANTS))
    replacements.set(name, number(constant.value / scaling.scale(constant.dimension)));
  for (const [name, value] of Object.entries(parametersOf(chips, population.name))) {
    const { value: nominal, trainable } = neuron.parameters[name];
    const scale = scaling.scale(nominal.dimension);
    if (typeof value === "number") {
      replacements.set(name, number(value / scale));
    } else {
      const own = `p${Object.keys(vectors).length}`;
      vectors[own] = value.map((v) => v / scale);
      replacements.set(name, symbol(own));
      if (trainable !== null) moving.push([name, own, scale]);
    }
  }
  const follow = (): void => {
    const now = parametersOf(chips, population.name);
    for (const [name, own, scale] of moving)
      (now[name] as Float64Array).forEach((value, i) => (vectors[own][i] = value / scale));
  };
  return {
    localise: (e) => substitute(e, (name) => replacements.get(name)),
    vectors,
    follow: moving.length === 0 ? null : follow,
  };
}

/**
 * Parameters of the neurons of chips of one circuit: what has no spread is the same number in all of them,
 * the rest [chips, size].
 */
function parametersOf(
  chips: readonly Chip[],
  population: string,
): Readonly<Record<string, number | Float64Array>> {
  const each = chips.map((chip) => chip.parametersOf(population));
  return Object.fromEntries(
    Object.entries(each[0]).map(([name, first]) => [
      name,
      typeof first === "number" ? first : joined(each.map((own) => own[name] as Float64Array)),
    ]),
  );
}
