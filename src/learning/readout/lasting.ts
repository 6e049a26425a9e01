/**
 * Noise of readers that lasts from phase to phase and from sample to sample: a chip runs one sample after another and
 * one phase after another, and its readers move on between the moments at which they look. A slow source then
 * nearly cancels in a difference of phases.
 */
import type { LastingStates, LastingValues } from "../../circuit/lasting-states";
import type { Reads } from "../../circuit/reads";
import { checkFinite, unfit, type SavedArrays } from "../checkpoint/arrays";

/** When readers look during a sample, from its beginning; in the circuit's time. */
export interface Moments {
  /** In order. */
  readonly times: readonly number[];
  /** Which of them is that of each phase at which it is sampled, and read: the free phase, then each nudge. */
  readonly sampled: readonly number[];
  readonly read: readonly number[];
  /** From sample to sample. */
  readonly pitch: number;
}

/** States of a population's readers, over the samples of a batch. */
export interface Walked {
  /** As the batch began, [units]. */
  readonly begin: LastingValues;
  /** At each moment, [samples, units]. */
  readonly at: readonly LastingValues[];
}

/** The readers of a chip on their way. */
export interface Walker {
  /** Tells chips apart: "0", "0/twin". */
  readonly label: string;
  /** Keys draws. */
  readonly seed: number;
  /** By population, those that have something that lasts. */
  readonly readers: ReadonlyMap<string, Reads>;
}

/** A batch of so many samples a chip. */
export interface Walk {
  readonly samples: number;
  readonly moments: Moments;
  /** Whether they are looked at before the first sample, too. */
  readonly before: boolean;
}

export class Lasting {
  private readonly known = new Map<string, LastingStates>();
  /** Samples so far, and when the last of them was over. */
  private samples = 0;
  private time = 0;
  private saved: SavedArrays = {};

  /** @param what they are for: keys draws */
  constructor(private readonly what: string) {}

  /** Time has passed beside samples: it is no earlier than that. */
  waitUntil(time: number): void {
    this.time = Math.max(this.time, time);
  }

  /** Moves the readers of chips along the samples of a batch. @returns of each chip, by population */
  walk(walkers: readonly Walker[], walk: Walk): ReadonlyMap<string, Walked>[] {
    const { samples, moments } = walk;
    const found = walkers.map(
      ({ label, seed, readers }) =>
        new Map(
          [...readers].map(([name, reads]): [string, Walked] => [
            name,
            this.along(this.states(`${label}/${name}`, reads, seed), walk),
          ]),
        ),
    );
    this.samples += samples;
    this.time += samples * moments.pitch;
    return found;
  }

  private along(states: LastingStates, { samples, moments: { times, pitch }, before }: Walk): Walked {
    const names = [...states.stored.keys()];
    const values = (): Record<string, Float64Array> =>
      Object.fromEntries(names.map((name) => [name, (states.stored.get(name) as Float64Array).slice()]));
    const units = values()[names[0]].length;
    const each = 1 + times.length;
    if (before) states.moveTo(this.time, this.samples * each);
    const begin = values();
    const at = times.map(() =>
      Object.fromEntries(names.map((name) => [name, new Float64Array(samples * units)])),
    );
    for (let i = 0; i < samples; i++)
      for (const [m, time] of times.entries()) {
        states.moveTo(this.time + i * pitch + time, (this.samples + i) * each + m + 1);
        for (const name of names) at[m][name].set(states.stored.get(name) as Float64Array, i * units);
      }
    return { begin, at };
  }

  private states(label: string, reads: Reads, seed: number): LastingStates {
    const known = this.known.get(label) ?? reads.lasting(seed, this.what, this.time);
    if (!this.known.has(label)) this.restore(label, known);
    this.known.set(label, known);
    return known;
  }

  save(): SavedArrays {
    const arrays: Record<string, SavedArrays[string]> = Object.create(null);
    const add = (name: string, values: Float64Array): void =>
      void (arrays[name] = { shape: [values.length], values });
    add("clock", Float64Array.of(this.samples, this.time));
    for (const [label, states] of this.known) {
      for (const [name, values] of states.stored) add(`${label}.${name}`, values.slice());
      add(`${label}@at`, Float64Array.of(states.at));
    }
    return arrays;
  }

  /** Before the first batch. @throws OhmletError CHECKPOINT-ARRAYS; nothing is changed then */
  load(saved: SavedArrays): void {
    for (const [name, { values }] of Object.entries(saved)) checkFinite(`readout/${name}`, values);
    if (saved.clock?.values.length !== 2) unfit("readout/clock", "not how many samples, and when");
    [this.samples, this.time] = saved.clock.values;
    this.saved = saved;
  }

  /** Puts back what was saved of readers, where something was. */
  private restore(label: string, states: LastingStates): void {
    const at = this.saved[`${label}@at`];
    if (at === undefined) return;
    for (const [name, values] of states.stored) {
      const kept = this.saved[`${label}.${name}`];
      if (kept?.values.length !== values.length) unfit(`readout/${label}.${name}`, "not one value a unit");
      values.set(kept.values);
    }
    [states.at] = at.values;
  }
}
