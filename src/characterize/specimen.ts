/**
 * A device on the bench: many copies of it, each with its own parameters and draws, to which one thing after
 * another happens. The same arrays that a chip is made of; what a copy shows is dI/d rho_pre of a synapse, and
 * the current of a source of noise.
 */
import { StateArray } from "../circuit/state-array";
import type { NoiseSource, Synapse } from "../device/types";
import { OhmletError } from "../errors";
import type { DeviceEvent } from "../equations/qualifiers";
import { clipEnds } from "../equations/clip-ends";
import { short } from "../display";
import { symbolsOf, type Expression } from "../equations/expression";
import { vectorize, type Column } from "../equations/vectorize";
import { CONSTANTS } from "../units/constants";

/** How many copies, and how they begin. */
export interface SpecimenOptions {
  readonly devices?: number;
  readonly seed?: number;
  /** States that begin elsewhere than the device says, SI. */
  readonly start?: Readonly<Record<string, number>>;
}

export class Specimen extends StateArray {
  private reads = 0;

  constructor(
    device: Synapse | NoiseSource,
    private readonly options: SpecimenOptions = {},
  ) {
    const { devices = 1, seed = 1 } = options;
    super(device, { rows: 1, columns: devices, key: "bench" }, seed);
    this.reset();
  }

  override reset(): void {
    super.reset();
    this.reads = 0;
    for (const [name, value] of Object.entries(this.options.start ?? {})) this.place(name, value);
  }

  get devices(): number {
    return this.size;
  }

  /** Puts a state of every copy anywhere. */
  set(name: string, value: number): void {
    this.stored.get(name)?.fill(value);
  }

  /**
   * Puts a state of every copy somewhere, where the device can be.
   * @throws OhmletError DEVICE-CURVE where there is none of that name, DEVICE-VALUE outside of what its events
   *   keep to
   */
  place(name: string, value: number): void {
    if (!this.stored.has(name))
      throw new OhmletError({
        code: "DEVICE-CURVE",
        fact: `"${name.slice(0, 40)}" is neither a parameter nor a state`,
        place: { where: this.device.name },
        remedy: `it holds ${[...this.stored.keys()].join(", ") || "nothing"}; its parameters are ${Object.keys(this.parameters).join(", ")}`,
      });
    const isConstant = (e: Expression): boolean =>
      [...symbolsOf(e)].every((symbol) => Object.hasOwn(this.parameters, symbol) || symbol in CONSTANTS);
    for (const update of Object.values(this.device.stored[name].events)) {
      const { lower, upper } = clipEnds(update, isConstant);
      const least = lower === null ? -Infinity : Math.min(...this.evaluate(lower));
      const most = upper === null ? Infinity : Math.max(...this.evaluate(upper));
      if (value >= least && value <= most) continue;
      throw new OhmletError({
        code: "DEVICE-VALUE",
        fact: `${name} keeps between ${short(least)} and ${short(most)}: it cannot be ${short(value)}`,
        place: { where: this.device.name },
        remedy: "start within its range",
      });
    }
    this.set(name, value);
  }

  /**
   * One event for every copy, told the same.
   * @throws OhmletError DEVICE-EVENT where the device knows none
   */
  event(event: DeviceEvent, told = 0): void {
    if (!this.knows(event))
      throw new OhmletError({
        code: "DEVICE-EVENT",
        fact: `nothing happens to it at ${event}`,
        place: { where: this.device.name },
        remedy: `ask for a curve that its events allow, or add a line such as  ${[...this.stored.keys()][0] ?? "w"} <- … at ${event}`,
      });
    this.happen(event, (into) => into.fill(told));
  }

  /** The state that it is programmed by: what pulses change, else what writes change. */
  get programmed(): string | null {
    const states = Object.entries(this.device.stored);
    const of = (event: DeviceEvent) =>
      states.find(([name, { events }]) => events[event] !== undefined && name !== "age")?.[0] ?? null;
    return of("pulse") ?? of("write");
  }

  /**
   * Programs every copy to what it shows where a state has a value: by one write where the device is written,
   * else the state is put there.
   */
  programTo(state: string, value: number): void {
    const now = this.shown();
    const before = (this.stored.get(state) as Float64Array).slice();
    this.set(state, value);
    if (!this.knows("write")) return;
    const wanted = this.shown();
    (this.stored.get(state) as Float64Array).set(before);
    this.happen("write", (into) => {
      for (let k = 0; k < into.length; k++) into[k] = wanted[k] - now[k];
    });
  }

  /** What each copy shows, without the noise of a read. */
  shown(): Float64Array {
    const { device } = this;
    return this.evaluate(device.kind === "synapse" ? device.weight : device.output);
  }

  /** What each copy shows in a read of its own. */
  read(): Float64Array {
    const shown = this.shown();
    const number = this.reads++;
    for (const [draw, amplitude] of Object.entries(this.device.reads)) {
      const [spread, xi] = [this.evaluate(amplitude), this.draws(`read/${draw}`, number, true, 0, this.size)];
      for (let k = 0; k < shown.length; k++) shown[k] += spread[k] * xi[k];
    }
    return shown;
  }

  /** An expression of states, parameters and constants, a value a copy. */
  evaluate(e: Expression, extra: Readonly<Record<string, Column>> = {}): Float64Array {
    const names = [
      ...this.stored.keys(),
      ...Object.keys(this.parameters),
      ...Object.keys(CONSTANTS),
      ...Object.keys(extra),
    ];
    return vectorize(e, names)(new Float64Array(this.size), [...this.held(), ...Object.values(extra)]);
  }
}
