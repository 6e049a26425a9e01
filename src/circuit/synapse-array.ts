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

type Over = (out: Float64Array, sources: readonly Column[]) => Float64Array;

export class ArrayOfSynapses implements DeviceArray {
  /** What each synapse stores, by name. */
  readonly stored: Map<string, Float64Array>;
  readonly rows: number;
  readonly columns: number;
  readonly parameters: Readonly<Record<string, number | Float64Array>>;
  private readonly sources: readonly Column[];
  private readonly change: Float64Array;
  private readonly readWeight: Over;
  private readonly readSpread: Over | null;
  private readonly programs: readonly { readonly name: string; readonly over: Over }[];
  private readonly leaks: readonly { readonly name: string; readonly over: Over }[];
  private readonly initials: readonly { readonly name: string; readonly over: Over }[];
  private readonly elapsed: number;

  constructor(readonly projection: Projection, seed: number) {
    const { synapse } = projection;
    this.rows = projection.from.size + (projection.bias ? 1 : 0);
    this.columns = projection.to.size;
    const size = this.rows * this.columns;
    const parameters = (this.parameters = drawParameters(synapse.parameters, size, seed, `projection/${projection.name}`));
    const quantities = Object.keys(synapse.stored);
    this.stored = new Map(quantities.map((name) => [name, new Float64Array(size)]));
    this.change = new Float64Array(size);
    const constants = Object.entries(CONSTANTS);
    const names = [...quantities, "dw", "elapsed", ...Object.keys(parameters), ...constants.map(([name]) => name)];
    this.elapsed = quantities.length + 1;
    this.sources = [...this.stored.values(), this.change, 0, ...Object.values(parameters), ...constants.map(([, c]) => c.value)];
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
    return this.readWeight(out, this.sources);
  }

  /** Standard deviation of a read, SI; null where reads are noiseless. */
  readNoise(out: Float64Array): Float64Array | null {
    return this.readSpread?.(out, this.sources) ?? null;
  }

  /** Asks for a change of dI/d rho_pre, which `fill` writes, SI, [rows, columns]. */
  program(fill: (change: Float64Array) => void): void {
    fill(this.change);
    this.update(this.programs);
  }

  /** Lets what is stored leak for so many seconds. */
  age(seconds: number): void {
    const sources = this.sources as Column[];
    sources[this.elapsed] = seconds;
    this.update(this.leaks);
  }

  private update(steps: readonly { readonly name: string; readonly over: Over }[]): void {
    const stored = (name: string): Float64Array => this.stored.get(name) as Float64Array;
    if (this.stored.size === 1) {
      for (const { name, over } of steps) over(stored(name), this.sources);
      return;
    }
    // All are computed from the values before the update, then stored: the order of the equations must not matter.
    const fresh = steps.map(({ over }) => over(new Float64Array(this.change.length), this.sources));
    steps.forEach(({ name }, i) => stored(name).set(fresh[i]));
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
