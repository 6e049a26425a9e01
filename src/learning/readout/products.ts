/** Products of the two ends of synapses, summed: as a rule asks for them, and as a multiplier makes them. */
import type { Projection } from "../../circuit/chip-types";
import type { Connections } from "../../program/connections";

/** The engine's: sum over rows of pre x post, [preWidth * postWidth]. */
export type Correlate = (
  pre: ArrayLike<number>,
  post: ArrayLike<number>,
  rows: number,
  preWidth: number,
  postWidth: number,
  through?: Connections,
) => Promise<Float64Array>;

/** Which products these are. */
export interface ProductsOf {
  readonly owner: Projection;
  readonly line: "weights" | "biases";
  /** Which of the two arrays is multiplied by `scale` already: the postsynaptic end. */
  readonly scaled: "first" | "second";
  readonly scale: number;
  /** Rows are [terms, samples]. */
  readonly samples: number;
}

/** What makes products at the synapses. */
export interface Multiplier {
  /** The sum of products of rows, as the multipliers of an array give them. */
  sum(of: ProductsOf, correlate: Correlate, ...products: Parameters<Correlate>): Promise<Float64Array>;
  /** That of one of so many parts of the rows: of a chip of a stack, else of a sample. */
  part(index: number, parts: number): Multiplier;
}
