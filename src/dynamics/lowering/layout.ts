/**
 * Chips of one circuit as plans see them: neurons with their parameters put in, who projects to whom, and the
 * shape of a phase.
 */
import type { Chip, Circuit, Population, Projection } from "../../circuit/chip-types";
import { terminalOf } from "../../circuit/amplifiers";
import { internalStates, planeOf } from "../../circuit/states";
import type { InternalState, Neuron } from "../../device/types";
import { ARGUMENT, TARGET } from "../../circuit/cost-law";
import { multiply, number, substitute, symbol, type Expression } from "../../equations/expression";
import { simplify } from "../../equations/simplify";
import { CONSTANTS } from "../../units/constants";
import { isLoaded, loaded, loadPartOf, LOADS, loadsOf } from "./loads";
import { localNeuron, type LocalNeuron, type Scaling } from "./scaling";
import { besideName, type LocalField } from "../solvers/solver";
import type { Oscillation, UpdateOrder } from "../types";

export interface PlanShape {
  /** Who moves at once; see order.ts. */
  readonly order: UpdateOrder;
  readonly rows: number;
  readonly groups: number;
  readonly complex: boolean;
  readonly nudged: boolean;
  /** Whether running means of states and activities are kept. */
  readonly average: boolean;
  /** How the nudge oscillates, if it does. */
  readonly oscillating?: Oscillation["form"];
  /** Names of populations that stay where they start. */
  readonly held?: readonly string[];
  /** Whether rows settle by the judge of the phase's programs. */
  readonly judged?: true;
  /** Whether what is stepped is how far states are from where they start: see program/difference.ts. */
  readonly differences?: true;
}

/** Where noisy reads add to a population's drive. */
export interface HeldReads {
  /** In what clamped inputs and biases drive. */
  readonly still: boolean;
  readonly recurrent: readonly {
    readonly projection: Projection;
    readonly variances: string;
    readonly from: number;
  }[];
}

/** A projection between populations that have dynamics. */
export interface PlannedProjection {
  readonly projection: Projection;
  /** Number in the circuit. */
  readonly index: number;
  readonly weights: string;
  /** Number of the population that it comes from. */
  readonly from: number;
}

/** A population in the graph of a circuit: who projects to it. */
export interface GraphPopulation {
  readonly population: Population;
  readonly index: number;
  /** Its unit drive in the units of the program: what a softmax over windows counts drives in. */
  readonly unit: number;
  /** Whether a static drive s<index> is added. */
  readonly hasStatic: boolean;
  readonly recurrent: readonly PlannedProjection[];
  /** Conductances that end at the output terminals of its neurons, where those are amplifiers: their sum is b<index>. */
  readonly back: readonly PlannedProjection[];
  /** Noise that reads add to its drive, where it is drawn by current (reads.ts); else null. */
  readonly reads: HeldReads | null;
}

/** The same as the plan sees it, with its neurons. */
export interface PlannedPopulation extends GraphPopulation {
  readonly local: LocalNeuron;
  /**
   * The state that moves here. An internal state has a place of its own among the populations, after all that synapses
   * reach, with the drive of the population `owner`, whose
   * number is `of`; nobody but its neuron sees it.
   */
  readonly state: { readonly name: string; readonly of: number; readonly owner: Population };
  /** Numbers of the other states of its neurons, by the symbols that stand for them in the field. */
  readonly beside: Readonly<Record<string, number>>;
  readonly field: LocalField;
  readonly rho: Expression;
}

export interface Layout {
  readonly populations: readonly PlannedPopulation[];
  readonly output: PlannedPopulation;
  /** Slope of the cost at a unit of the output, over `argument`, `y` and `local.vectors`; null of a readout. */
  readonly costSlope: Expression | null;
}

/**
 * The unclamped populations of a circuit, and who projects to whom.
 * @param byCurrent whether noisy reads are drawn by current
 */
export function graphOf(circuit: Circuit, byCurrent = false): readonly GraphPopulation[] {
  const unclamped = circuit.populations.filter((p) => !p.clamped);
  return unclamped.map((population, index) => ({
    population,
    index,
    unit: 1,
    hasStatic: circuit.projections.some((p) => p.to === population && (p.from.clamped || p.bias)),
    recurrent: joining(circuit, population, unclamped, "node"),
    back: joining(circuit, population, unclamped, "output"),
    reads: byCurrent ? readsOf(circuit, population, unclamped) : null,
  }));
}

/** Projections between populations that have dynamics, into one, to its nodes or to its outputs. */
const joining = (
  circuit: Circuit,
  population: Population,
  unclamped: readonly Population[],
  terminal: "node" | "output",
): readonly PlannedProjection[] =>
  circuit.projections.flatMap((p, j) =>
    p.to === population && !p.from.clamped && terminalOf(p) === terminal
      ? [{ projection: p, index: j, weights: `w${j}`, from: unclamped.indexOf(p.from) }]
      : [],
  );

/**
 * What does not depend on the shape of a phase: neurons with their parameters put in, and who projects to
 * whom.
 * @param byCurrent whether noisy reads are drawn by current
 */
export function layoutOf(chips: readonly Chip[], scaling: Scaling, byCurrent = false): Layout {
  const [{ circuit }] = chips;
  const graph = graphOf(circuit, byCurrent);
  const shown = graph.map((of): PlannedPopulation => {
    const { population } = of;
    const neuron = population.neuron;
    if (neuron === null) throw new Error(`population ${population.name} has no neuron`);
    const plain = localNeuron(chips, population, neuron, scaling);
    const sums = LOADS.filter(({ terminal }) => isLoaded(circuit, population, terminal)).map((of) => [
      of.name,
      loadsOf(circuit, population, chips.length, (p) => loadPartOf(chips, p, scaling), of.terminal),
    ]);
    const local = { ...plain, vectors: { ...plain.vectors, ...Object.fromEntries(sums) } };
    return {
      ...of,
      unit: chips[0].unitDriveOf(population.name) / scaling.scale(neuron.dimensions.I),
      local,
      state: { name: "u", of: of.index, owner: population },
      beside: {},
      field: fieldOf(neuron, neuron.rho, local, seenFrom(neuron, "u")),
      rho: local.localise(neuron.rho),
    };
  });
  const populations = withInternalStates(shown);
  const output = populations.find(({ population }) => population === circuit.output);
  if (output === undefined) throw new Error(`${circuit.output.name} has no dynamics`);
  return { populations, output, costSlope: costSlopeOf(circuit, output, scaling) };
}

/**
 * A squared error is as it is in internal units, and so are its targets; any other equation is in SI, in which what it
 * reads is put into it.
 */
function costSlopeOf(
  { cost, spec }: Circuit,
  { population: { neuron }, local }: PlannedPopulation,
  scaling: Scaling,
): Expression | null {
  if (cost === null) return null;
  const [argument, target] = [symbol("argument"), symbol("y")];
  const own = (name: string): Expression | undefined =>
    name === ARGUMENT ? argument : name === TARGET ? target : undefined;
  if (spec.cost.kind === "squared-error") return substitute(cost.slope, own);
  const shown = neuron?.dimensions[spec.cost.argument === "state" ? "u" : "rho"];
  const inSi = (name: string): Expression | undefined => {
    if (name === ARGUMENT) return multiply(number(shown === undefined ? 1 : scaling.scale(shown)), argument);
    if (name === TARGET) return target;
    const dimension = neuron?.parameters[name]?.value.dimension ?? CONSTANTS[name]?.dimension;
    return dimension && multiply(number(scaling.scale(dimension)), local.localise(symbol(name)));
  };
  return simplify(substitute(cost.slope, inSi));
}

/** A name in a neuron's text as one of its states sees it: itself is u, and the others stand beside it. */
const seenFrom =
  ({ internal }: Neuron, own: string) =>
  (name: string): string => {
    if (name === own) return "u";
    return name === "u" || Object.hasOwn(internal, name) ? besideName(name) : name;
  };

/** How a state moves by itself, in internal units. */
function fieldOf(
  { dynamics, bounds }: Pick<Neuron, "dynamics" | "bounds">,
  rho: Expression,
  local: LocalNeuron,
  seen: (name: string) => string,
): LocalField {
  const put = (e: Expression): Expression =>
    local.localise(substitute(e, (name) => (seen(name) === name ? undefined : symbol(seen(name)))));
  const bound = (e: Expression | null | undefined): Expression | null => (e ? put(e) : null);
  const rate = put(dynamics.kind === "continuous" ? dynamics.drift : dynamics.next);
  const isLoadedHere = LOADS.some(({ name }) => Object.hasOwn(local.vectors, name));
  return {
    kind: dynamics.kind,
    rate: loaded(rate, seen("u"), put(rho), (name) => Object.hasOwn(local.vectors, name)),
    diffusion: silent(bound(dynamics.diffusion)),
    lower: bound(bounds?.lower),
    upper: bound(bounds?.upper),
    // A state behind the loaded one is in another quantity.
    ...(isLoadedHere && seen("u") === "u" && { reaches: true }),
  };
}

/** Populations, and after them the states that their neurons have beside u. */
function withInternalStates(shown: readonly PlannedPopulation[]): readonly PlannedPopulation[] {
  const places = shown.map(() => new Map<string, number>());
  let next = shown.length;
  for (const p of shown)
    for (const [name] of internalStates(p.population.neuron)) places[p.index].set(name, next++);
  const besides = (p: PlannedPopulation, own: string): Record<string, number> =>
    Object.fromEntries(
      [["u", p.index] as const, ...places[p.index]].flatMap(([name, at]) =>
        name === own ? [] : [[besideName(name), at]],
      ),
    );
  const internal = shown.flatMap((p) =>
    internalStates(p.population.neuron).map(([name, state]): PlannedPopulation => {
      const { population, local, index } = p;
      const neuron = population.neuron as Neuron;
      return {
        population: {
          ...population,
          name: planeOf(population.name, name),
          neuron: ofState(neuron, state),
        },
        index: places[index].get(name) as number,
        unit: p.unit,
        hasStatic: false,
        recurrent: [],
        back: [],
        reads: null,
        local,
        state: { name, of: index, owner: population },
        beside: besides(p, name),
        field: fieldOf(state, neuron.rho, local, seenFrom(neuron, name)),
        rho: symbol("u"),
      };
    }),
  );
  if (internal.length === 0) return shown;
  return [
    ...shown.map((p) => (places[p.index].size === 0 ? p : { ...p, beside: besides(p, "u") })),
    ...internal,
  ];
}

/** A neuron as one of its internal states sees it: that state is what moves and what shows. */
function ofState(neuron: Neuron, { dynamics, bounds, dimension }: InternalState): Neuron {
  return {
    ...neuron,
    dynamics,
    bounds,
    rho: symbol("u"),
    rhoPrime: number(1),
    dimensions: { ...neuron.dimensions, u: dimension, rho: dimension },
  };
}

function readsOf(
  circuit: Circuit,
  population: Population,
  unclamped: readonly Population[],
): HeldReads | null {
  const noisy = circuit.projections.flatMap((p, j) =>
    p.to === population && p.synapse.readNoise !== null ? [{ p, variances: `v${j}` }] : [],
  );
  if (noisy.length === 0) return null;
  return {
    still: noisy.some(({ p }) => p.from.clamped || p.bias),
    recurrent: noisy.flatMap(({ p, variances }) =>
      p.from.clamped ? [] : [{ projection: p, variances, from: unclamped.indexOf(p.from) }],
    ),
  };
}

/** Noise of amplitude 0, as at 0 K, is no noise. */
function silent(diffusion: Expression | null): Expression | null {
  const amplitude = diffusion && simplify(diffusion);
  return amplitude?.kind === "number" && amplitude.value === 0 ? null : diffusion;
}
