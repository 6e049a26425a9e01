/**
 * Which knob matters: Sobol indices from Saltelli's design. First order by the estimator of Saltelli et al.
 * 2010 ("Variance based sensitivity analysis of model output", Table 2, b), total by Jansen's (Table 2, f).
 */

/** Sobol indices of each knob, and how sure they are. */
export interface Indices {
  readonly first: readonly number[];
  readonly total: readonly number[];
}

/**
 * Which knob matters: first-order and total Sobol indices from Saltelli's design (Saltelli et al. 2010, Table
 * 2, b and f).
 * @param outcomes by row of the design: of A, of B, of A with knob 1 from B, with knob 2, …
 * @returns an index of each knob; null where the outcome does not vary, or not by numbers that can be
 *   squared, or is known in one row only
 */
export function sobolIndices(outcomes: readonly (readonly number[])[], knobs: number): Indices | null {
  const n = outcomes.length;
  const both = outcomes.flatMap(([a, b]) => [a, b]);
  const mean = both.reduce((sum, y) => sum + y, 0) / both.length;
  const variance = both.reduce((sum, y) => sum + (y - mean) ** 2, 0) / both.length;
  if (n < 2 || !(variance > 1e-24 * mean ** 2) || variance === 0 || !Number.isFinite(variance)) return null;
  const average = (of: (row: readonly number[]) => number): number =>
    outcomes.reduce((sum, row) => sum + of(row), 0) / n;
  const each = Array.from({ length: knobs }, (_, i) => i + 2);
  return {
    // Measured from the mean, which changes nothing in expectation and takes away most of the scatter.
    first: each.map((i) => average((row) => (row[1] - mean) * (row[i] - row[0])) / variance),
    total: each.map((i) => average((row) => (row[0] - row[i]) ** 2) / (2 * variance)),
  };
}
