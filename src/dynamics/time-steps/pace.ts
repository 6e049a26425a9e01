/**
 * How slow a circuit is, in its own terms: the time constant in which residuals are counted, and the steps
 * that a signal needs to cross it. Both are of the neurons as they were fabricated, uncoupled: feedback that
 * makes a circuit slower shows in how residuals fall, not here. A leak that depends on the state is looked at
 * where one unit of drive holds the neuron, not at rest, where a diode does all but nothing.
 */
import { compile } from "../../equations/evaluate";
import { symbolsOf, type Expression } from "../../equations/expression";
import type { Circuit } from "../../circuit/chip-types";
import { heldAt } from "./held-at";
import { twoSets } from "../lowering/order";
import { heardIn } from "../lowering/heard";
import type { Layout, PlannedPopulation } from "../lowering/layout";
import { leakRate, ownRate } from "../solvers/exponential-euler";
import { leaksByState } from "../solvers/remaining";
import type { Acceleration, UpdateOrder } from "../types";

/** How a phase gets to its fixed point. */
export interface Path {
  readonly order: UpdateOrder;
  readonly acceleration: Acceleration;
}

/**
 * Where a neuron is looked at that neither leaks at rest nor is held by a unit of drive: at a unit of its
 * state.
 */
const ELSEWHERE = [1, -1];

/** Steps are counted in 32 bits: a circuit that needs more of them needs another time step. */
const MOST_STEPS = 2 ** 31 - 1;
/** Steps for which a state that was pushed is followed. */
const [LEAST_PATIENCE, MOST_PATIENCE] = [150, 600];
/** Shapes of phases whose crossings are kept. */
const MOST_KEPT = 32;

export class Pace {
  /** By population and chip, internal units; for maps one step. */
  private readonly constants: readonly Float64Array[];
  /** Longest of each chip. */
  readonly slowest: Float64Array;

  /** What was asked of `crossings`. */
  private readonly crossed = new Map<string, Int32Array>();

  /** What a signal goes through: not the states that are noise of their own. */
  private readonly heard: ReadonlySet<PlannedPopulation>;
  /** Whether maps move beside continuous neurons. */
  private readonly mixed: boolean;

  /** Whether leaks depend on the state: then it takes the neurons where they are to say how slow they are. */
  readonly byState: boolean;

  /**
   * @param step time step, internal units; for maps 1
   * @param unitDrive of a population, internal units
   */
  constructor(
    private readonly circuit: Circuit,
    private readonly layout: Layout,
    private readonly chips: number,
    private readonly step: number,
    unitDrive: (p: PlannedPopulation) => number,
  ) {
    this.byState = layout.populations.some((p) => leaksByState(p.field));
    const found = layout.populations.map((p) =>
      p.field.kind === "discrete"
        ? new Float64Array(chips).fill(step)
        : timeConstants(p, chips, unitDrive(p)),
    );
    this.heard = heardIn(layout);
    const kinds = new Set(layout.populations.map(({ field }) => field.kind));
    const inTime = found.filter((_, k) => {
      const p = layout.populations[k];
      return p.field.kind === "continuous" && this.heard.has(p);
    });
    this.mixed = kinds.size > 1;
    this.slowest = Float64Array.from({ length: chips }, (_, chip) => {
      const longest = Math.max(...inTime.map((of) => of[chip]).filter((tau) => tau > 0));
      // What has no pace of its own moves in the circuit's unit of time.
      return Number.isFinite(longest) ? longest : 1;
    });
    this.constants = found.map((of) => of.map((tau, chip) => (tau > 0 ? tau : this.slowest[chip])));
  }

  /**
   * For each row, the change in a step that is a residual of 1: one unit of the state a time constant. Where
   * a step is longer than that, one unit a step, since a step then goes all the way.
   */
  scales(rows: number): Float64Array {
    // What a map changes in a step counts as it is, so that all rows must be counted alike.
    if (this.mixed) return new Float64Array(rows).fill(this.mapsCount);
    return Float64Array.from({ length: rows }, (_, row) =>
      Math.min(1, this.step / this.slowest[this.chipOf(row, rows)]),
    );
  }

  /** How many times a change of a map counts, where one of `scales` is a residual of 1. */
  get mapsCount(): number {
    return this.mixed ? Math.min(1, this.step / Math.max(...this.slowest)) : 1;
  }

  /** The same where rows settle: what leaks by its state is judged by the residual itself, `remaining`. */
  settling(rows: number): Float64Array {
    return this.byState ? new Float64Array(rows).fill(1) : this.scales(rows);
  }

  /** The time constant of each row. */
  ofRow(row: number, rows: number): number {
    return this.slowest[this.chipOf(row, rows)];
  }

  /**
   * For each row, the steps that a signal needs to have reached every population: from the input, from the
   * nudged output, or from both, whichever takes longer. On its way it takes a time constant (and a step at
   * least) for each population; mixed steps keep no time, and take one for each. Not to be written to.
   */
  crossings(
    rows: number,
    { order, acceleration }: Path,
    from: { readonly input: boolean; readonly nudge: boolean },
  ): Int32Array {
    const key = `${rows} ${order} ${acceleration === "none"} ${from.input} ${from.nudge}`;
    let found = this.crossed.get(key);
    if (found === undefined) {
      if (this.crossed.size > MOST_KEPT) this.crossed.clear();
      this.crossed.set(key, (found = this.crossingsOf(rows, { order, acceleration }, from)));
    }
    return found;
  }

  private crossingsOf(
    rows: number,
    { order, acceleration }: Path,
    from: { readonly input: boolean; readonly nudge: boolean },
  ): Int32Array {
    const sides = new Map<number, number>();
    if (order === "alternate")
      twoSets(this.layout)?.forEach((set, side) => set.forEach((p) => sides.set(p.index, side)));
    const { populations, output } = this.layout;
    const driven = new Set(
      this.circuit.projections.flatMap(({ from: source, to }) => (source.clamped ? [to] : [])),
    );
    const sources = [
      ...(from.input ? [populations.filter(({ population }) => driven.has(population))] : []),
      ...(from.nudge ? [[output]] : []),
    ];
    const stepsOf =
      (chip: number) =>
      (p: PlannedPopulation): number =>
        acceleration === "none" ? Math.max(1, this.through(p, chip) / this.step) : 1;
    const ofChip = Int32Array.from({ length: this.chips }, (_, chip) =>
      Math.min(
        MOST_STEPS,
        Math.ceil(Math.max(1, ...sources.map((first) => this.crossing(first, stepsOf(chip), sides))) - 1e-9),
      ),
    );
    return Int32Array.from({ length: rows }, (_, row) => ofChip[this.chipOf(row, rows)]);
  }

  /** Steps after which what grows by less than a tenth in a time constant is not seen to grow. */
  get patience(): number {
    return Math.min(
      MOST_PATIENCE,
      Math.max(LEAST_PATIENCE, Math.ceil(10 / Math.min(1, this.step / Math.max(...this.slowest)))),
    );
  }

  /** The time that a signal needs through a neuron: the time constants of all its states, one after another. */
  private through({ index }: PlannedPopulation, chip: number): number {
    return this.layout.populations
      .filter((p) => p.state.of === index && this.heard.has(p))
      .reduce((sum, p) => sum + this.constants[p.index][chip], 0);
  }

  /** Steps until a signal from some populations has reached all that it can reach. */
  private crossing(
    first: readonly PlannedPopulation[],
    steps: (p: PlannedPopulation) => number,
    sides: ReadonlyMap<number, number>,
  ): number {
    const { populations } = this.layout;
    const arrivals = new Float64Array(populations.length).fill(Infinity);
    for (const p of first) arrivals[p.index] = steps(p);
    // No way has more populations than there are.
    for (let turn = 0; turn < populations.length; turn++) {
      for (const p of populations) {
        for (const { from } of [...p.recurrent, ...p.back]) {
          // Who moves second in a sweep sees at once what the first did.
          const sooner = (sides.get(from) ?? 0) < (sides.get(p.index) ?? 0) ? 1 : 0;
          arrivals[p.index] = Math.min(arrivals[p.index], arrivals[from] + steps(p) - sooner);
        }
      }
    }
    return Math.max(0, ...arrivals.filter(Number.isFinite));
  }

  /** Rows of a program are [chips, nudges, samples]. */
  private chipOf(row: number, rows: number): number {
    return Math.floor((row * this.chips) / rows);
  }
}

/** Longest 1 / |lambda| of a population's units, of each chip; 0 where nothing leaks. */
function timeConstants(p: PlannedPopulation, chips: number, drive: number): Float64Array {
  const slope = ownRate(p.field);
  const held = leaksByState(p.field)
    ? [drive, -drive].map((one) => longest(p, slope, chips, { drive: one }))
    : [];
  const atRest = longest(p, leakRate(p.field), chips, { u: 0 });
  return atRest.map((tau, chip) => {
    const driven = Math.max(0, ...held.map((of) => of[chip]));
    return driven > 0
      ? driven
      : ELSEWHERE.reduce((known, u) => (known > 0 ? known : longest(p, slope, chips, { u })[chip]), tau);
  });
}

/** Where units are looked at: at a state, or where a drive holds them. */
type Place = { readonly u: number } | { readonly drive: number };

function longest(p: PlannedPopulation, slope: Expression, chips: number, at: Place): Float64Array {
  const { size } = p.population;
  const names = [...new Set([...symbolsOf(slope), ...symbolsOf(p.field.rate)])];
  const vectors = names.map((name) => p.local.vectors[name]);
  const values = names.map(() => 0);
  const [state, drive] = [names.indexOf("u"), names.indexOf("I")];
  const of = (e: Expression): ((u: number) => number) => {
    const value = compile(e, names);
    return (u) => {
      if (state >= 0) values[state] = u;
      return value(...values);
    };
  };
  const [leak, field] = [of(slope), of(p.field.rate)];
  // Without parameters of their own all units are alike.
  const units = vectors.some((v) => v !== undefined) ? size : 1;
  return Float64Array.from({ length: chips }, (_, chip) => {
    let most = 0;
    for (let unit = 0; unit < units; unit++) {
      vectors.forEach((own, i) => own !== undefined && (values[i] = own[chip * size + unit]));
      if ("drive" in at && drive >= 0) values[drive] = at.drive;
      const tau = 1 / Math.abs(leak("u" in at ? at.u : heldAt(field, leak)));
      if (Number.isFinite(tau) && tau > most) most = tau;
    }
    return most;
  });
}
