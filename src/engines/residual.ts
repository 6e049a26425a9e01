/** The largest change of a watched unit, row by row. */

/**
 * A buffer after and before the last step: `stride` values from a row to the next, of which `width` are
 * units.
 */
export interface Watched {
  readonly now: ArrayLike<number>;
  readonly before: ArrayLike<number>;
  readonly width: number;
  readonly stride: number;
  /** How many times a change counts. */
  readonly times: number;
}

/** Largest absolute change, [rows]; NaN where a watched value is not finite. */
export function residualOf(rows: number, watched: readonly Watched[]): Float64Array {
  const residual = new Float64Array(rows);
  fillResidual(residual, watched, 0, rows);
  return residual;
}

/** The same of rows from one to another, which changes `residual` there only. */
export function fillResidual(
  residual: Float64Array,
  watched: readonly Watched[],
  from: number,
  to: number,
): void {
  residual.fill(0, from, to);
  for (const { now, before, width, stride, times } of watched) {
    for (let r = from; r < to; r++) {
      let largest = residual[r];
      for (let k = r * stride; k < r * stride + width; k++) {
        const change = times * Math.abs(now[k] - before[k]);
        // A NaN stays: no comparison with it holds.
        if (!Number.isFinite(now[k])) largest = Number.NaN;
        else if (change > largest) largest = change;
      }
      residual[r] = largest;
    }
  }
}

/**
 * Largest distance of a watched unit of the row at a position from what a row was before; NaN where one is
 * not finite.
 */
export function shiftOf(watched: readonly Watched[], position: number, row = position): number {
  let largest = 0;
  for (const { now, before, width, stride } of watched) {
    for (let k = 0; k < width; k++)
      largest = Math.max(largest, Math.abs(now[position * stride + k] - before[row * stride + k]));
  }
  return largest;
}
