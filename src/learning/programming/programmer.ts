/**
 * The programming stage: what is asked for becomes writes or whole pulses, the devices do what their equations
 * say, and what came of it is counted. Draws are keyed by (seed, projection, number of the write, index), so
 * that a training that is resumed goes on to the same pulses.
 */
import type { Chip, WeightArrays } from "../../circuit/chip-types";
import { learns } from "../../circuit/owner";
import { normal, streamOf, uniform } from "../../random";
import { unfit, type SavedArrays } from "../checkpoint/arrays";
import type { Optimizer } from "../optimizers";
import { expectDirect, ofSamples, programmingOf, type Programming, type ProgrammingOptions } from "./options";

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
}
const KEYS = ["writes", "pulses", "product", "asked", "written", "addressed", "stuck"] as const;
const empty = (): Tally => ({
  writes: 0,
  pulses: 0,
  product: 0,
  asked: 0,
  written: 0,
  addressed: 0,
  stuck: 0,
});

export class Programmer {
  private readonly tallies = new Map<string, Tally>();

  constructor(
    private readonly chip: Chip,
    readonly programming: Programming,
    private readonly seed: number,
  ) {
    for (const projection of chip.circuit.projections)
      if (projection.spec.feedback?.kind !== "tied" && learns(projection))
        this.tallies.set(projection.name, empty());
  }

  /** Before the first batch of a training that is not resumed: looks for the reference. */
  begin(): void {
    if (this.programming.reference === "none") return;
    for (const name of this.tallies.keys()) this.chip.findReference(name, PAIRS);
  }

  /** Programs a change of an array, logical. @returns seconds that it took */
  write(name: string, change: WeightArrays): number {
    const tally = this.tallies.get(name) as Tally;
    const { kind, width, least } = this.programming;
    const before = this.chip.weights(name);
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
    count(tally, partsOf(change), told, partsOf(before), partsOf(this.chip.weights(name)));
    tally.writes++;
    return width * rounds;
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
    };
  }

  /** Pulses and numbers of writes go on; the rest is of an epoch. */
  nextEpoch(): void {
    for (const [name, { writes, pulses }] of this.tallies)
      this.tallies.set(name, { ...empty(), writes, pulses });
  }

  save(): SavedArrays {
    return Object.fromEntries(
      [...this.tallies].map(([name, tally]) => [
        name,
        { shape: [KEYS.length], values: Float64Array.from(KEYS, (key) => tally[key]) },
      ]),
    );
  }

  /** @throws OhmletError CHECKPOINT-ARRAYS; nothing is changed then */
  load(saved: SavedArrays): void {
    for (const name of this.tallies.keys())
      if (saved[name]?.values.length !== KEYS.length) unfit(`programming/${name}`, "no counts of writes");
    for (const tallied of this.tallies) {
      const values = saved[tallied[0]].values;
      KEYS.forEach((key, k) => (tallied[1][key] = values[k]));
    }
  }
}

/** The stage that a controller asks for; null for writes that are direct and not counted. */
export function programmerOf(
  chip: Chip,
  {
    programming,
    optimizer,
    seed,
  }: { readonly programming?: ProgrammingOptions; readonly optimizer: Optimizer; readonly seed: number },
  homeostasis: boolean,
): Programmer | null {
  if (programming === undefined) {
    expectDirect(chip);
    return null;
  }
  const stage = programmingOf(programming, chip, optimizer);
  if (stage.per === "sample" && homeostasis) throw ofSamples(chip, "homeostasis");
  return new Programmer(chip, stage, seed);
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
