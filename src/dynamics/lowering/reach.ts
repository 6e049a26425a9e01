/**
 * How far the sources of a batch could take the nodes of a resistive network. Voltages are bounded by Kirchhoff's law
 * (voltage-bounds.ts), whatever diodes do, which only draw nodes towards their rails; and below such a bound a node goes no
 * farther than where the largest drive holds it, which of a diode is little above its rail. Bounds, not estimates: numbers
 * are rounded up to powers of two, so that batches and small changes of weights share them. They bound where a solver that
 * jumps may land.
 */
import { compile } from "../../equations/evaluate";
import { differentiate } from "../../equations/differentiate";
import { symbolsOf } from "../../equations/expression";
import { simplify } from "../../equations/simplify";
import { amplifierOf, BACK, beginsAtNodes } from "../../circuit/amplifiers";
import { trainablesOf } from "../../circuit/trainable";
import { heldAt } from "../time-steps/held-at";
import { largest } from "./arrays";
import { ownRate } from "../solvers/exponential-euler";
import type { InternalUnits } from "./internal-units";
import type { Layout, PlannedPopulation, PlannedProjection } from "./layout";
import { LOAD, LOAD_BACK } from "./loads";
import { largestVoltages, type Means } from "./voltage-bounds";

/**
 * Room beyond bounds: little, since Newton's method comes down from far above a diode by one thermal voltage a step; and
 * more where units differ, which are looked at in the middle.
 */
const [ROOM, ROOM_BETWEEN] = [1.02, 2];
const NOTHING = new Float64Array(0);
/** No bound: float32 holds it. */
const FAR = 1e30;

/** Least and largest state of each population, internal units. */
export type Reach = readonly (readonly [lowest: number, highest: number])[];

/** A nudge of the output: the largest strength, and the largest target, internal units. */
export interface Push {
  readonly strength: number;
  readonly target: number;
}

/** Loads of a population, rounded up. */
interface Bounds {
  readonly low: number;
  readonly high: number;
  readonly back: number;
}

/** What the nodes of a population are joined to: as `Means`, but for the sources. */
interface Joins extends Pick<Means, "by"> {
  /** What it sees of its neighbours, at its nodes and at its outputs: of which, and how many times their voltage. */
  readonly neighbours: readonly Seen[];
  readonly beyond: readonly Seen[];
  /** Not where there are no loads, nor where what drives it is no conductance. */
  readonly bounded: boolean;
  /** All that loads each node. */
  readonly totals: Float64Array;
  /** What each clamped population loads the nodes with. */
  readonly clamped: readonly ArrayLike<number>[];
}

interface Seen {
  readonly from: number;
  readonly times: number;
}

/** What follows from the chips at one version, under nudges of one strength. */
interface Known {
  readonly version: number;
  readonly strength: number;
  readonly gains: readonly number[];
  readonly loads: readonly Bounds[];
  readonly joins: readonly Joins[];
  /** Largest weights of projections of currents. */
  readonly weights: Map<string, number>;
}

export class Reaches {
  private readonly held = new Map<string, readonly [number, number]>();
  /** Where populations come to without sources. */
  private alone: number;
  /** Whether parameters of neurons learn. */
  private readonly trained: boolean;
  private readonly gainsOf: readonly (() => number)[];
  private readonly sharesOf: readonly (() => number)[];
  /** What follows from the chips as they are, and for which version of them that was worked out. */
  private known: Known | null = null;

  constructor(
    private readonly units: InternalUnits,
    private readonly layout: Layout,
  ) {
    this.alone = this.lonely();
    this.trained = trainablesOf(units.circuit).length > 0;
    this.gainsOf = layout.populations.map(gainOf);
    this.sharesOf = layout.populations.map(backwardOf);
  }

  private lonely(): number {
    return Math.max(0, ...this.layout.populations.map((p) => Math.abs(heldBy(p, 0, 0))));
  }

  /** @param shown what clamped populations show, by name */
  of(shown: ReadonlyMap<string, Float64Array>, push: Push): Reach {
    const { layout } = this;
    const known = this.now(push.strength);
    const { gains } = known;
    const sources = layout.populations.map((p) => this.sourcesOf(p, shown, known));
    const pulled = push.strength * push.target;
    const voltages = largestVoltages(
      layout.populations.map((p) => this.meansOf(p, sources[p.index], known, push)),
    );
    const most = (seen: readonly Seen[], least: number): number => {
      let found = least;
      for (const { from, times } of seen) found = Math.max(found, voltages[from] * times);
      return found;
    };
    return layout.populations.map((p) => {
      const { volts, current } = sources[p.index];
      const { neighbours, beyond } = known.joins[p.index];
      const own = p === layout.output ? 2 * push.strength * voltages[p.index] * gains[p.index] + pulled : 0;
      return this.bounds(
        p,
        above(most(neighbours, Math.max(volts, this.alone))),
        above(most(beyond, 0)),
        above(current + own),
      );
    });
  }

  /** What does not depend on a batch. */
  private now(strength: number): Known {
    const { version } = this.units;
    const before = this.known;
    if (before?.version === version && before.strength === strength) return before;
    const same = before?.version === version ? before : null;
    if (same === null && this.trained) {
      this.held.clear();
      this.alone = this.lonely();
    }
    const gains = same?.gains ?? this.gainsOf.map((gain) => gain());
    const loads = this.layout.populations.map(loadsAt);
    const joins = this.layout.populations.map((p) => this.joinsOf(p, gains, strength));
    const weights = same?.weights ?? new Map<string, number>();
    return (this.known = { version, strength, gains, loads, joins, weights });
  }

  /** The largest voltage that a clamped population shows to a population, and what currents they send it. */
  private sourcesOf(
    p: PlannedPopulation,
    shown: ReadonlyMap<string, Float64Array>,
    { weights }: Known,
  ): { readonly volts: number; readonly current: number } {
    let [volts, current] = [0, 0];
    for (const { from, to, synapse, name } of this.units.circuit.projections) {
      if (to !== p.population || !from.clamped) continue;
      const most = largest(shown.get(from.name) ?? []);
      if (synapse.loads) volts = Math.max(volts, most / this.units.state(p));
      else current += most * this.largestWeight(name, weights) * from.size * this.units.unitDrive(p);
    }
    return { volts, current };
  }

  /** Kirchhoff's law at every node of a population, with the sources of a batch. */
  private meansOf(
    p: PlannedPopulation,
    { volts, current }: { readonly volts: number; readonly current: number },
    { joins }: Known,
    { strength, target }: Push,
  ): Means {
    const { totals, clamped, by, bounded } = joins[p.index];
    if (!bounded) return { constant: new Float64Array(0), by: [], floor: Infinity };
    const pushed = p === this.layout.output ? strength : 0;
    const constant = new Float64Array(totals.length);
    for (let i = 0; i < constant.length; i++) {
      let sum = current + pushed * target;
      for (const part of clamped) sum += part[i] * volts;
      constant[i] = sum / totals[i];
    }
    return { constant, by, floor: this.alone };
  }

  /**
   * What each node of a population is joined to. An amplifier's output is a source to the next layer; of the current
   * at its output, less what that takes itself, a share comes back to its node.
   */
  private joinsOf(p: PlannedPopulation, gains: readonly number[], strength: number): Joins {
    const { units, layout } = this;
    const [loads, back] = [LOAD, LOAD_BACK].map((name) => p.local.vectors[name]);
    const seen = ({ from, projection }: PlannedProjection): number =>
      beginsAtNodes(projection) ? 1 : gains[from];
    const seenOf = (q: PlannedProjection): Seen => ({ from: q.from, times: seen(q) });
    const [neighbours, beyond] = [p.recurrent.map(seenOf), p.back.map(seenOf)];
    const driven = p.recurrent.some(({ projection }) => !projection.synapse.loads);
    if (loads === undefined || driven)
      return { bounded: false, totals: NOTHING, clamped: [], by: [], neighbours, beyond };
    const share = this.sharesOf[p.index]();
    const pushed = p === layout.output ? strength : 0;
    const size = loads.length;
    const by = layout.populations.map((): Float64Array | null => null);
    const add = (q: number, parts: ArrayLike<number>, factor: number): void => {
      const own = (by[q] ??= new Float64Array(size));
      for (let i = 0; i < size; i++) own[i] += Math.abs(parts[i]) * factor;
    };
    const clamped: ArrayLike<number>[] = [];
    for (const { to, from, synapse, name } of units.circuit.projections)
      if (to === p.population && from.clamped && synapse.loads)
        clamped.push(units.loadPart(units.circuit.projection(name)));
    for (const q of p.recurrent) add(q.from, units.loadPart(q.projection), seen(q));
    for (const q of p.back) add(q.from, units.loadPart(q.projection), share * seen(q));
    if (pushed > 0) add(p.index, new Float64Array(size).fill(2 * pushed), gains[p.index]);
    const totals = loads.map((load, i) => Math.abs(load) + share * gains[p.index] * Math.abs(back?.[i] ?? 0));
    for (const own of by) if (own !== null) for (let i = 0; i < size; i++) own[i] /= totals[i];
    return { bounded: true, totals, clamped, by, neighbours, beyond };
  }

  /** @param beyond volts at the other ends of what is at its output */
  private bounds(
    p: PlannedPopulation,
    volts: number,
    beyond: number,
    current: number,
  ): readonly [number, number] {
    const { low, high, back } = (this.known as Known).loads[p.index];
    if (![volts, current, low, high, back].every(Number.isFinite) || low === 0) return [-FAR, FAR];
    const key = [p.index, volts, beyond, current, low, high, back].join();
    let found = this.held.get(key);
    if (found === undefined) {
      const ends = [low, high].flatMap((load) =>
        (back === 0 ? [0] : [0, back]).flatMap((drawn) =>
          [1, -1].map((side) =>
            heldBy(p, side * (load * volts + current), load, side * drawn * beyond, drawn),
          ),
        ),
      );
      const room = Object.keys(p.local.vectors).some((name) => name !== LOAD && name !== LOAD_BACK)
        ? ROOM_BETWEEN
        : ROOM;
      const [least, most] = [Math.min(...ends), Math.max(...ends)];
      // A diode at one end says where that one is; the other may be a hundred times as far.
      const reached = room * Math.max(-least, most);
      const beside = (end: number): number => (room - 1) * (room === ROOM ? Math.abs(end) : reached);
      found = ends.every(Number.isFinite)
        ? [Math.max(-reached, least - beside(least)), Math.min(reached, most + beside(most))]
        : [-FAR, FAR];
      if (this.held.size > 1000) this.held.clear();
      this.held.set(key, found);
    }
    return found;
  }

  private largestWeight(name: string, known: Map<string, number>): number {
    const found =
      known.get(name) ?? Math.max(...this.units.chips.map((chip) => largest(chip.weights(name).weights)));
    known.set(name, found);
    return found;
  }
}

/** The power of two that is not below. */
const above = (x: number): number => (x > 0 ? 2 ** Math.ceil(Math.log2(x)) : x);

/** By how much what a population shows may be more than its state, with its parameters as they are when asked. */
function gainOf({ rho, local }: PlannedPopulation): () => number {
  const slope = simplify(differentiate(rho, "u"));
  const names = [...symbolsOf(slope)];
  if (names.includes("u")) return () => Infinity;
  const columns = names.map((name) => local.vectors[name]);
  const at = compile(slope, names);
  const units = columns[0]?.length ?? 1;
  return () => {
    let most = 1;
    for (let i = 0; i < units; i++) most = Math.max(most, Math.abs(at(...columns.map((of) => of[i]))));
    return most;
  };
}

/** How much of the current at its output a population draws at its nodes. */
function backwardOf({ field, local, population }: PlannedPopulation): () => number {
  if (!symbolsOf(field.rate).has(BACK)) return () => 0;
  const ports = [BACK, "I"].map((port) => simplify(differentiate(field.rate, port)));
  const names = [...new Set(ports.flatMap((slope) => [...symbolsOf(slope)]))];
  const columns = names.map((name) => local.vectors[name]);
  if (columns.some((of) => of === undefined)) return () => Math.abs(amplifierOf(population)?.backward ?? 0);
  const [back, forward] = ports.map((slope) => compile(slope, names));
  return () => {
    let most = 0;
    for (let i = 0; i < (columns[0]?.length ?? 1); i++) {
      const values = columns.map((of) => of[i]);
      most = Math.max(most, Math.abs(back(...values) / forward(...values)));
    }
    return most;
  };
}

/**
 * Where a drive holds a unit under a load, and what comes back to its output under the load there; 0 where nothing
 * does.
 */
function heldBy(p: PlannedPopulation, drive: number, load: number, back = 0, drawn = 0): number {
  const slope = ownRate(p.field);
  const names = [...new Set([...symbolsOf(p.field.rate), ...symbolsOf(slope)])];
  const own = (name: string): number => {
    if (name === LOAD) return load;
    if (name === LOAD_BACK) return drawn;
    if (name === BACK) return back;
    if (name === "I") return drive;
    const values = p.local.vectors[name];
    return values === undefined ? 0 : values.reduce((sum, x) => sum + x / values.length, 0);
  };
  const values = names.map(own);
  const at = (u: number): number[] => names.map((name, k) => (name === "u" ? u : values[k]));
  const [rate, leak] = [compile(p.field.rate, names), compile(slope, names)];
  const held = heldAt(
    (u) => rate(...at(u)),
    (u) => leak(...at(u)),
  );
  return Number.isNaN(held) ? (drive === 0 ? 0 : Infinity) : held;
}

/** The least and the largest load of a population, at its nodes and at its outputs. */
function loadsAt(p: PlannedPopulation): Bounds {
  let [least, most] = [Infinity, 0];
  for (const x of p.local.vectors[LOAD] ?? []) {
    if (x < least) least = x;
    if (x > most) most = x;
  }
  return {
    low: above(least === Infinity ? 0 : least) / 2,
    high: above(most),
    back: above(largest(p.local.vectors[LOAD_BACK] ?? [])),
  };
}
