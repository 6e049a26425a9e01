/**
 * Repeated measurements and what is said of them: the median, the quartiles, the best. Times are wall-clock
 * times.
 */

import { quantile } from "../src/quantile";

export interface Spread {
  readonly median: number;
  /** First and third quartile. */
  readonly quartiles: readonly [number, number];
  readonly least: number;
}

/** @throws RangeError without values */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError("nothing was measured");
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    quartiles: [quantile(sorted, 0.25), quantile(sorted, 0.75)],
    least: sorted[0],
  };
}

/** Microseconds of each of so many calls, one after another. */
export async function timeEach(
  repeats: number,
  work: (repeat: number) => Promise<unknown>,
): Promise<number[]> {
  const times: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const started = performance.now();
    await work(repeat);
    times.push((performance.now() - started) * 1000);
  }
  return times;
}

/** So many decimals, as a number: figures for people and for JSON alike. */
export const rounded = (value: number, decimals = 1): number => Number(value.toFixed(decimals));

/** A spread of which every figure is rounded. */
export function roundedSpread({ median, quartiles: [low, high], least }: Spread, decimals = 1): Spread {
  return {
    median: rounded(median, decimals),
    quartiles: [rounded(low, decimals), rounded(high, decimals)],
    least: rounded(least, decimals),
  };
}
