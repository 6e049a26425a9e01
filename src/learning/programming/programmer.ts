/**
 * The programming stage: what is asked for becomes writes or whole pulses, the devices do what their equations
 * say, and what came of it is counted. Draws are keyed by (seed, projection, number of the write, index), so
 * that a training that is resumed goes on to the same pulses.
 */
import type { Chip, WeightArrays } from "../../circuit/chip-types";
import { learns } from "../../circuit/owner";
import { normal, streamOf, uniform } from "../../random";
import { checkFinite, unfit, type SavedArrays } from "../checkpoint/arrays";
import type { Optimizer } from "../optimizers";
import type { ChipClock } from "../clock";
import { ofSamples } from "./expect";
import { programmingOf, refreshed, type Programming, type ProgrammingOptions } from "./options";
import { Refreshing } from "./refreshing";
import { Remembered } from "./remembered";

/** Pairs of pulses in the search for the symmetric point. */
const PAIRS = 2000;
/** A request of which less than this was written met a device that gives no more. */
const LITTLE = 0.1;
/** Steps of a direct write that are counted. */
const MOST_STEPS = 2 ** 30;

/** What programming came to, by projection. */
export interface ProgrammingReport {
  /** Pulses, or writes of single devices, since training began. */
  readonly pulses: Readonly<Record<string, number>>;
  /** Cosine between what was asked for and what was written, over the epoch; null where nothing was. */
  readonly writtenCosine: Readonly<Record<string, number | null>>;
  /** Share of the requests of the epoch of which less than a tenth was written, of devices that were addressed. */
  readonly saturated: Readonly<Record<string, number>>;
  /** Of the pulses or writes, those that refreshed what had leaked; absent where nothing is refreshed. */
  readonly refreshed?: Readonly<Record<string, number>>;
}

/** Sums over writes, in the order in which they are kept. */
interface Tally {
  writes: number;
  pulses: number;
  product: number;
  asked: number;
  written: number;
  addressed: number;
  stuck: number;
  refreshed: number;
}
const KEYS = ["writes", "pulses", "product", "asked", "written", "addressed", "stuck"] as const;
const WITH_REFRESH = [...KEYS, "refreshed"] as const;
const empty = (): Tally => ({
  writes: 0,
  pulses: 0,
  product: 0,
  asked: 0,
  written: 0,
  addressed: 0,
  stuck: 0,
  refreshed: 0,
});

export class Programmer {
  private readonly tallies = new Map<string, Tally>();
  /** Of arrays that are refreshed. */
  private readonly remembered = new Map<string, Remembered>();

  constructor(
    private readonly chip: Chip,
    readonly programming: Programming,
    private readonly seed: number,
  ) {
    for (const projection of chip.circuit.projections)
      if (projection.spec.feedback?.kind !== "tied" && learns(projection))
        this.tallies.set(projection.name, empty());
    if (programming.refresh !== undefined)
      for (const name of refreshed(chip.circuit)) this.remembered.set(name, new Remembered());
  }

  /** Refreshes what leaks whenever that comes due, where it is asked for. @throws OhmletError LEARN-PROGRAMMING */
  refreshBy(clock: ChipClock): void {
    const { refresh: every } = this.programming;
    if (every !== undefined)
      clock.during(new Refreshing(clock, every, () => this.refresh(), this.chip.circuit.name));
  }

  /** Before the first batch of a training that is not resumed: looks for the reference, and remembers. */
  begin(): void {
    if (this.programming.reference !== "none")
      for (const name of this.tallies.keys()) this.chip.findReference(name, PAIRS);
    for (const [name, kept] of this.remembered) kept.begin(partsOf(this.chip.weights(name)));
  }

  /** Programs a change of an array, logical. @returns seconds that it took */
  write(name: string, change: WeightArrays): number {
    const tally = this.tallies.get(name) as Tally;
    const before = this.chip.weights(name);
    const { told, rounds } = this.carryOut(name, change, before, tally);
    const after = partsOf(this.chip.weights(name));
    count(tally, partsOf(change), told, partsOf(before), after);
    this.remembered.get(name)?.add(partsOf(before), after);
    return this.programming.width * rounds;
  }

  /** Rewrites every array that leaks to what is remembered of it. @returns seconds that it took */
  private refresh(): number {
    let rounds = 0;
    for (const [name, kept] of this.remembered) {
      const tally = this.tallies.get(name) as Tally;
      const [before, { pulses }] = [this.chip.weights(name), tally];
      const [weights, biases] = kept.missing(partsOf(before));
      const done = this.carryOut(name, { weights, biases: biases ?? null }, before, tally);
      kept.settle(done.told, partsOf(before), partsOf(this.chip.weights(name)), LITTLE);
      tally.refreshed += tally.pulses - pulses;
      rounds += done.rounds;
    }
    return this.programming.width * rounds;
  }

  /** Has devices change, directly or by pulses. @returns what each was told, and how often all were addressed */
  private carryOut(name: string, change: WeightArrays, before: WeightArrays, tally: Tally) {
    const { kind, least } = this.programming;
    let rounds = 1;
    /** What each device was told to do, as far as it was told anything. */
    let told = partsOf(change);
    if (kind === "direct") {
      if (least > 0) {
        told = this.wholes(name, change, least, tally.writes).map((part) =>
          Float64Array.from(part, (n) => n * least),
        );
        this.chip.program(name, { weights: told[0], biases: told[1] ?? null });
      } else this.chip.program(name, change);
      tally.pulses += told.reduce((sum, part) => sum + part.reduce((n, v) => n + (v === 0 ? 0 : 1), 0), 0);
    } else {
      const step = this.chip.pulseStep(name) as number;
      const pulsed = this.pulse(name, change, before, step, tally);
      rounds = pulsed.rounds;
      told = pulsed.counts.map((part) => Float64Array.from(part, (pulses) => pulses * step));
    }
    tally.writes++;
    return { told, rounds };
  }

  /** Pulses a change, and what is missing of it. */
  private pulse(name: string, change: WeightArrays, before: WeightArrays, step: number, tally: Tally) {
    const { most, verify } = this.programming;
    const counts = this.wholes(name, change, step, tally.writes, most);
    let rounds = this.apply(name, counts, tally);
    // What is verified are the whole pulses that were decided on: rounding again would not keep the mean.
    const wanted = partsOf(before).map((part, p) => part.map((v, k) => v + counts[p][k] * step));
    for (let again = 0; again < verify; again++) {
      const read = partsOf(this.read(name, tally.writes, again));
      const missing = counts.map((part, p) =>
        part.map((pulses, k) =>
          pulses === 0 ? 0 : Math.max(-most, Math.min(most, Math.round((wanted[p][k] - read[p][k]) / step))),
        ),
      );
      rounds += this.apply(name, missing, tally);
    }
    return { counts, rounds };
  }

  /** Whole multiples of a step, no more than `most`: up or down with the chance that keeps the mean. */
  private wholes(
    name: string,
    change: WeightArrays,
    step: number,
    write: number,
    most = MOST_STEPS,
  ): Int32Array[] {
    const stream = streamOf(`programming/${name}`);
    let index = 0;
    return partsOf(change).map((part) =>
      Int32Array.from(part, (wanted) => {
        const steps = Math.floor(Math.abs(wanted / step) + uniform(this.seed, stream, write, index++));
        return Math.sign(wanted / step) * Math.min(most, steps);
      }),
    );
  }

  /** So many pulses to each device, a round of single pulses after another. @returns rounds */
  private apply(name: string, counts: readonly Int32Array[], tally: Tally): number {
    tally.pulses += counts.reduce((sum, part) => sum + part.reduce((n, v) => n + Math.abs(v), 0), 0);
    const most = counts.reduce((m, part) => part.reduce((n, v) => Math.max(n, Math.abs(v)), m), 0);
    for (let round = 0; round < most; round++) {
      const [weights, biases] = counts.map((part) =>
        Float64Array.from(part, (v) => (Math.abs(v) > round ? Math.sign(v) : 0)),
      );
      this.chip.pulse(name, { weights, biases: biases ?? null });
    }
    return most;
  }

  /** What is read of an array: with the noise of a read, where it has some. */
  private read(name: string, write: number, round: number): WeightArrays {
    const [weights, noise] = [this.chip.weights(name), this.chip.readNoise(name)];
    if (noise === null) return weights;
    const stream = streamOf(`verify ${round}/${name}`);
    let index = 0;
    const noisy = (values: Float64Array, sd: Float64Array): Float64Array =>
      values.map((v, k) => v + sd[k] * normal(this.seed, stream, write, index++));
    return {
      weights: noisy(weights.weights, noise.weights),
      biases: weights.biases && noise.biases && noisy(weights.biases, noise.biases),
    };
  }

  report(): ProgrammingReport {
    const each = <T>(of: (tally: Tally) => T): Record<string, T> =>
      Object.fromEntries([...this.tallies].map(([name, tally]) => [name, of(tally)]));
    return {
      pulses: each(({ pulses }) => pulses),
      writtenCosine: each(({ product, asked, written }) =>
        asked > 0 && written > 0 ? product / Math.sqrt(asked * written) : null,
      ),
      saturated: each(({ addressed, stuck }) => (addressed === 0 ? 0 : stuck / addressed)),
      ...(this.remembered.size > 0 && { refreshed: each((tally) => tally.refreshed) }),
    };
  }

  /** Pulses and numbers of writes go on; the rest is of an epoch. */
  nextEpoch(): void {
    for (const [name, tally] of this.tallies) {
      const { writes, pulses, refreshed: again } = tally;
      this.tallies.set(name, { ...empty(), writes, pulses, refreshed: again });
    }
  }

  save(): SavedArrays {
    const { keys } = this;
    return Object.fromEntries([
      ...[...this.tallies].map(([name, tally]) => [
        name,
        { shape: [keys.length], values: Float64Array.from(keys, (key) => tally[key]) },
      ]),
      ...[...this.remembered].map(([name, kept]) => {
        const values = kept.save(partsOf(this.chip.weights(name)));
        return [`${name}@remembered`, { shape: [values.length], values }];
      }),
    ]);
  }

  private get keys(): readonly (typeof WITH_REFRESH)[number][] {
    return this.remembered.size > 0 ? WITH_REFRESH : KEYS;
  }

  /** @throws OhmletError CHECKPOINT-ARRAYS; nothing is changed then */
  load(saved: SavedArrays): void {
    const { keys } = this;
    for (const name of this.tallies.keys())
      if (saved[name]?.values.length !== keys.length) unfit(`programming/${name}`, "no counts of writes");
    for (const name of this.remembered.keys()) {
      const [key, { weights, biases }] = [`${name}@remembered`, this.chip.weights(name)];
      if (saved[key]?.values.length !== weights.length + (biases?.length ?? 0))
        unfit(`programming/${key}`, "not one value a device");
      checkFinite(`programming/${key}`, saved[key].values);
    }
    for (const tallied of this.tallies) {
      const values = saved[tallied[0]].values;
      keys.forEach((key, k) => (tallied[1][key] = values[k]));
    }
    for (const [name, kept] of this.remembered)
      kept.load(saved[`${name}@remembered`].values, this.chip.weights(name).weights.length);
  }
}

/** The stage that a controller asks for, and what it does while the chip's clock runs. */
export function programmerOf(
  chip: Chip,
  {
    programming,
    optimizer,
    seed,
  }: { readonly programming: ProgrammingOptions; readonly optimizer: Optimizer; readonly seed: number },
  homeostasis: boolean,
  clock: ChipClock,
): Programmer {
  const stage = programmingOf(programming, chip, optimizer);
  if (stage.per === "sample" && homeostasis) throw ofSamples(chip, "homeostasis");
  const programmer = new Programmer(chip, stage, seed);
  programmer.refreshBy(clock);
  return programmer;
}

const partsOf = ({ weights, biases }: WeightArrays): Float64Array[] =>
  biases === null ? [weights] : [weights, biases];

/** Adds what a write came to. */
function count(
  tally: Tally,
  asked: readonly Float64Array[],
  told: readonly Float64Array[],
  before: readonly Float64Array[],
  after: readonly Float64Array[],
): void {
  asked.forEach((part, p) => {
    for (let k = 0; k < part.length; k++) {
      const written = after[p][k] - before[p][k];
      tally.product += part[k] * written;
      tally.asked += part[k] ** 2;
      tally.written += written ** 2;
      const wanted = told[p][k];
      if (wanted === 0) continue;
      tally.addressed++;
      if (written * Math.sign(wanted) < LITTLE * Math.abs(wanted)) tally.stuck++;
    }
  });
}
