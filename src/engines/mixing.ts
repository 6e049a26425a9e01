/**
 * Mixing of past steps of a fixed-point iteration x <- g(x), each row on its own: the next point is a combination of
 * past g(x_i), chosen by their residuals f_i = g(x_i) - x_i.
 *
 * Anderson (Anderson 1965; Walker and Ni 2011): the combination whose residuals cancel best. Safeguarded: a row whose
 * residual grows forgets its past and takes a plain step; one whose residual has not halved for long walks for as long
 * on plain steps. Made for smooth maps; kinks (hard sigmoids, largest ones of windows) spoil what it has learnt.
 *
 * Nesterov (Nesterov 1983; O'Donoghue and Candès 2015): the newest point, and on by a share of the way from the one
 * before, k/(k + 3) after k steps. It starts anew where a residual grows or turns back. It asks nothing of a map but
 * that its steps lead on, as those of layers that move in turn do.
 *
 * Here is only what decides on the weights; points, residuals and their scalar products are wherever the
 * states are.
 */

/** Points that are mixed: five and the newest. */
export const SLOTS = 6;

/** How past steps are combined. */
export type Combination = "anderson" | "nesterov";

export interface Mixing {
  /** Forgets everything, for so many rows, which are to be combined so from now on. */
  reset(rows: number, by: Combination): void;
  /**
   * Weights of the points in all slots, or null where the row should take a plain step.
   * @param slot where the newest point lies; it takes the place of the oldest
   * @param products of the newest residual with those of all slots; those of slots that hold no past are not
   *   looked at
   */
  weigh(row: number, slot: number, products: ArrayLike<number>): Float64Array | null;
}

/** It travels to threads as its own text: it may name nothing from outside, not even a constant. */
export function makeMixing(slots: number): Mixing {
  /** A residual that grows by more than this ends a row's past. */
  const growth = 2;
  /**
   * Added to the unit diagonal of the residuals' correlations, so that parallel residuals do not blow up the
   * mix.
   */
  const ridge = 1e-9;
  /** Steps in which a residual has to halve, and plain steps after it did not. */
  const patience = 25;
  const NOTHING: number[] = [];
  let leads = false;
  let known: Float64Array[] = [];
  let past: number[][] = [];
  let norms = new Float64Array(0);
  /**
   * For each row, the residual that the next has to halve; steps since the last that did, or, below zero,
   * plain ones to go.
   */
  let goals = new Float64Array(0);
  let waits = new Int32Array(0);
  const matrix = new Float64Array(slots * slots);
  const right = new Float64Array(slots);
  const weights = new Float64Array(slots);

  /**
   * Cholesky's method in place: right becomes the solution. False where the matrix is not positive definite.
   */
  const solve = (n: number): boolean => {
    for (let j = 0; j < n; j++) {
      for (let i = j; i < n; i++) {
        let sum = matrix[i * n + j];
        for (let k = 0; k < j; k++) sum -= matrix[i * n + k] * matrix[j * n + k];
        if (i !== j) matrix[i * n + j] = sum / matrix[j * n + j];
        else if (sum > 0) matrix[j * n + j] = Math.sqrt(sum);
        else return false;
      }
    }
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < i; k++) right[i] -= matrix[i * n + k] * right[k];
      right[i] /= matrix[i * n + i];
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let k = i + 1; k < n; k++) right[i] -= matrix[k * n + i] * right[k];
      right[i] /= matrix[i * n + i];
    }
    return true;
  };

  /**
   * Minimises |sum_j w_j f_j| with sum_j w_j = 1, over unit residuals; false where that has no good answer.
   */
  const minimise = (all: Float64Array, used: readonly number[]): boolean => {
    const n = used.length;
    const size = (j: number): number => Math.sqrt(all[used[j] * slots + used[j]]);
    const newest = size(n - 1);
    for (let i = 0; i < n; i++) {
      if (!(size(i) > 0)) return false;
      for (let j = 0; j < n; j++)
        matrix[i * n + j] = all[used[i] * slots + used[j]] / (size(i) * size(j)) + (i === j ? ridge : 0);
      // Scaled to the newest residual: ratios are of order one however far the iteration has come.
      right[i] = newest / size(i);
    }
    if (!solve(n)) return false;
    weights.fill(0);
    let sum = 0;
    for (let j = 0; j < n; j++) sum += weights[used[j]] = (right[j] * newest) / size(j);
    if (!Number.isFinite(1 / sum)) return false;
    for (let k = 0; k < slots; k++) weights[k] /= sum;
    return true;
  };

  /** Of each row, steps since it last started anew are its `waits`. */
  const lead = (row: number, slot: number, products: ArrayLike<number>): Float64Array | null => {
    const before = (slot + slots - 1) % slots;
    const norm = Math.sqrt(products[slot]);
    const onward = norms[row] < Infinity && norm <= norms[row] && products[before] >= 0;
    norms[row] = norm;
    const steps = (waits[row] = onward ? waits[row] + 1 : 0);
    if (steps === 0) return null;
    const share = steps / (steps + 3);
    weights.fill(0);
    weights[slot] = 1 + share;
    weights[before] = -share;
    return weights;
  };

  return {
    reset(rows, by) {
      leads = by === "nesterov";
      if (known.length !== rows) known = Array.from({ length: rows }, () => new Float64Array(slots * slots));
      if (past.length !== rows) {
        past = Array.from({ length: rows }, () => []);
        [norms, goals, waits] = [new Float64Array(rows), new Float64Array(rows), new Int32Array(rows)];
      }
      for (let row = 0; row < rows; row++) past[row] = NOTHING;
      norms.fill(Infinity);
      goals.fill(Infinity);
      waits.fill(0);
    },
    weigh(row, slot, products) {
      if (leads) return lead(row, slot, products);
      const all = known[row];
      const norm = Math.sqrt(products[slot]);
      const used = norm <= growth * norms[row] ? past[row].filter((k) => k !== slot) : [];
      norms[row] = norm;
      const wait = ++waits[row];
      if (norm < goals[row] / 2) {
        goals[row] = norm;
        waits[row] = Math.min(wait, 0);
      } else if (wait > patience) {
        waits[row] = -patience;
      } else if (wait === 0) {
        goals[row] = norm;
      }
      if (waits[row] < 0) used.length = 0;
      used.push(slot);
      past[row] = used;
      for (const k of used) all[k * slots + slot] = all[slot * slots + k] = products[k];
      return norm > 0 && used.length > 1 && minimise(all, used) ? weights : null;
    },
  };
}
