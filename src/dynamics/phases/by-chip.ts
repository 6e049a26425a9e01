/**
 * What stacked chips share of a phase, told apart: each chip's part is what that chip alone would have given.
 */
import { asPhase } from "../describe";
import type { PhaseResult, Plane, Planes } from "../types";

/** One chip's rows [nudges, samples] of rows [nudges, chips, samples]. */
export function rowsOfChip(values: Float64Array, chip: number, chips: number, nudges = 1): Float64Array {
  const block = values.length / (nudges * chips);
  if (nudges === 1) return values.subarray(chip * block, (chip + 1) * block);
  const out = new Float64Array(nudges * block);
  for (let k = 0; k < nudges; k++)
    out.set(values.subarray((k * chips + chip) * block, (k * chips + chip + 1) * block), k * block);
  return out;
}

/** The same of every population. */
export function planesOfChip(planes: Planes, chip: number, chips: number, nudges = 1): Planes {
  const part = (values: Float64Array): Float64Array => rowsOfChip(values, chip, chips, nudges);
  return Object.fromEntries(
    Object.entries(planes).map(([name, { re, im }]): [string, Plane] => [
      name,
      im === undefined ? { re: part(re) } : { re: part(re), im: part(im) },
    ]),
  );
}

/**
 * A phase of stacked chips by chip.
 * @param nudges how many the request had; 1 for a free phase
 */
export function phaseByChip(result: PhaseResult, nudges = 1): PhaseResult[] {
  const { outcome, ends, rows, states, activities, lockIn } = result;
  const { byChip } = outcome;
  if (byChip === undefined) return [result];
  const chips = byChip.length;
  return byChip.map((own, c) => {
    const of = (planes: Planes): Planes => planesOfChip(planes, c, chips, nudges);
    const both = (read: { readonly states: Planes; readonly activities: Planes }) => ({
      states: of(read.states),
      activities: of(read.activities),
    });
    return asPhase({
      outcome: own,
      ends: ends.filter((_, row) => Math.floor((row * nudges * chips) / rows) % chips === c),
      rows: rows / chips,
      states: of(states),
      activities: of(activities),
      ...(lockIn !== undefined && {
        lockIn: { steps: lockIn.steps, mean: both(lockIn.mean), fundamental: both(lockIn.fundamental) },
      }),
    });
  });
}
