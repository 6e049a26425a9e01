/** How far the updates of a chip stand out of their noise. */
import type { Chip } from "../../circuit/chip-types";
import type { Engine } from "../../engines/engine";
import type { Rule } from "../../learning/rules";
import type { Estimate } from "../../learning/types";

/**
 * Root mean square over synapses of the mean update, over that of its standard deviation, across repeated
 * reads of one batch. The share of the noise in the mean's square is taken off; null where nothing varies.
 */
export async function updateSignalToNoise(
  repeats: readonly Estimate[],
  rule: Rule,
  chip: Chip,
  engine: Engine,
): Promise<number | null> {
  const sums = new Map<string, { readonly sum: Float64Array; readonly squares: Float64Array }>();
  for (const estimate of repeats) {
    const updates = await rule.update(
      chip.circuit,
      estimate,
      (...product) => engine.correlate(...product),
      chip,
    );
    for (const [name, { weights }] of Object.entries(updates)) {
      const found = sums.get(name) ?? {
        sum: new Float64Array(weights.length),
        squares: new Float64Array(weights.length),
      };
      sums.set(name, found);
      weights.forEach((w, i) => {
        found.sum[i] += w;
        found.squares[i] += w * w;
      });
    }
  }
  const n = repeats.length;
  let [signal, noise, scale] = [0, 0, 0];
  for (const { sum, squares } of sums.values()) {
    for (let i = 0; i < sum.length; i++) {
      const mean = sum[i] / n;
      const variance = Math.max(0, (squares[i] - n * mean * mean) / (n - 1));
      signal += mean * mean - variance / n;
      noise += variance;
      scale += mean * mean;
    }
  }
  // Below the rounding of float32 there is no noise to speak of.
  return noise <= 1e-12 * scale || noise === 0 ? null : Math.sqrt(Math.max(0, signal) / noise);
}
