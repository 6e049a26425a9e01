/** What a circuit shows of its states: rho(u) by population, on the host, in float64, SI. */
import type { Chip } from "../../circuit/chip-types";
import { partsOfInputs } from "../../circuit/inputs";
import { complexify, isHolomorphic, type Pair } from "../../equations/complexify";
import type { difference } from "../../equations/difference";
import { symbol, type Expression } from "../../equations/expression";
import { vectorize, type Column } from "../../equations/vectorize";
import { CONSTANTS } from "../../units/constants";
import type { Layout } from "./layout";
import type { Plane, Planes } from "../types";

/** No imaginary part, and no changes. */
const NONE = [0, 0, 0] as const;

type Over = (out: Float64Array, sources: readonly Column[]) => Float64Array;

interface Output {
  readonly rho: Expression;
  readonly real: Over;
  /** Its real and imaginary part; null where rho is not holomorphic. */
  readonly pair: Pair | null;
  /** What columns are called, the state and its imaginary part first. */
  readonly names: (u: string, im: string) => readonly string[];
  /** What rho changes by where a state changes; made when it is asked for. */
  change?: Over;
  complexChange?: { readonly re: Over; readonly im: Over };
  /** Null where rho is not holomorphic: such a neuron never sees a complex state. */
  readonly complex: { readonly re: Over; readonly im: Over } | null;
  /** Of each chip. */
  readonly parameters: readonly Parameters[];
}

/** What a population's neurons read of one chip: one number, or one a unit. */
type Parameters = readonly Column[];

export class Activities {
  private readonly outputs = new Map<string, Output>();
  private readonly clamped = new Map<string, Output>();

  /** @param chips of one circuit; samples are shared out evenly among them */
  constructor(
    private readonly chips: readonly Chip[],
    layout: Layout,
  ) {
    for (const { population, state } of layout.populations)
      this.outputs.set(
        population.name,
        this.outputOf(state.owner.name, population.neuron?.rho as Expression),
      );
    for (const { name, neuron } of chips[0].circuit.inputs)
      if (neuron !== null) this.clamped.set(name, this.outputOf(name, neuron.rho));
  }

  /** rho of every state; rows are [nudges, chips, samples]. */
  of(states: Planes, nudges = 1): Planes {
    return Object.fromEntries(
      Object.entries(states).map(([name, u]): [string, Plane] => {
        const output = this.outputs.get(name) as Output;
        if (u.im === undefined || output.complex === null)
          return [name, { re: this.over(output.real, [u.re, ...NONE], output, nudges) }];
        const { re, im } = output.complex;
        const parts = [u.re, u.im, 0, 0];
        return [name, { re: this.over(re, parts, output, nudges), im: this.over(im, parts, output, nudges) }];
      }),
    );
  }

  /** What rho of every state changes by where states change, with all digits of that; rows as in `of`. */
  changes(exact: typeof difference, states: Planes, by: Planes, nudges = 1): Planes {
    return Object.fromEntries(
      Object.entries(states).map(([name, u]): [string, Plane] => {
        const output = this.outputs.get(name) as Output;
        const parts = [u.re, u.im ?? 0, by[name].re, by[name].im ?? 0];
        const { names } = output;
        const moved = (part: string): Expression | undefined =>
          part === "u" || part === "u$re"
            ? symbol("d$re")
            : part === "u$im" && u.im !== undefined
              ? symbol("d$im")
              : undefined;
        const changeOf = (e: Expression, first: string): Over =>
          vectorize(exact(e, moved), names(first, "u$im"));
        if (u.im === undefined || output.pair === null) {
          output.change ??= changeOf(output.rho, "u");
          return [name, { re: this.over(output.change, parts, output, nudges) }];
        }
        output.complexChange ??= {
          re: changeOf(output.pair.re, "u$re"),
          im: changeOf(output.pair.im, "u$re"),
        };
        const { re, im } = output.complexChange;
        return [name, { re: this.over(re, parts, output, nudges), im: this.over(im, parts, output, nudges) }];
      }),
    );
  }

  /**
   * Outputs of each clamped population for the data, by name: rho(data), or the data as they are. Not to be
   * written to.
   */
  inputs(data: ArrayLike<number>): ReadonlyMap<string, Float64Array> {
    const parts = partsOfInputs(this.chips[0].circuit, data);
    return new Map(
      [...parts].map(([name, values]) => {
        const output = this.clamped.get(name);
        return [name, output === undefined ? values : this.over(output.real, [values, ...NONE], output, 1)];
      }),
    );
  }

  /** Evaluates over whole rows, each chip's with its own parameters. */
  private over(
    evaluate: Over,
    values: readonly Column[],
    { parameters }: Output,
    nudges: number,
  ): Float64Array {
    const chips = this.chips.length;
    const { length } = values[0] as Float64Array;
    if (chips === 1 || parameters[0].every((value) => typeof value === "number"))
      return evaluate(new Float64Array(length), [...values, ...parameters[0]]);
    const out = new Float64Array(length);
    const block = length / (nudges * chips);
    for (let at = 0, k = 0; at < length; at += block, k++) {
      const part = (of: Column): Column => (typeof of === "number" ? of : of.subarray(at, at + block));
      evaluate(out.subarray(at, at + block), [...values.map(part), ...parameters[k % chips]]);
    }
    return out;
  }

  private outputOf(population: string, rho: Expression): Output {
    const parametersOf = (chip: Chip): [string, Column][] => [
      ...Object.entries(chip.parametersOf(population)),
      ...Object.entries(CONSTANTS).map(([name, c]): [string, number] => [name, c.value]),
    ];
    const parameters = parametersOf(this.chips[0]);
    const own = parameters.map(([name]) => name);
    const names = (u: string, im: string): string[] => [u, im, "d$re", "d$im", ...own];
    const isState = (name: string): boolean => name === "u";
    const complex = isHolomorphic(rho, isState)
      ? complexify(rho, isState, () => ({ re: "u$re", im: "u$im" }), population)
      : null;
    return {
      rho,
      pair: complex,
      names,
      // Nodes show their states: copying is quicker than evaluating.
      real:
        rho.kind === "symbol" && rho.name === "u"
          ? (out, [u]) => (out.set(u as Float64Array), out)
          : vectorize(rho, names("u", "u$im")),
      complex:
        complex === null
          ? null
          : {
              re: vectorize(complex.re, names("u$re", "u$im")),
              im: vectorize(complex.im, names("u$re", "u$im")),
            },
      parameters: this.chips.map((chip) => parametersOf(chip).map(([, value]) => value)),
    };
  }
}
