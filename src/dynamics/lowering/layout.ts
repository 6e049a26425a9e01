/**
 * Chips of one circuit as plans see them: neurons with their parameters put in, who projects to whom, and the
 * shape of a phase.
 */
import type { Chip, Circuit, Population, Projection } from "../../circuit/chip-types";
import type { Expression } from "../../equations/expression";
import { simplify } from "../../equations/simplify";
import { isLoaded, LOAD, loaded, loadsOf } from "./loads";
import { localNeuron, type LocalNeuron, type Scaling } from "./scaling";
import type { LocalField } from "../solvers/solver";
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
  /** Whether rows settle by the judge of the phase's programs. */
  readonly judged?: true;
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
  /** Noise that reads add to its drive, where it is drawn by current (reads.ts); else null. */
  readonly reads: HeldReads | null;
}

/** The same as the plan sees it, with its neurons. */
export interface PlannedPopulation extends GraphPopulation {
  readonly local: LocalNeuron;
  readonly field: LocalField;
  readonly rho: Expression;
}

export interface Layout {
  readonly populations: readonly PlannedPopulation[];
  readonly output: PlannedPopulation;
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
    recurrent: circuit.projections.flatMap((p, j) =>
      p.to === population && !p.from.clamped
        ? [{ projection: p, index: j, weights: `w${j}`, from: unclamped.indexOf(p.from) }]
        : [],
    ),
    reads: byCurrent ? readsOf(circuit, population, unclamped) : null,
  }));
}

/**
 * What does not depend on the shape of a phase: neurons with their parameters put in, and who projects to
 * whom.
 * @param byCurrent whether noisy reads are drawn by current
 */
export function layoutOf(chips: readonly Chip[], scaling: Scaling, byCurrent = false): Layout {
  const [{ circuit }] = chips;
  const populations = graphOf(circuit, byCurrent).map((of): PlannedPopulation => {
    const { population } = of;
    const neuron = population.neuron;
    if (neuron === null) throw new Error(`population ${population.name} has no neuron`);
    const plain = localNeuron(chips, population, neuron, scaling);
    const local = isLoaded(circuit, population)
      ? { ...plain, vectors: { ...plain.vectors, [LOAD]: loadsOf(chips, population, scaling) } }
      : plain;
    const { dynamics, bounds } = neuron;
    const moving = dynamics.kind === "continuous" ? dynamics.drift : dynamics.next;
    const bound = (e: Expression | null | undefined): Expression | null => (e ? local.localise(e) : null);
    return {
      ...of,
      unit: chips[0].unitDriveOf(population.name) / scaling.scale(neuron.dimensions.I),
      local,
      field: {
        kind: dynamics.kind,
        rate: local === plain ? local.localise(moving) : loaded(local.localise(moving)),
        diffusion: silent(bound(dynamics.diffusion)),
        lower: bound(bounds?.lower),
        upper: bound(bounds?.upper),
      },
      rho: local.localise(neuron.rho),
    };
  });
  const output = populations.find(({ population }) => population === circuit.output);
  if (output === undefined) throw new Error(`${circuit.output.name} has no dynamics`);
  return { populations, output };
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
