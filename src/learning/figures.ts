/** Figures of a batch. */
import type { Estimate } from "./types";

/** @param counts which samples can be right at all. Default: all */
export function countCorrect(
  predicted: ArrayLike<number>,
  labels: ArrayLike<number>,
  counts: (sample: number) => boolean = () => true,
): number {
  let correct = 0;
  for (let i = 0; i < labels.length; i++) if (predicted[i] === labels[i] && counts(i)) correct++;
  return correct;
}

export function mean(values: Float64Array): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

/** |beta| times the largest derivative, against the largest free state. */
export function shiftOf({ dState, free, nudges }: Estimate): number {
  const largest = (arrays: readonly Float64Array[]): number =>
    arrays.reduce((m, a) => a.reduce((n, v) => Math.max(n, Math.abs(v)), m), 0);
  const state = largest(Object.keys(dState).map((population) => free.states[population].re));
  // What knows the equations needs no nudge.
  return state === 0 || nudges.length === 0
    ? Infinity
    : (Math.hypot(nudges[0].re, nudges[0].im) * largest(Object.values(dState))) / state;
}
