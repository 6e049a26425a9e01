/** The one quantile of everything that sums up many values: studies, curves of errors, histograms, benchmarks. */
import { check, expectValue } from "./options";

/** Quantile of sorted values by linear interpolation (type 7 of Hyndman and Fan 1996). */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  expectValue("quantile", "share", share, check.share);
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const [low, high] = [sorted[below], sorted[Math.min(below + 1, sorted.length - 1)]];
  const part = at - below;
  // Infinities, which a curve of errors may hold, have nothing between them.
  if (part === 0 || low === high) return low;
  const apart = high - low;
  // Two finite numbers may be further apart than a number can say.
  return Number.isFinite(apart) ? low + part * apart : low * (1 - part) + high * part;
}

/** @param values one or more, in any order */
export const median = (values: readonly number[]): number =>
  quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
