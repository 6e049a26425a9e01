/**
 * How far the sources of a batch could take the nodes of a resistive network. No voltage at a conductance is beyond
 * the largest of its sources, of where neurons come to by themselves (rails), and of what currents add over the least
 * conductance at a node; and between these a node goes no farther than where the largest drive holds it, which of a
 * diode is little above its rail. Amplifiers multiply what nodes behind them reach. Bounds, not estimates: numbers are rounded up to powers of two, so that batches and
 * small changes of weights share them. They bound where a solver that jumps may land.
 */
import { compile } from "../../equations/evaluate";
import { differentiate } from "../../equations/differentiate";
import { symbolsOf } from "../../equations/expression";
import { simplify } from "../../equations/simplify";
import { BACK } from "../../circuit/amplifiers";
import { heldAt } from "../time-steps/held-at";
import { ownRate } from "../solvers/exponential-euler";
import type { InternalUnits } from "./internal-units";
import type { Layout, PlannedPopulation } from "./layout";
import { LOAD, LOAD_BACK } from "./loads";

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
  private readonly alone: number;
  /** Of projections of currents, at this version of the chips. */
  private readonly weights = new Map<string, number>();
  private version = -1;

  constructor(
    private readonly units: InternalUnits,
    private readonly layout: Layout,
  ) {
    this.alone = Math.max(0, ...layout.populations.map((p) => Math.abs(heldBy(p, 0, 0))));
  }

  /** @param shown what clamped populations show, by name */
  of(shown: ReadonlyMap<string, Float64Array>, { strength, target }: Push): Reach {
    const { units, layout } = this;
    let [volts, drops] = [this.alone, 0];
    const currents = new Float64Array(layout.populations.length);
    for (const p of layout.populations) {
      const { least } = loadsAt(p);
      for (const { from, to, synapse, name } of units.circuit.projections) {
        if (to !== p.population || !from.clamped) continue;
        const most = largest(shown.get(from.name) ?? []);
        if (synapse.loads) volts = Math.max(volts, most / units.state(p));
        else currents[p.index] += most * this.largestWeight(name) * from.size * units.unitDrive(p);
      }
      drops += currents[p.index] / least;
    }
    const { least } = loadsAt(layout.output);
    const gains = this.gains();
    volts = above(volts + drops);
    if (strength > 0) {
      const pulled = strength * (target + 2 * volts * gains[layout.output.index]);
      currents[layout.output.index] += pulled;
      volts = 2 * strength < least ? above(volts + pulled / least) : Infinity;
    }
    return layout.populations.map((p) =>
      this.bounds(p, volts * gains[p.index], volts * gains[p.index] * gainOf(p), above(currents[p.index])),
    );
  }

  /** By how much amplifiers on the way to each population multiply voltages: more than all that there are, in a loop. */
  private gains(): Float64Array {
    const { populations } = this.layout;
    const own = populations.map(gainOf);
    const gains = new Float64Array(populations.length).fill(1);
    if (own.every((gain) => gain === 1)) return gains;
    for (let turn = 0; turn <= populations.length; turn++)
      for (const p of populations)
        for (const { from, projection } of p.recurrent)
          if (projection.spec.feedback === undefined && gains[from] * own[from] > gains[p.index])
            gains[p.index] = turn < populations.length ? gains[from] * own[from] : Infinity;
    return gains;
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
    const { chips, version } = this.units;
    if (this.version !== version) this.weights.clear();
    this.version = version;
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
