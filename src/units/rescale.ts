/**
 * A unit system in which given quantities are of order one. A dimensionally checked equation keeps its form
 * in any consistent system, so a circuit in volts and picofarads is rescaled by changing its numbers, never
 * its equations: this is how physical devices reach a float32 kernel.
 */
import type { Dimension, Quantity } from "./quantity";

/** Natural logarithm of the new unit of each base dimension, in SI. All zero: SI itself. */
export type UnitSystem = readonly [kg: number, m: number, s: number, A: number, K: number];

export const SI: UnitSystem = [0, 0, 0, 0, 0];

/** Keeps directions that no quantity speaks about at SI, without pulling the others off noticeably. */
const RIDGE = 1e-6;

/**
 * The system that brings the quantities closest to order one: least squares over their logarithms, with a
 * small ridge. Zeros and dimensionless quantities say nothing and are passed over.
 */
export function chooseUnits(quantities: readonly Quantity[]): UnitSystem {
  const matrix = SI.map((_, i) => SI.map((__, j) => (i === j ? RIDGE : 0)));
  const target = SI.map(() => 0);
  for (const { value, dimension } of quantities) {
    if (value === 0 || !Number.isFinite(value)) continue;
    const size = Math.log(Math.abs(value));
    for (let i = 0; i < 5; i++) {
      target[i] += dimension[i] * size;
      for (let j = 0; j < 5; j++) matrix[i][j] += dimension[i] * dimension[j];
    }
  }
  const [kg, m, s, A, K] = solve(matrix, target);
  return [kg, m, s, A, K];
}

/** What one unit of a dimension is in SI: scaled value = SI value / scaleOf(dimension, system). */
export function scaleOf(dimension: Dimension, system: UnitSystem): number {
  return Math.exp(dimension.reduce((sum, exponent, i) => sum + exponent * system[i], 0));
}

/** Gaussian elimination; the ridge makes the matrix positive definite, so no pivoting is needed. */
function solve(matrix: number[][], target: number[]): number[] {
  const n = target.length;
  for (let k = 0; k < n; k++) {
    for (let i = k + 1; i < n; i++) {
      const factor = matrix[i][k] / matrix[k][k];
      for (let j = k; j < n; j++) matrix[i][j] -= factor * matrix[k][j];
      target[i] -= factor * target[k];
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    for (let j = k + 1; j < n; j++) target[k] -= matrix[k][j] * target[j];
    target[k] /= matrix[k][k];
  }
  return target;
}
