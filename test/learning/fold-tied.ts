/** Contributions of projections that share an array, as one. */
import type { Circuit, WeightArrays } from "../../src/index";
import { ownerOf } from "../../src/circuit/owner";
import type { Updates } from "../../src/learning/rules/rule";

/**
 * Adds the contributions of tied projections, transposed, to those of the arrays that they read.
 * @param contributions by projection, each [pre, post] in its own direction
 */
export function foldTied(circuit: Circuit, contributions: Updates): Updates {
  const out: Record<string, WeightArrays> = {};
  for (const p of circuit.projections) {
    if (ownerOf(p) === p.name)
      out[p.name] = { ...contributions[p.name], weights: Float64Array.from(contributions[p.name].weights) };
  }
  for (const p of circuit.projections) {
    if (ownerOf(p) === p.name) continue;
    const { weights } = out[ownerOf(p)];
    const [rows, columns] = [p.from.size, p.to.size];
    contributions[p.name].weights.forEach(
      (x, i) => (weights[(i % columns) * rows + Math.floor(i / columns)] += x),
    );
  }
  return out;
}
