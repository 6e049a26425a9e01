/**
 * What a learning rule is, and what its variants share: a rule names the local products whose sum over
 * samples is a synapse's update. It sees an estimate: what hardware could measure.
 */
import { printsItself } from "../../display";
import type { Chip, Circuit, Projection, WeightArrays } from "../../circuit/chip-types";
import { hasDevices } from "../../circuit/owner";
import { OhmletError } from "../../errors";
import type { Correlate, ProductsOf } from "../readout/products";
import type { Estimate } from "../types";
import { pools } from "./pooled";

/** Changes wanted of every programmable array, by projection; logical. */
export type Updates = Readonly<Record<string, WeightArrays>>;

export type { Correlate };

/**
 * What a synapse's end shows: its activity ("free", "midpoint") or state ("state", "midState") at the free fixed
 * point or between the phases, a derivative by the nudge, 1, or, of a conductance, what it takes from its own end:
 * minus such a value times such a derivative.
 */
export type End = Shows | Derivative | "one" | `${Shows} ${Derivative}`;
type Shows = "free" | "midpoint" | "state" | "midState";
type Derivative = "dState" | "dActivity";

/** One product of the two ends of a synapse. */
export interface Term {
  readonly pre: End;
  readonly post: End;
}

/** The sum of products that moves a synapse, and the end that moves a bias, whose other end is always on. */
export interface Products {
  readonly weights: readonly Term[];
  readonly biases: End;
}

/** Turns an estimate into updates. */
export interface Rule {
  readonly name: "vector-field" | "energy-based" | "prototypical";
  /**
   * Whether it takes the contrast of two phases of both ends; else the free phase of one and the derivative of
   * the other.
   * @internal
   */
  readonly contrasts: boolean;
  /**
   * The derivative that stands as the postsynaptic factor: what is to be held against the true error vector.
   */
  factor(circuit: Circuit): "dState" | "dActivity";
  /**
   * The products of a projection that has an array of its own, with the share of those that are tied to it.
   * @internal
   */
  products(circuit: Circuit, owner: Projection): Products;
  /**
   * Mean over the batch of local products: the direction that lowers the cost when it is added. Projections
   * tied to another have no entry: their share is in the array that they read.
   * @param chip whose estimate it is: of circuits that pool, whose products depend on the weights
   */
  update(circuit: Circuit, estimate: Estimate, correlate: Correlate, chip?: Chip): Promise<Updates>;
  /**
   * The same through the chip's drives: sums over samples, the sign not yet turned.
   * @internal
   */
  throughDrives(chip: Chip, samples: number, estimate: Estimate): Updates;
}

const asRule = printsItself<Rule>(({ name }) => [`rule ${name}`]);

/** A rule from its products. */
export function ruleOf({
  name,
  contrasts,
  factor,
  products,
  throughDrives,
}: Omit<Rule, "update" | "toString">): Rule {
  return asRule({
    name,
    contrasts,
    factor,
    products,
    throughDrives,
    async update(circuit, estimate, correlate, chip) {
      const samples = samplesOf(circuit, estimate);
      const scale = descentSign(circuit) / samples;
      if (pools(circuit)) return times(throughDrives(chip ?? missing(circuit), samples, estimate), scale);
      const ones = new Float64Array(samples).fill(1);
      const scaled = (values: Float64Array): Float64Array => values.map((x) => x * scale);
      const out: Record<string, WeightArrays> = {};
      for (const owner of circuit.projections) {
        if (!hasDevices(owner)) continue;
        const { from, to, bias, array, wiring } = owner;
        const { weights: terms, biases } = products(circuit, owner);
        const pre = stacked(terms.map((t) => valuesOf(estimate, t.pre, from.name)));
        const post = scaled(stacked(terms.map((t) => valuesOf(estimate, t.post, to.name))));
        const sum = (
          line: ProductsOf["line"],
          scaledEnd: ProductsOf["scaled"],
          ...of: Parameters<Correlate>
        ) =>
          estimate.multiplier?.sum({ owner, line, scaled: scaledEnd, scale, samples }, correlate, ...of) ??
          correlate(...of);
        const backwards = wiring?.backwards === true;
        out[owner.name] = {
          weights: await sum(
            "weights",
            backwards ? "first" : "second",
            ...(backwards ? ([post, pre] as const) : ([pre, post] as const)),
            samples * terms.length,
            array.pre,
            array.post,
            wiring?.members[0],
          ),
          biases: bias
            ? await sum(
                "biases",
                "second",
                ones,
                scaled(valuesOf(estimate, biases, to.name)),
                samples,
                1,
                array.post,
                wiring?.biases ?? undefined,
              )
            : null,
        };
      }
      return out;
    },
  });
}

function times(updates: Updates, scale: number): Updates {
  const scaled = (values: Float64Array): Float64Array => values.map((x) => x * scale);
  return Object.fromEntries(
    Object.entries(updates).map(([name, { weights, biases }]) => [
      name,
      { weights: scaled(weights), biases: biases && scaled(biases) },
    ]),
  );
}

function missing({ name }: Circuit): never {
  throw new OhmletError({
    code: "LEARN-POOL",
    fact: "the circuit pools, and its updates depend on the weights of the chip",
    place: { where: name },
    remedy: "give the chip:  rule.update(circuit, estimate, correlate, chip)",
  });
}

function valuesOf(estimate: Estimate, end: End, population: string): Float64Array {
  const { free, midpoint, midState, dState, dActivity } = estimate;
  switch (end) {
    case "free":
      return free.activities[population].re;
    case "midpoint":
      return (midpoint ?? free.activities)[population].re;
    case "state":
      return free.states[population].re;
    case "midState":
      return (midState ?? free.states)[population].re;
    case "dState":
      return dState[population];
    case "dActivity":
      return dActivity[population];
    case "one":
      return new Float64Array(free.activities[population].re.length).fill(1);
    default: {
      const [value, derivative] = takenBy(end).map((part) => valuesOf(estimate, part, population));
      return value.map((x, i) => -x * derivative[i]);
    }
  }
}

/** The value and the derivative whose product a conductance takes from its own end. */
export const takenBy = (end: `${Shows} ${Derivative}`): readonly [Shows, Derivative] =>
  end.split(" ") as [Shows, Derivative];

function stacked(parts: readonly Float64Array[]): Float64Array {
  if (parts.length === 1) return parts[0];
  const out = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  parts.reduce((at, part) => (out.set(part, at), at + part.length), 0);
  return out;
}

/** Samples of an estimate. */
function samplesOf(circuit: Circuit, { free }: Estimate): number {
  return free.activities[circuit.input.name].re.length / circuit.input.size;
}

/** Sign that turns a derivative with respect to beta into a direction of descent. */
export const descentSign = (circuit: Circuit): 1 | -1 => (circuit.spec.cost.ascend ? -1 : 1);
