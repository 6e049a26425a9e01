/** How far the updates of a chip stand out of their noise. */
import type { Chip } from "../../circuit/chip-types";
import type { Engine } from "../../engines/engine";
import type { Rule } from "../../learning/rules";
import type { Estimate } from "../../learning/types";
import type { Measures } from "../../study";

/** Sums over the synapses of an array. */
interface Sums {
  /** Squares of mean updates, less what noise is expected to leave in them. */
  readonly signal: number;
  /** Variances of single updates. */
  readonly noise: number;
  /** Squares of mean updates as they are. */
  readonly scale: number;
}

/**
 * Repeated updates of one array, [repeats][synapses]. With m and s^2 the mean and the variance (n - 1) of an entry over
 * n repeats, the noise is the sum of s^2 over the entries, and the signal the sum of m^2 - s^2/n, whose expectation is
 * that of the squared true means.
 */
export function sumsOf(repeats: readonly ArrayLike<number>[]): Sums {
  const n = repeats.length;
  let [signal, noise, scale] = [0, 0, 0];
  for (let i = 0; i < repeats[0].length; i++) {
    const mean = repeats.reduce((sum, update) => sum + update[i], 0) / n;
    const variance = repeats.reduce((sum, update) => sum + (update[i] - mean) ** 2, 0) / (n - 1);
    signal += mean * mean - variance / n;
    noise += variance;
    scale += mean * mean;
  }
  return { signal, noise, scale };
}

/** Root of signal over noise; null where there is no noise to speak of: less than the rounding of float32. */
export const ratioOf = ({ signal, noise, scale }: Sums): number | null =>
  noise === 0 || noise <= 1e-12 * scale ? null : Math.sqrt(Math.max(0, signal) / noise);

/**
 * `updateSnr` of all arrays together and, as `updateSnr.PROJECTION`, of each: the root of signal over noise across
 * repeated estimates of one batch.
 */
export async function updateSnr(
  repeats: readonly Estimate[],
  rule: Rule,
  chip: Chip,
  engine: Engine,
): Promise<Measures> {
  const updates: Awaited<ReturnType<Rule["update"]>>[] = [];
  for (const estimate of repeats)
    updates.push(
      await rule.update(chip.circuit, estimate, (...product) => engine.correlate(...product), chip),
    );
  const each = Object.keys(updates[0]).map((name): [string, Sums] => [
    name,
    sumsOf(updates.map((update) => update[name].weights)),
  ]);
  const all = each.reduce(
    (sum, [, own]) => ({
      signal: sum.signal + own.signal,
      noise: sum.noise + own.noise,
      scale: sum.scale + own.scale,
    }),
    { signal: 0, noise: 0, scale: 0 },
  );
  return {
    updateSnr: ratioOf(all),
    ...Object.fromEntries(each.map(([name, own]) => [`updateSnr.${name}`, ratioOf(own)])),
  };
}
