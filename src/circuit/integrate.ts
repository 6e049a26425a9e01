/**
 * States of a device whose rates depend on each other, followed over a time: the pair of orders 5 and 4 of
 * Dormand and Prince (1980), one step for all devices of a stretch. Not for what leaks by itself: see
 * leak.ts, which is exact for what is linear.
 */
import type { Column } from "../equations/vectorize";

type Over = (out: Float64Array, columns: readonly Column[]) => Float64Array;

/** What a state may be off by in a step, against the largest of its kind. */
const TOLERANCE = 1e-9;
const MOST_STEPS = 100_000;
const A = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
] as const;
const ERROR = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40] as const;

/**
 * Moves columns on by some seconds, in place.
 * @param moving which of them move, and their rates over [columns, others]
 * @returns whether they could be followed
 */
export function integrate(
  columns: readonly Float64Array[],
  moving: readonly { readonly at: number; readonly over: Over }[],
  others: readonly Column[],
  seconds: number,
): boolean {
  const length = columns[0]?.length ?? 0;
  const trial = columns.map((column) => column.slice());
  const slopes = A.map(() => moving.map(() => new Float64Array(length)));
  const scales = moving.map(({ at }) => columns[at].reduce((most, v) => Math.max(most, Math.abs(v)), 1e-300));
  let [done, step] = [0, seconds];
  for (let taken = 0; taken < MOST_STEPS; taken++) {
    if (done >= seconds) return true;
    step = Math.min(step, seconds - done);
    A.forEach((row, stage) => {
      moving.forEach(({ at }, m) => {
        for (let k = 0; k < length; k++) {
          let sum = 0;
          for (let j = 0; j < row.length; j++) sum += row[j] * slopes[j][m][k];
          trial[at][k] = columns[at][k] + step * sum;
        }
      });
      moving.forEach(({ over }, m) => over(slopes[stage][m], [...trial, ...others]));
    });
    let worst = 0;
    moving.forEach(({ at }, m) => {
      for (let k = 0; k < length; k++) {
        let error = 0;
        for (let j = 0; j < ERROR.length; j++) error += ERROR[j] * slopes[j][m][k];
        const scale = Math.max(scales[m], Math.abs(trial[at][k]));
        worst = Math.max(
          worst,
          Number.isFinite(error) ? Math.abs(step * error) / (TOLERANCE * scale) : Infinity,
        );
      }
    });
    if (worst <= 1) {
      for (const { at } of moving) columns[at].set(trial[at]);
      done = step === seconds - done ? seconds : done + step;
    }
    step *= worst === Infinity ? 0.1 : Math.min(5, Math.max(0.2, 0.9 * Math.max(worst, 1e-10) ** -0.2));
    if (!(done + step > done)) return false;
  }
  return false;
}
