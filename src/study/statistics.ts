/** Statistics over chips: spread, quantiles, shares with their interval. */
import { check, expectValue } from "../options";
import { quantile } from "../quantile";
import type { Share, Spread } from "./types";

/**
 * Mean, deviation and quantiles of values, which must be finite; the same to the last bit in whatever order
 * they come.
 * @param values one or more
 */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  // Summed in order of size: the same to the last bit whatever the order of arrival.
  const mean = sorted.reduce((sum, x) => sum + x, 0) / n;
  const squares = sorted.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  const [q05, q25, median, q75, q95] = [0.05, 0.25, 0.5, 0.75, 0.95].map((share) => quantile(sorted, share));
  return {
    chips: n,
    mean,
    deviation: n > 1 ? Math.sqrt(squares / (n - 1)) : 0,
    least: sorted[0],
    q05,
    q25,
    median,
    q75,
    q95,
    most: sorted[n - 1],
  };
}

/** 97.5 % quantile of the standard normal distribution. */
const Z = 1.959963984540054;

/**
 * A share and its 95 % score interval (Wilson 1927, "Probable inference, the law of succession, and
 * statistical inference"), which stays within 0…1 and is honest at none and all of a few, where the usual one
 * has no width.
 * @param of 1 or more
 */
export function wilson(passed: number, of: number): Share {
  expectValue("wilson", "of", of, check.whole(1));
  expectValue("wilson", "passed", passed, check.whole(0, of));
  const share = passed / of;
  const shrunk = (share + Z ** 2 / (2 * of)) / (1 + Z ** 2 / of);
  const half = (Z / (1 + Z ** 2 / of)) * Math.sqrt((share * (1 - share)) / of + Z ** 2 / (4 * of ** 2));
  // At the ends the interval touches them exactly; rounding must not say otherwise.
  return {
    passed,
    of,
    share,
    low: passed === 0 ? 0 : Math.max(0, shrunk - half),
    high: passed === of ? 1 : Math.min(1, shrunk + half),
  };
}
