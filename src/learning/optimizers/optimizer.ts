/**
 * What an optimizer is: it turns the direction that a rule asks for into the change that is programmed. It keeps what it
 * remembers as named arrays, so that a run can be saved and resumed. Not here: how devices carry a change out.
 */
import { OhmletError } from "../../errors";
import type { WeightArrays } from "../../circuit/chip-types";

/** One rate for all, or one a projection; the readout's name is "readout". */
export type Rate = number | Readonly<Record<string, number>>;

/** Arrays with their shapes, as a chip saves its own. */
export type NamedArrays = Readonly<Record<string, { readonly shape: readonly number[]; readonly values: Float64Array }>>;

export interface Optimizer {
  readonly name: "sgd" | "adam";
  /**
   * The change to program, fresh; logical. Call once a batch for each projection.
   * @param direction what lowers the cost when added (minus a gradient)
   * @param current weights now; asked for only where they decay, since reading an array costs
   * @param factor on the rate, from a schedule; default 1
   * @throws OhmletError OPTIMIZER-RATE where the projection has no rate; OPTIMIZER-SHAPE where loaded arrays do not fit
   */
  step(projection: string, direction: WeightArrays, current: () => WeightArrays, factor?: number): WeightArrays;
  /** What it remembers; copies. */
  save(): NamedArrays;
  /** Replaces what it remembers. */
  load(arrays: NamedArrays): void;
}

/** Rate of a projection. */
export function rateOf(rate: Rate, projection: string): number {
  if (typeof rate === "number") return rate;
  if (Object.hasOwn(rate, projection)) return rate[projection];
  throw new OhmletError({
    code: "OPTIMIZER-RATE",
    fact: `there is no learning rate for "${projection}"`,
    place: { where: "optimizer" },
    remedy: `give one for every projection, or one number for all; rates are given for: ${Object.keys(rate).join(", ")}`,
  });
}

/** @throws OhmletError OPTIMIZER-OPTION unless the value is finite, at least `lowest` and below `below` */
export function checkOption(name: string, value: number, lowest: number, below = Infinity): void {
  if (value >= lowest && value < below) return;
  throw new OhmletError({
    code: "OPTIMIZER-OPTION",
    fact: `${name} is ${value}`,
    place: { where: "optimizer" },
    remedy: `give a number from ${lowest}${below === Infinity ? "" : ` to below ${below}`}`,
  });
}

/** @throws OhmletError OPTIMIZER-OPTION for a rate that is negative or not finite */
export function checkRate(rate: Rate): void {
  const rates = typeof rate === "number" ? { rate } : rate;
  for (const [name, value] of Object.entries(rates)) checkOption(name === "rate" ? name : `the rate of "${name}"`, value, 0);
}

/**
 * Applies a step to the weights and to the biases, each under a key of its own.
 * @param current null where nothing decays
 */
export function both(
  projection: string, direction: WeightArrays, current: WeightArrays | null,
  step: (key: string, direction: Float64Array, current: Float64Array | null) => Float64Array,
): WeightArrays {
  const weights = step(`${projection}.weights`, direction.weights, current && current.weights);
  const { biases } = direction;
  return { weights, biases: biases && step(`${projection}.biases`, biases, current && (current.biases ?? new Float64Array(biases.length))) };
}

/** Named arrays that start at zero. */
export class Memory {
  #arrays = new Map<string, Float64Array>();

  get(key: string, length: number): Float64Array {
    const found = this.#arrays.get(key);
    if (found === undefined) {
      const fresh = new Float64Array(length);
      this.#arrays.set(key, fresh);
      return fresh;
    }
    if (found.length === length) return found;
    throw new OhmletError({
      code: "OPTIMIZER-SHAPE",
      fact: `"${key}" has ${found.length} values in the saved optimizer and ${length} in the circuit`,
      place: { where: "optimizer" },
      remedy: "resume with the circuit that the run began with",
    });
  }

  save(): NamedArrays {
    return Object.fromEntries([...this.#arrays].map(([key, values]) => [key, { shape: [values.length], values: Float64Array.from(values) }]));
  }

  load(arrays: NamedArrays): void {
    this.#arrays = new Map(Object.entries(arrays).map(([key, { values }]) => [key, Float64Array.from(values)]));
  }
}
