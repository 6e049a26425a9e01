/** What a learning rule is, and what its variants share. A rule sees an estimate: what hardware could measure. */
import type { Circuit, Projection, WeightArrays } from "../../circuit/chip-types";
import type { Estimate } from "../types";

/** Changes wanted of every programmable array, by projection; logical. */
export type Updates = Readonly<Record<string, WeightArrays>>;

/** The engine's: sum over rows of pre x post, [preWidth * postWidth]. */
export type Correlate = (pre: ArrayLike<number>, post: ArrayLike<number>, rows: number, preWidth: number, postWidth: number) => Promise<Float64Array>;

/** Turns an estimate into updates. */
export interface Rule {
  readonly name: "vector-field" | "energy-based";
  /** The derivative that stands as the postsynaptic factor: what is to be held against the true error vector. */
  factor(circuit: Circuit): "dState" | "dActivity";
  /**
   * Mean over the batch of local products: the direction that lowers the cost when it is added. Projections tied to
   * another have no entry: their share is in the array that they read.
   */
  update(circuit: Circuit, estimate: Estimate, correlate: Correlate): Promise<Updates>;
}

/** Name of the projection whose array this one reads: its own, or the one it is tied to. */
export function ownerOf({ name, spec }: Projection): string {
  return spec.feedback?.kind === "tied" ? spec.feedback.to : name;
}

/**
 * Adds the contributions of tied projections, transposed, to those of the arrays that they read.
 * @param contributions by projection, each [pre, post] in its own direction
 */
export function foldTied(circuit: Circuit, contributions: Updates): Updates {
  const out: Record<string, WeightArrays> = {};
  for (const p of circuit.projections) {
    if (ownerOf(p) === p.name) out[p.name] = { ...contributions[p.name], weights: Float64Array.from(contributions[p.name].weights) };
  }
  for (const p of circuit.projections) {
    if (ownerOf(p) === p.name) continue;
    const { weights } = out[ownerOf(p)];
    const [rows, columns] = [p.from.size, p.to.size];
    contributions[p.name].weights.forEach((x, i) => (weights[(i % columns) * rows + Math.floor(i / columns)] += x));
  }
  return out;
}

/** Samples of an estimate. */
export function samplesOf(circuit: Circuit, { free }: Estimate): number {
  return free.activities[circuit.input.name].re.length / circuit.input.size;
}

/** Sign that turns a derivative with respect to beta into a direction of descent. */
export const descentSign = (circuit: Circuit): 1 | -1 => (circuit.spec.cost.ascend ? -1 : 1);
