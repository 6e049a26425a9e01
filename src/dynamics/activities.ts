/** What a circuit shows of its states: rho(u) by population, on the host, in float64, SI. */
import type { Chip } from "../circuit/chip-types";
import { complexify, isHolomorphic } from "../equations/complexify";
import type { Expression } from "../equations/expression";
import { vectorize, type Column } from "../equations/vectorize";
import { CONSTANTS } from "../units/constants";
import type { Layout } from "./layout";
import type { Plane, Planes } from "./types";

type Over = (out: Float64Array, sources: readonly Column[]) => Float64Array;

interface Output {
  readonly real: Over;
  /** Null where rho is not holomorphic: such a neuron never sees a complex state. */
  readonly complex: { readonly re: Over; readonly im: Over } | null;
  readonly parameters: readonly Column[];
}

export class Activities {
  private readonly outputs = new Map<string, Output>();
  private readonly clamped: Output | null;

  constructor(private readonly chip: Chip, layout: Layout) {
    for (const { population } of layout.populations) this.outputs.set(population.name, this.outputOf(population.name, population.neuron?.rho as Expression));
    const { input } = chip.circuit;
    this.clamped = input.neuron === null ? null : this.outputOf(input.name, input.neuron.rho);
  }

  /** rho of every state. */
  of(states: Planes): Planes {
    return Object.fromEntries(Object.entries(states).map(([name, u]): [string, Plane] => {
      const output = this.outputs.get(name) as Output;
      const fresh = (): Float64Array => new Float64Array(u.re.length);
      if (u.im === undefined || output.complex === null) return [name, { re: output.real(fresh(), [u.re, 0, ...output.parameters]) }];
      const sources = [u.re, u.im, ...output.parameters];
      return [name, { re: output.complex.re(fresh(), sources), im: output.complex.im(fresh(), sources) }];
    }));
  }

  /** Outputs of the clamped population for the data: rho(data), or the data as they are. Not to be written to. */
  input(data: ArrayLike<number>): Float64Array {
    const values = data instanceof Float64Array ? data : Float64Array.from(data);
    return this.clamped === null ? values : this.clamped.real(new Float64Array(values.length), [values, 0, ...this.clamped.parameters]);
  }

  private outputOf(population: string, rho: Expression): Output {
    const parameters = [...Object.entries(this.chip.parametersOf(population)), ...Object.entries(CONSTANTS).map(([name, c]): [string, number] => [name, c.value])];
    const names = (u: string, im: string): string[] => [u, im, ...parameters.map(([name]) => name)];
    const isState = (name: string): boolean => name === "u";
    const complex = isHolomorphic(rho, isState) ? complexify(rho, isState, () => ({ re: "u$re", im: "u$im" }), population) : null;
    return {
      real: vectorize(rho, names("u", "u$im")),
      complex: complex === null ? null : { re: vectorize(complex.re, names("u$re", "u$im")), im: vectorize(complex.im, names("u$re", "u$im")) },
      parameters: parameters.map(([, value]) => value),
    };
  }
}
