/** Between the layouts of reference cases and those of circuits. */
import type { ByPopulation } from "../learning/drives";
import type { Planes } from "../dynamics/types";

/**
 * [rows, columns] to [columns, rows]: cases of the vector-field kind hold weights as [post, pre], circuits as
 * [pre, post].
 */
export function transpose(values: ArrayLike<number>, rows: number, columns: number): Float64Array {
  return Float64Array.from(
    { length: rows * columns },
    (_, k) => values[(k % rows) * columns + Math.floor(k / rows)],
  );
}

/** A sample's units of several populations side by side: [samples, sum of sizes], in the order of `names`. */
export function sideBySide(arrays: ByPopulation, names: readonly string[], samples: number): Float64Array {
  const widths = names.map((name) => arrays[name].length / samples);
  const total = widths.reduce((a, b) => a + b, 0);
  const out = new Float64Array(samples * total);
  for (let s = 0; s < samples; s++) {
    let at = s * total;
    names.forEach((name, k) => {
      out.set(arrays[name].subarray(s * widths[k], (s + 1) * widths[k]), at);
      at += widths[k];
    });
  }
  return out;
}

/** The real plane of each population. */
export function realParts(planes: Planes): ByPopulation {
  return Object.fromEntries(Object.entries(planes).map(([name, { re }]) => [name, re]));
}

export const negated = (values: Float64Array): Float64Array => values.map((x) => -x);
