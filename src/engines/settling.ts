/**
 * How rows settle, one by one: each is stepped until a step would move no watched unit of it by more than it
 * may, and then leaves, frozen. No row's way depends on the others. Here is only what decides; rows are
 * wherever an engine keeps them.
 */
import type { Mixing } from "./mixing";

/**
 * What an engine does to rows at positions from one to another. Rows change places, so that those still at
 * work are neighbours.
 */
export interface RowWork {
  /** A step, and how far it moved each row. */
  step(from: number, to: number): void;
  /** How far a step of the judge would move each row; the rows stay where they are. */
  judge(from: number, to: number): void;
  /** Whether to end where the rows are, looked at between steps. */
  stopped(): boolean;
  /** Two rows change places, with all that lasts. */
  swap(a: number, b: number): void;
  /** How far the row that is at a position is from where it started. */
  shift(position: number, row: number): number;
  /**
   * Takes what the last step reached, and its change, into a row's past; returns the products of that change
   * with all in the past.
   */
  remember(position: number, row: number, slot: number): ArrayLike<number>;
  /** The state becomes a mix of the past. */
  mix(position: number, row: number, slot: number, weights: Float64Array): void;
}

/**
 * What is asked of rows from one to another, and what is told of them. All arrays are by row but `moved`,
 * which is by position.
 */
export interface Settling {
  /** Most steps. */
  readonly most: number;
  readonly tolerance: number;
  /** The change in a step from which a row is judged, as a multiple of its scale; at least the tolerance. */
  readonly judgedFrom: number;
  /** The change in a step that is a residual of 1. */
  readonly scales: ArrayLike<number>;
  /** Steps before which a row is not settled. */
  readonly least: ArrayLike<number>;
  /**
   * 1 for rows whose tolerance is relative to how far they are from where they started; at most 1 counts of
   * that.
   */
  readonly relative: ArrayLike<number>;
  /** How far the last step, or the judge's, moved the row at each position. */
  readonly moved: ArrayLike<number>;
  /** Steps that each row took. */
  readonly taken: Int32Array;
  /** What steps 1, 2, 4, 8, … moved each row by: the last two of them, [rows, 2]. */
  readonly marks: { [at: number]: number };
  readonly mixing: Mixing | null;
  /** Three steps in a row beyond this share of the ones before let a row be mixed from then on. */
  readonly slow: number;
}

/**
 * The decisions. It travels to threads as its own text: it may name nothing from outside, not even a
 * constant.
 */
export function makeSettling(
  slots: number,
  runaway: number,
): (work: RowWork, of: Settling, from: number, to: number, order: number[]) => void {
  return (
    work,
    { most, tolerance, judgedFrom, scales, least, relative, moved, taken, marks, mixing, slow },
    from,
    to,
    order,
  ) => {
    const swap = (a: number, b: number): void => {
      if (a === b) return;
      work.swap(a, b);
      [order[a], order[b]] = [order[b], order[a]];
    };
    // Of each row: the change that is as much as it may move, that from which it is judged, and the one that is lost,
    // as `ranAway` says.
    const [limits, looks, ends] = [new Float64Array(to), new Float64Array(to), new Float64Array(to)];
    const early = judgedFrom > tolerance;
    for (let row = from; row < to; row++) {
      limits[row] = tolerance * scales[row];
      looks[row] = judgedFrom * scales[row];
      ends[row] = runaway * Math.max(scales[row], 1e-3);
    }
    const still = (at: number, judged: boolean): boolean => {
      const row = order[at];
      if (early && !judged) return moved[at] <= looks[row] && taken[row] >= least[row];
      const limit = limits[row];
      if (!(moved[at] <= limit) || taken[row] < least[row]) return false;
      return relative[row] === 0 || moved[at] <= limit * Math.min(1, work.shift(at, row));
    };
    const lost = (at: number): boolean => !(moved[at] < ends[order[at]]);
    // Rows that move come first, then those that wait for the judge, then those that are done. A row's way
    // does not depend on when it is judged, nor on the rows beside it.
    let [active, waiting] = [to, to];
    /**
     * Moves rows that stand still (or, once judged, are lost) to the end of a range; returns where they
     * begin.
     */
    const sift = (first: number, end: number, judged: boolean): number => {
      let split = end;
      for (let at = end - 1; at >= first; at--)
        if (still(at, judged) || (judged && lost(at))) swap(at, --split);
      return split;
    };
    // A row that a step has not moved at all is at its end, however the judge finds it.
    const stood = new Uint8Array(to);
    const idle = (row: number): boolean => stood[row] === 1;
    /**
     * Takes rows out of a range before those that wait, if no step takes them further or they are lost;
     * returns the end of the rest.
     */
    const retire = (first: number, end: number, judged: boolean): number => {
      let left = end;
      for (let at = end - 1; at >= first; at--) {
        if (taken[order[at]] < most && !lost(at) && !(judged && idle(order[at]))) continue;
        swap(at, --left);
        swap(left, --waiting);
      }
      return left;
    };
    // Of each row how long its last step was, and how many in a row were hardly shorter than the one before.
    const mixed = mixing === null ? 0 : to;
    const lengths = new Float64Array(mixed).fill(Infinity);
    const slowed = new Uint8Array(mixed).fill(slow > 0 ? 0 : 3);
    const mix = (by: Mixing, at: number): void => {
      const row = order[at];
      if (slowed[row] < 3) {
        slowed[row] = moved[at] > slow * lengths[row] ? slowed[row] + 1 : 0;
        lengths[row] = moved[at];
        return;
      }
      const slot = taken[row] % slots;
      const weights = by.weigh(row, slot, work.remember(at, row, slot));
      if (weights !== null) work.mix(at, row, slot, weights);
    };
    taken.fill(0, from, to);
    // Asking costs as much as a tenth of the shortest step.
    for (let turn = 0; waiting > from && (turn % 16 !== 0 || !work.stopped()); turn++) {
      // Judging few rows costs nearly as much as judging four.
      if (active > from && waiting - active < 4) {
        work.step(from, active);
        // Most steps are the last of no row.
        let some = false;
        for (let at = from; at < active; at++) {
          const row = order[at];
          const steps = taken[row] + 1;
          const change = moved[at];
          taken[row] = steps;
          stood[row] = change === 0 ? 1 : 0;
          if ((steps & (steps - 1)) === 0) marks[2 * row + ((31 - Math.clz32(steps)) & 1)] = change;
          if (change <= looks[row] || !(change < ends[row]) || steps >= most) some = true;
        }
        if (some) active = retire(from, sift(from, active, false), false);
        // What is returned is what was judged: no mix after the last step.
        if (mixing !== null) for (let at = from; at < active; at++) mix(mixing, at);
      } else {
        work.judge(active, waiting);
        const failed = sift(active, waiting, true);
        waiting = failed;
        active = retire(active, failed, true);
      }
    }
    for (let at = from; at < to; at++) while (order[at] !== at) swap(at, order[at]);
  };
}

/**
 * By how much each step of a row is shorter than the one before, over the last quarter to three quarters of
 * its way; NaN where that does not tell.
 */
export function contractionOf(
  residual: Float64Array,
  taken: Int32Array,
  marks: ArrayLike<number>,
): Float64Array {
  const found = new Float64Array(residual.length);
  for (let row = 0; row < found.length; row++) {
    const steps = taken[row];
    const latest = 31 - Math.clz32(steps);
    const power = steps - (1 << latest) < steps / 4 && latest > 0 ? latest - 1 : latest;
    found[row] = contraction(marks[2 * row + (power & 1)], residual[row], steps + 1 - (1 << power));
  }
  return found;
}

/** A step, and one so many later. */
export function contraction(before: number, now: number, steps: number): number {
  if (now === 0) return 0;
  const factor = (now / before) ** (1 / steps);
  return factor < 1 ? factor : Number.NaN;
}
