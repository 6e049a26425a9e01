/**
 * A physical array of synapses of one projection, [pre (+ 1 bias line), post]: what its devices store, their mismatch,
 * how they are programmed, read and leak. All in SI, float64; the rest of Ohmlet sees logical weights only.
 */
import { differentiate } from "../equations/differentiate";
import { add, call, divide, multiply, number, subtract, symbol, type Expression } from "../equations/expression";
import { vectorize, type Column } from "../equations/vectorize";
import { CONSTANTS } from "../units/constants";
import { drawParameters } from "./draw";
import type { DeviceArray, Projection } from "./chip-types";

/** Devices that are updated at once. */
const BLOCK = 2 ** 16;

type Over = (out: Float64Array, sources: readonly Column[]) => Float64Array;

export class ArrayOfSynapses implements DeviceArray {
  /** What each synapse stores, by name. */
  readonly stored: Map<string, Float64Array>;
  readonly rows: number;
  readonly columns: number;
  readonly parameters: Readonly<Record<string, number | Float64Array>>;
  /** Values of the equations' symbols besides what is stored: the change that is asked for, time that passes, parameters. */
  private readonly others: readonly Column[];
  private readonly size: number;
  private readonly readWeight: Over;
  private readonly readSpread: Over | null;
  private readonly programs: readonly { readonly name: string; readonly over: Over }[];
  private readonly leaks: readonly { readonly name: string; readonly over: Over }[];
  private readonly initials: readonly { readonly name: string; readonly over: Over }[];

  constructor(readonly projection: Projection, seed: number) {
    const { synapse } = projection;
    this.rows = projection.from.size + (projection.bias ? 1 : 0);
    this.columns = projection.to.size;
    const size = (this.size = this.rows * this.columns);
    const parameters = (this.parameters = drawParameters(synapse.parameters, size, seed, `projection/${projection.name}`));
    const quantities = Object.keys(synapse.stored);
    this.stored = new Map(quantities.map((name) => [name, new Float64Array(size)]));
    const constants = Object.entries(CONSTANTS);
    const names = [...quantities, "dw", "elapsed", ...Object.keys(parameters), ...constants.map(([name]) => name)];
    this.others = [...Object.values(parameters), ...constants.map(([, c]) => c.value)];
    const over = (e: Expression): Over => vectorize(e, names);
    this.readWeight = over(synapse.weight);
    this.readSpread = synapse.readNoise === null ? null : over(call("abs", synapse.readNoise));
    const each = Object.entries(synapse.stored);
    this.programs = each.map(([name, s]) => ({ name, over: over(s.program) }));
    this.initials = each.map(([name, s]) => ({ name, over: over(s.initial) }));
    this.leaks = each.flatMap(([name, s]) => (s.leak === null ? [] : [{ name, over: over(leakFor(name, s.leak)) }]));
    this.reset();
  }

  /** Back to unprogrammed devices. */
  reset(): void {
    this.update(this.initials);
  }

  /** Effective weights dI/d rho_pre, SI. */
  weights(out: Float64Array): Float64Array {
    return this.readWeight(out, this.sources());
  }

  /** Standard deviation of a read, SI; null where reads are noiseless. */
  readNoise(out: Float64Array): Float64Array | null {
    return this.readSpread?.(out, this.sources()) ?? null;
  }

  /** Asks for a change of dI/d rho_pre, SI, of which `fill` writes a stretch from an index on, [rows, columns]. */
  program(fill: (change: Float64Array, from: number) => void): void {
    this.update(this.programs, 0, fill);
  }

  /** Lets what is stored leak for so many seconds. */
  age(seconds: number): void {
    this.update(this.leaks, seconds);
  }

  /** Gives up the memory of what is stored, until `restore`. */
  release(): void {
    for (const name of this.stored.keys()) this.stored.set(name, new Float64Array(0));
  }

  /** Makes room again; values are for the caller to set. */
  restore(): void {
    for (const [name, { length }] of this.stored) if (length !== this.size) this.stored.set(name, new Float64Array(this.size));
  }

  private sources(change: Column = 0, elapsed = 0): Column[] {
    return [...this.stored.values(), change, elapsed, ...this.others];
  }

  /** Block by block: what is asked for, and what is computed aside, is never larger than that. */
  private update(steps: readonly { readonly name: string; readonly over: Over }[], elapsed = 0, fill?: (change: Float64Array, from: number) => void): void {
    const change = new Float64Array(Math.min(BLOCK, this.size));
    for (let from = 0; from < this.size; from += BLOCK) {
      const to = Math.min(from + BLOCK, this.size);
      const wanted = change.subarray(0, to - from);
      fill?.(wanted, from);
      const sources = this.sources(wanted, elapsed).map((source) => (typeof source !== "number" && source.length === this.size && source !== wanted ? source.subarray(from, to) : source));
      const stored = (name: string): Float64Array => (this.stored.get(name) as Float64Array).subarray(from, to);
      if (this.stored.size === 1) {
        for (const { name, over } of steps) over(stored(name), sources);
        continue;
      }
      // All are computed from the values before the update, then stored: the order of the equations must not matter.
      const fresh = steps.map(({ over }) => over(new Float64Array(to - from), sources));
      steps.forEach(({ name }, i) => stored(name).set(fresh[i]));
    }
  }
}

/** The stored quantity after `elapsed`, by an exponential Euler step: exact for a linear leak. */
export function leakFor(name: string, leak: Expression): Expression {
  const rate = differentiate(leak, name);
  const [q, t] = [symbol(name), symbol("elapsed")];
  if (rate.kind === "number" && rate.value === 0) return add(q, multiply(t, leak));
  const factor = divide(subtract(call("exp", multiply(rate, t)), number(1)), rate);
  return add(q, multiply(factor, leak));
}
