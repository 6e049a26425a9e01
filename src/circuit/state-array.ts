/**
 * Devices side by side: what each holds, how it changes at events and while time passes. All in SI, float64.
 * Draws are keyed by (seed, what the devices are for and what the draw is called, number of the event,
 * index), so that they are the same on every engine, in every order and after every resume. Not here: what
 * devices show, and who tells them to change.
 */
import { OhmletError } from "../errors";
import type { NoiseSource, Synapse } from "../device/types";
import { EVENTS, type DeviceEvent } from "../equations/qualifiers";
import type { Column } from "../equations/vectorize";
import { fillNormals, streamOf, uniform } from "../random";
import { CONSTANTS } from "../units/constants";
import { drawParameters, type Arrangement } from "./draw";
import {
  loopsOf,
  type DeviceLoops,
  type Equations,
  type EventLoops,
  type Held,
  type Motion,
} from "./event-loops";
import { follow } from "./follow-leak";
import { integrate } from "./integrate";

/** Devices that are updated at once. */
const BLOCK = 2 ** 16;
/** Devices from which an array that an engine holds is not kept on the host as well. */
export const LARGE = 2 ** 18;

const STEP = EVENTS.indexOf("step");

/** Writes a stretch of values, SI, from an index on, [rows, columns]. */
export type Fill = (into: Float64Array, from: number) => void;

export class StateArray<D extends Held = Synapse | NoiseSource> {
  /** What each device holds, by name. */
  readonly stored: Map<string, Float64Array>;
  readonly parameters: Readonly<Record<string, number | Float64Array>>;
  /** How many events of each kind there were, in the order of EVENTS: what numbers their draws. */
  readonly happened = new Float64Array(EVENTS.length);
  protected readonly size: number;
  /** Parameters and constants, as loops read them. */
  protected readonly others: readonly Column[];
  private readonly loops: DeviceLoops;

  constructor(
    readonly device: D,
    protected readonly arrangement: Arrangement,
    private readonly seed: number,
    parameters?: Readonly<Record<string, number | Float64Array>>,
  ) {
    this.size = arrangement.rows * arrangement.columns;
    this.parameters = parameters ?? drawParameters(device.parameters, arrangement, seed);
    this.stored = new Map(Object.keys(device.stored).map((name) => [name, roomFor(this.size)]));
    this.others = [...Object.values(this.parameters), ...Object.values(CONSTANTS).map((c) => c.value)];
    this.loops = loopsOf(device);
  }

  /** Back to devices to which nothing has happened. */
  reset(): void {
    this.happened.fill(0);
    this.inBlocks((from, length) => this.begin(from, length));
  }

  /** First values of a stretch of devices; what noise moves begins as it has become. */
  protected begin(from: number, length: number): void {
    this.step(this.loops.initials, from, length, []);
    for (const motion of this.loops.motions) {
      if (motion.rest === null) continue;
      const spread = motion.rest(new Float64Array(length), this.movingSources(motion, from, length, 0));
      const draw = this.draws(`first/${motion.name}`, this.happened[STEP], true, from, length);
      const values = this.part(motion.name, from, length);
      for (let k = 0; k < length; k++) values[k] += spread[k] * draw[k];
    }
  }

  /** Whether an event changes anything. */
  knows(event: DeviceEvent): boolean {
    return this.loops.events[event] !== undefined;
  }

  /**
   * An event, once for every device that is addressed: those to which it tells something other than 0, where
   * it tells anything. All are sampled at once, whatever they show.
   * @param tell what it tells each: dw, sign, x; none for events that tell nothing
   */
  happen(event: DeviceEvent, tell?: Fill): void {
    const loops = this.loops.events[event];
    if (loops === undefined) return;
    const occurrence = this.happened[EVENTS.indexOf(event)]++;
    this.inBlocks((from, length) => {
      const told = new Float64Array(loops.told ? length : 0);
      tell?.(told, from);
      this.change(event, loops, from, length, loops.told ? told : 0, occurrence, event !== "sample");
    });
  }

  /** An event of a stretch, told the same or each its own. */
  private change(
    event: DeviceEvent,
    loops: EventLoops,
    from: number,
    length: number,
    told: Column,
    occurrence: number,
    addressed: boolean,
  ): void {
    const draws = loops.draws.map(({ name, normal }) =>
      this.draws(`${event}/${name}`, occurrence, normal, from, length),
    );
    const skip = addressed && typeof told !== "number" && !this.isPlain ? told : null;
    this.step(loops.equations, from, length, [...draws, told], skip);
  }

  /** Whether its devices are only written and leak: then nothing is drawn, and no event has a number. */
  get isPlain(): boolean {
    return this.device.kind === "synapse" && this.device.plain;
  }

  /** Whether anything moves by itself. */
  get leaks(): boolean {
    return this.loops.motions.length > 0 || this.knows("step");
  }

  /** Lets time pass. @throws OhmletError CHIP-LEAK */
  age(seconds: number): void {
    if (seconds === 0) return;
    const passed = this.happened[STEP];
    const { motions, events } = this.loops;
    const noisy = motions.some(({ noise }) => noise.length > 0) || events.step !== undefined;
    if (noisy) this.happened[STEP]++;
    this.inBlocks((from, length) => {
      if (motions.some(({ coupled }) => coupled)) this.moveTogether(from, length, seconds);
      else for (const motion of motions) this.move(motion, from, length, seconds);
      for (const motion of motions) this.shake(motion, from, length, seconds, passed);
      if (events.step !== undefined) this.change("step", events.step, from, length, seconds, passed, false);
    });
  }

  /** One stored quantity of a stretch: it moves by itself, whatever the others do. */
  private move(motion: Motion, from: number, length: number, seconds: number): void {
    const values = this.part(motion.name, from, length);
    const { loops, exact, name } = motion;
    const sources = this.movingSources(motion, from, length, seconds);
    if (exact) loops.step(values, sources);
    else values.set(follow(values, seconds, sources.slice(2), loops) ?? this.failLeak(name, seconds));
  }

  /** What noise adds to it in a time. */
  private shake(motion: Motion, from: number, length: number, seconds: number, passed: number): void {
    const values = this.part(motion.name, from, length);
    for (const { name, over } of motion.noise) {
      const spread = over(new Float64Array(length), this.movingSources(motion, from, length, seconds));
      const draw = this.draws(name, passed, true, from, length);
      for (let k = 0; k < length; k++) values[k] += spread[k] * draw[k];
    }
  }

  /** States whose rates depend on each other. */
  private moveTogether(from: number, length: number, seconds: number): void {
    const names = [...this.stored.keys()];
    const columns = names.map((name) => this.part(name, from, length));
    const others = this.othersAt(from, length);
    const moving = this.loops.rates.map(({ name, over }) => ({ at: names.indexOf(name), over }));
    const done = integrate(columns, moving, others, seconds);
    if (!done) this.failLeak(names[moving[0].at], seconds);
  }

  private failLeak(name: string, seconds: number): never {
    throw new OhmletError({
      code: "CHIP-LEAK",
      fact:
        `the leak of ${name} in "${this.device.name}" cannot be followed over ${seconds} s: its rate ` +
        "becomes infinite, or no number, on the way, or jumps too often",
      place: { where: this.arrangement.key.replace(/^projection\//, "") },
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

  /** One draw a device, of a stretch. */
  draws(name: string, occurrence: number, normal: boolean, from: number, length: number): Float64Array {
    const stream = streamOf(`${this.arrangement.key}/${name}`);
    const out = new Float64Array(length);
    // Blocks begin at multiples of four, as draws do.
    if (normal) fillNormals(out, this.seed, stream, occurrence, 0, length, from);
    else for (let k = 0; k < length; k++) out[k] = uniform(this.seed, stream, occurrence, from + k);
    return out;
  }

  /** [what is held, parameters, constants] of a stretch. */
  held(from = 0, length = this.size): Column[] {
    return [...this.heldAt(from, length), ...this.othersAt(from, length)];
  }

  protected heldAt(from: number, length: number): Column[] {
    return [...this.stored.values()].map((values) => partOf(values, from, length, this.size));
  }

  protected othersAt(from: number, length: number): Column[] {
    return this.others.map((column) => partOf(column, from, length, this.size));
  }

  private part(name: string, from: number, length: number): Float64Array {
    return (this.stored.get(name) as Float64Array).subarray(from, from + length);
  }

  private movingSources({ name }: Motion, from: number, length: number, elapsed: number): Column[] {
    const rest = [...this.stored.keys()].filter((other) => other !== name);
    return [
      this.part(name, from, length),
      elapsed,
      ...rest.map((other) => this.part(other, from, length)),
      ...this.othersAt(from, length),
    ];
  }

  /** Stretch by stretch: what is asked for, and what is computed aside, is never larger than that. */
  protected inBlocks(block: (from: number, length: number) => void, most = BLOCK): void {
    for (let from = 0; from < this.size; from += most) block(from, Math.min(most, this.size - from));
  }

  /**
   * Applies equations over [what is held, own columns, parameters, constants] to a stretch of devices.
   * @param skip devices where this is 0 stay as they are
   */
  protected step(
    equations: Equations,
    from: number,
    length: number,
    own: readonly Column[],
    skip: Float64Array | null = null,
  ): void {
    const sources = [...this.heldAt(from, length), ...own, ...this.othersAt(from, length)];
    if (this.stored.size === 1 && skip === null) {
      for (const { name, over } of equations) over(this.part(name, from, length), sources);
      return;
    }
    // All are computed from the values before the update, then stored: the order of the equations must not
    // matter.
    const fresh = equations.map(({ over }) => over(new Float64Array(length), sources));
    equations.forEach(({ name }, i) => {
      const values = this.part(name, from, length);
      if (skip === null) values.set(fresh[i]);
      else for (let k = 0; k < length; k++) if (skip[k] !== 0) values[k] = fresh[i][k];
    });
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
