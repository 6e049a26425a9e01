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
import { amplifierOf, BACK } from "../../circuit/amplifiers";
import { trainablesOf } from "../../circuit/trainable";
import { heldAt } from "../time-steps/held-at";
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
/** No bound: float32 holds it. */
const FAR = 1e30;

/** Least and largest state of each population, internal units. */
export type Reach = readonly (readonly [lowest: number, highest: number])[];

/** A nudge of the output: the largest strength, and the largest target, internal units. */
export interface Push {
  readonly strength: number;
  readonly target: number;
}

export class Reaches {
  private readonly held = new Map<string, readonly [number, number]>();
  /** Where populations come to without sources. */
  private alone: number;
  /** Whether parameters of neurons learn. */
  private readonly trained: boolean;
  /** Of projections of currents, at this version of the chips. */
  private readonly weights = new Map<string, number>();
  private version = -1;

  constructor(
    private readonly units: InternalUnits,
    private readonly layout: Layout,
  ) {
    this.alone = this.lonely();
    this.trained = trainablesOf(units.circuit).length > 0;
  }

  private lonely(): number {
    return Math.max(0, ...this.layout.populations.map((p) => Math.abs(heldBy(p, 0, 0))));
  }

  /** Forgets what is of the chips as they were. */
  private follow(): void {
    const { version } = this.units;
    if (this.version === version) return;
    this.version = version;
    this.weights.clear();
    if (!this.trained) return;
    this.held.clear();
    this.alone = this.lonely();
  }

  /** @param shown what clamped populations show, by name */
  of(shown: ReadonlyMap<string, Float64Array>, push: Push): Reach {
    const { layout } = this;
    this.follow();
    const gains = layout.populations.map(gainOf);
    const sources = layout.populations.map((p) => this.sourcesOf(p, shown));
    const pulled = push.strength * push.target;
    const voltages = largestVoltages(
      layout.populations.map((p) => this.meansOf(p, sources[p.index], gains, push)),
    );
    return layout.populations.map((p) => {
      const { volts, current } = sources[p.index];
      const towards = ({ from }: PlannedProjection): number => voltages[from] * gains[from];
      const own = p === layout.output ? 2 * push.strength * voltages[p.index] * gains[p.index] + pulled : 0;
      return this.bounds(
        p,
        above(Math.max(volts, this.alone, ...p.recurrent.map(towards))),
        above(Math.max(0, ...p.back.map(({ from }) => voltages[from]))),
        above(current + own),
      );
    });
  }

  /** The largest voltage that a clamped population shows to a population, and what currents they send it. */
  private sourcesOf(
    p: PlannedPopulation,
    shown: ReadonlyMap<string, Float64Array>,
  ): { readonly volts: number; readonly current: number } {
    let [volts, current] = [0, 0];
    for (const { from, to, synapse, name } of this.units.circuit.projections) {
      if (to !== p.population || !from.clamped) continue;
      const most = largest(shown.get(from.name) ?? []);
      if (synapse.loads) volts = Math.max(volts, most / this.units.state(p));
      else current += most * this.largestWeight(name) * from.size * this.units.unitDrive(p);
    }
    return { volts, current };
  }

  /**
   * Kirchhoff's law at every node of a population. An amplifier's output is a source to the next layer; of the current
   * at its output, less what that takes itself, a share comes back to its node.
   */
  private meansOf(
    p: PlannedPopulation,
    { volts, current }: { readonly volts: number; readonly current: number },
    gains: readonly number[],
    { strength, target }: Push,
  ): Means {
    const { units, layout } = this;
    const [loads, back] = [LOAD, LOAD_BACK].map((name) => p.local.vectors[name]);
    const floor = this.alone;
    if (loads === undefined) return { constant: new Float64Array(0), by: [], floor: Infinity };
    const share = backwardOf(p);
    const pushed = p === layout.output ? strength : 0;
    const size = loads.length;
    const by = layout.populations.map((): Float64Array | null => null);
    const add = (q: number, parts: ArrayLike<number>, factor: number): void => {
      const own = (by[q] ??= new Float64Array(size));
      for (let i = 0; i < size; i++) own[i] += Math.abs(parts[i]) * factor;
    };
    const constant = new Float64Array(size).fill(current + pushed * target);
    for (const { to, from, synapse, name } of units.circuit.projections)
      if (to === p.population && from.clamped && synapse.loads)
        units.loadPart(units.circuit.projection(name)).forEach((part, i) => (constant[i] += part * volts));
    for (const { from, projection } of p.recurrent)
      if (projection.synapse.loads) add(from, units.loadPart(projection), gains[from]);
      else constant.fill(Infinity);
    for (const { from, projection } of p.back) add(from, units.loadPart(projection), share);
    if (pushed > 0) add(p.index, new Float64Array(size).fill(2 * pushed), gains[p.index]);
    for (let i = 0; i < size; i++) {
      const total = Math.abs(loads[i]) + share * gains[p.index] * Math.abs(back?.[i] ?? 0);
      constant[i] /= total;
      for (const own of by) if (own !== null) own[i] /= total;
    }
    return { constant, by, floor };
  }

  /** @param beyond volts at the other ends of what is at its output */
  private bounds(
    p: PlannedPopulation,
    volts: number,
    beyond: number,
    current: number,
  ): readonly [number, number] {
    const { least, most } = loadsAt(p);
    const [low, high] = [above(least) / 2, above(most)];
    const back = above(largest(p.local.vectors[LOAD_BACK] ?? []));
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
      const reached = room * Math.max(...ends.map(Math.abs));
      found = ends.every(Number.isFinite)
        ? [
            Math.max(-reached, Math.min(...ends) - (room - 1) * reached),
            Math.min(reached, Math.max(...ends) + (room - 1) * reached),
          ]
        : [-FAR, FAR];
      if (this.held.size > 1000) this.held.clear();
      this.held.set(key, found);
    }
    return found;
  }

  private largestWeight(name: string): number {
    const { chips } = this.units;
    const found =
      this.weights.get(name) ?? Math.max(...chips.map((chip) => largest(chip.weights(name).weights)));
    this.weights.set(name, found);
    return found;
  }
}

/** The power of two that is not below. */
const above = (x: number): number => (x > 0 ? 2 ** Math.ceil(Math.log2(x)) : x);

/** By how much what a population shows may be more than its state. */
function gainOf({ rho, local }: PlannedPopulation): number {
  const slope = simplify(differentiate(rho, "u"));
  const names = [...symbolsOf(slope)];
  if (names.includes("u")) return Infinity;
  const columns = names.map((name) => local.vectors[name]);
  const at = compile(slope, names);
  const units = columns[0]?.length ?? 1;
  let most = 1;
  for (let i = 0; i < units; i++) most = Math.max(most, Math.abs(at(...columns.map((of) => of[i]))));
  return most;
}

/** How much of the current at its output a population draws at its nodes. */
function backwardOf({ field, local, population }: PlannedPopulation): number {
  if (!symbolsOf(field.rate).has(BACK)) return 0;
  const ports = [BACK, "I"].map((port) => simplify(differentiate(field.rate, port)));
  const names = [...new Set(ports.flatMap((slope) => [...symbolsOf(slope)]))];
  const columns = names.map((name) => local.vectors[name]);
  if (columns.some((of) => of === undefined)) return Math.abs(amplifierOf(population)?.backward ?? 0);
  const [back, forward] = ports.map((slope) => compile(slope, names));
  let most = 0;
  for (let i = 0; i < (columns[0]?.length ?? 1); i++) {
    const values = columns.map((of) => of[i]);
    most = Math.max(most, Math.abs(back(...values) / forward(...values)));
  }
  return most;
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

function loadsAt(p: PlannedPopulation): { readonly least: number; readonly most: number } {
  let [least, most] = [Infinity, 0];
  for (const x of p.local.vectors[LOAD] ?? []) {
    if (x < least) least = x;
    if (x > most) most = x;
  }
  return { least: least === Infinity ? 0 : least, most };
}

export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return most;
}
