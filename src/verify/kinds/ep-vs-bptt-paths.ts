/** What the cases of ep-vs-bptt do with paths, whatever their circuits. */
import { cumulated } from "../../learning/ep-beside-bptt";
import { fault, type CaseValue } from "../case";
import type { Quotient } from "../compare";

/** The least that measures near 0, which are ratios themselves, are relative to. */
export const RATIO = 0.1;

export function amplitudeOf(key: string, results: CaseValue): number {
  const amplitude = Number(/^beta=(.+)$/.exec(key)?.[1] ?? NaN);
  if (amplitude !== 0 && Number.isFinite(amplitude)) return amplitude;
  return fault(results.path, `"${key.slice(0, 40)}" names no amplitude`, "write beta=0.01");
}

/**
 * What roundings of a path's elements make of its relative error: they are a share of the state, and count as
 * much more as an element moves less.
 */
export function ratioOf(
  path: readonly Float64Array[],
  quotient: Quotient,
): [Quotient, { readonly floor: number }] {
  const lengths = path[0].map((_, i) => Math.hypot(...path.map((values) => values[i]))).filter((x) => x > 0);
  const shorter = lengths.reduce((sum, length) => sum + 1 / length, 0) / Math.max(1, lengths.length);
  const times = Math.max(1, shorter);
  return [{ ...quotient, size: quotient.size * times }, { floor: RATIO * times }];
}

export const total = (path: readonly Float64Array[]): Float64Array => cumulated(path)[path.length - 1];

export function joined(path: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(path.length * path[0].length);
  path.forEach((values, t) => out.set(values, t * values.length));
  return out;
}
