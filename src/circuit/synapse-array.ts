/**
 * A physical array of synapses of one projection, [pre (+ 1 bias line), post]: what its devices store, their
 * mismatch, how they are programmed, read and leak. All in SI, float64; the rest of Ohmlet sees logical
 * weights only.
 */
import { OhmletError } from "../errors";
import type { Column } from "../equations/vectorize";
import { CONSTANTS } from "../units/constants";
import { compiledFor, type CompiledSynapse, type Equations } from "./compiled-synapse";
import { drawParameters } from "./draw";
import { follow } from "./follow-leak";
import { WriteAndVerify } from "./write-and-verify";
import type { DeviceArray, Projection } from "./chip-types";

/** Devices that are updated at once. */
const BLOCK = 2 ** 16;
/**
 * Devices that are written and verified at once: few enough for a cache, and that few wait for the slowest.
 */
const WRITE_BLOCK = 2 ** 12;

/** Devices from which an array that an engine holds is not kept on the host as well. */
export const LARGE = 2 ** 18;

/** Writes a stretch of values, SI, from an index on, [rows, columns]. */
export type Fill = (into: Float64Array, from: number) => void;

export class ArrayOfSynapses implements DeviceArray {
  /** What each synapse stores, by name. */
  readonly stored: Map<string, Float64Array>;
  readonly rows: number;
  readonly columns: number;
  readonly parameters: Readonly<Record<string, number | Float64Array>>;
  /** Values of the equations' symbols besides what is stored: the change that is asked for, parameters. */
  private readonly others: readonly Column[];
  private readonly size: number;
  private readonly compiled: CompiledSynapse;

  constructor(
    readonly projection: Projection,
    seed: number,
  ) {
    const { synapse } = projection;
    this.rows = projection.array.pre + (projection.bias ? 1 : 0);
    this.columns = projection.array.post;
    const size = (this.size = this.rows * this.columns);
    const parameters = (this.parameters = drawParameters(
      synapse.parameters,
      size,
      seed,
      `projection/${projection.name}`,
    ));
    const quantities = Object.keys(synapse.stored);
    this.stored = new Map(quantities.map((name) => [name, roomFor(size)]));
    this.others = [...Object.values(parameters), ...Object.values(CONSTANTS).map((c) => c.value)];
    this.compiled = compiledFor(synapse);
    this.reset();
  }

  /** Back to unprogrammed devices. */
  reset(): void {
    this.update((from, unchanged) => this.step(this.compiled.initials, from, unchanged));
  }

  /** Effective weights dI/d rho_pre, SI. */
  weights(out: Float64Array): Float64Array {
    return this.compiled.readWeight(out, this.sources());
  }

  /** Standard deviation of a read, SI; null where reads are noiseless. */
  readNoise(out: Float64Array): Float64Array | null {
    return this.compiled.readSpread?.(out, this.sources()) ?? null;
  }

  /** Asks for a change of dI/d rho_pre. */
  program(fill: Fill): void {
    this.update((from, wanted) => {
      fill(wanted, from);
      this.step(this.compiled.programs, from, wanted);
    });
  }

  /**
   * Writes and verifies effective weights, from unprogrammed devices on.
   * @param gain by which what is read stands above the devices' own weight, where it does, at an index
   */
  write(fill: Fill, gain?: (index: number) => number): void {
    // One room for all blocks: what is made for each of them piles up.
    const room = new WriteAndVerify(Math.min(WRITE_BLOCK, this.size), this.stored.size);
    this.update((from, asked) => {
      this.step(this.compiled.initials, from, asked);
      fill(asked, from);
      room.write(
        {
          stored: [...this.stored.values()].map((values) => values.subarray(from, from + asked.length)),
          pulse: (change) => this.step(this.compiled.programs, from, change),
          read: (into) => {
            this.compiled.readWeight(into, this.sources(from, into.length));
            if (gain !== undefined) for (let k = 0; k < into.length; k++) into[k] *= gain(from + k);
          },
        },
        asked,
      );
    }, WRITE_BLOCK);
  }

  /** Whether anything that is stored leaks. */
  get leaks(): boolean {
    return this.compiled.leaks.length > 0;
  }

  /** Lets what is stored leak for so many seconds. @throws OhmletError CHIP-LEAK */
  age(seconds: number): void {
    if (seconds === 0) return;
    this.update((from, unchanged) => {
      for (const leak of this.compiled.leaks) this.leak(leak, from, unchanged, seconds);
    });
  }

  /** One stored quantity of a block: it leaks by itself, whatever the others do. */
  private leak(
    { name, loops, exact }: CompiledSynapse["leaks"][number],
    from: number,
    { length }: Float64Array,
    seconds: number,
  ): void {
    const values = (this.stored.get(name) as Float64Array).subarray(from, from + length);
    const others = this.others.map((column) => partOf(column, from, length, this.size));
    if (exact) loops.step(values, [values, seconds, ...others]);
    else values.set(follow(values, seconds, others, loops) ?? this.failLeak(name, seconds));
  }

  private failLeak(name: string, seconds: number): never {
    const {
      projection: { name: where, synapse },
    } = this;
    throw new OhmletError({
      code: "CHIP-LEAK",
      fact:
        `the leak of ${name} in "${synapse.name}" cannot be followed over ${seconds} s: its rate ` +
        "becomes infinite, or no number, on the way, or jumps too often",
      place: { where },
      remedy: "write a leak whose rate is finite wherever it comes to, or age the chip by less",
      category: "run",
    });
  }

  /** Gives up the memory of what is stored, until `restore`. */
  release(): void {
    for (const name of this.stored.keys()) this.stored.set(name, new Float64Array(0));
  }

  /** Makes room again; values are for the caller to set. */
  restore(): void {
    for (const [name, { length }] of this.stored)
      if (length !== this.size) this.stored.set(name, roomFor(this.size));
  }

  /** What the equations read of `length` devices from one on. */
  private sources(from = 0, length = this.size, change: Column = 0): Column[] {
    const part = (values: Column): Column => partOf(values, from, length, this.size);
    return [...[...this.stored.values()].map(part), change, ...this.others.map(part)];
  }

  /** Block by block: what is asked for, and what is computed aside, is never larger than that. */
  private update(block: (from: number, change: Float64Array) => void, most = BLOCK): void {
    const change = new Float64Array(Math.min(most, this.size));
    for (let from = 0; from < this.size; from += most)
      block(from, change.subarray(0, Math.min(most, this.size - from)));
  }

  /** Applies equations to a block of devices. */
  private step(equations: Equations, from: number, change: Float64Array): void {
    const sources = this.sources(from, change.length, change);
    const stored = (name: string): Float64Array =>
      (this.stored.get(name) as Float64Array).subarray(from, from + change.length);
    if (this.stored.size === 1) {
      for (const { name, over } of equations) over(stored(name), sources);
      return;
    }
    // All are computed from the values before the update, then stored: the order of the equations must not
    // matter.
    const fresh = equations.map(({ over }) => over(new Float64Array(change.length), sources));
    equations.forEach(({ name }, i) => stored(name).set(fresh[i]));
  }
}

const partOf = (values: Column, from: number, length: number, size: number): Column =>
  typeof values === "number" || length === size ? values : values.subarray(from, from + length);

/**
 * Zeros. What an engine may come to hold instead is in pages of its own, as buffers that could grow are: the
 * allocator keeps other memory of this size for itself long after. Loops over them are slower, by less than
 * an engine without arrays of its own takes for one step.
 */
function roomFor(size: number): Float64Array {
  if (size < LARGE) return new Float64Array(size);
  const bytes = size * Float64Array.BYTES_PER_ELEMENT;
  return new Float64Array(new (ArrayBuffer as GrowableBuffer)(bytes, { maxByteLength: bytes }));
}

/** ArrayBuffer as of ES2024, which Node 20 has and the library of ES2022 does not. */
type GrowableBuffer = new (bytes: number, options: { readonly maxByteLength: number }) => ArrayBuffer;
