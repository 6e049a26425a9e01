/**
 * Small dense linear algebra in float64, for exact answers on small circuits: LU, norms, spectral radius.
 * Matrices are flat and row-major. No blocking, no threads: a few thousand unknowns at most.
 */
import { expectGoing, OhmletError, type Stop } from "../../errors";

/** A factorised square matrix, to be used for many right-hand sides. */
export interface Factorisation {
  readonly n: number;
  /** x with A x = b for each row of `rhs`, [count, n]; fresh. */
  solve(rhs: Float64Array): Float64Array;
  /** x with A^T x = b for each row of `rhs`, [count, n]; fresh. */
  solveTransposed(rhs: Float64Array): Float64Array;
}

/**
 * LU with partial pivoting of an n x n matrix (copied).
 * @param stop looked at column by column
 * @throws OhmletError LINEAR-SINGULAR where a pivot is zero to within rounding, or not finite
 */
export function factorise(matrix: Float64Array, n: number, stop?: Stop): Factorisation {
  const lu = Float64Array.from(matrix);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const smallest = n * Number.EPSILON * lu.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0);
  for (let k = 0; k < n; k++) {
    expectGoing(stop);
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(lu[i * n + k]) > Math.abs(lu[pivot * n + k])) pivot = i;
    if (!(Math.abs(lu[pivot * n + k]) > smallest)) throw singular(n, k);
    if (pivot !== k) swapRows(lu, order, n, k, pivot);
    for (let i = k + 1; i < n; i++) {
      const factor = (lu[i * n + k] /= lu[k * n + k]);
      if (factor === 0) continue;
      for (let j = k + 1; j < n; j++) lu[i * n + j] -= factor * lu[k * n + j];
    }
  }
  return {
    n,
    solve: (rhs) => eachRow(rhs, n, (b, x) => substitute(lu, order, n, b, x)),
    solveTransposed: (rhs) => eachRow(rhs, n, (b, x) => substituteTransposed(lu, order, n, b, x)),
  };
}

function singular(n: number, column: number): OhmletError {
  return new OhmletError({
    code: "LINEAR-SINGULAR",
    fact: `the ${n} x ${n} matrix is singular: no pivot in column ${column}`,
    place: { where: "the Jacobian" },
    remedy: "at a fixed point this means that some unit does not relax; check that every phase settled",
    category: "run",
  });
}

function swapRows(lu: Float64Array, order: Int32Array, n: number, a: number, b: number): void {
  for (let j = 0; j < n; j++) [lu[a * n + j], lu[b * n + j]] = [lu[b * n + j], lu[a * n + j]];
  [order[a], order[b]] = [order[b], order[a]];
}

function eachRow(
  rhs: Float64Array,
  n: number,
  solveOne: (b: Float64Array, x: Float64Array) => void,
): Float64Array {
  const out = new Float64Array(rhs.length);
  for (let at = 0; at < rhs.length; at += n) solveOne(rhs.subarray(at, at + n), out.subarray(at, at + n));
  return out;
}

/** L U x = P b. */
function substitute(lu: Float64Array, order: Int32Array, n: number, b: Float64Array, x: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sum = b[order[i]];
    for (let j = 0; j < i; j++) sum -= lu[i * n + j] * x[j];
    x[i] = sum;
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i];
    for (let j = i + 1; j < n; j++) sum -= lu[i * n + j] * x[j];
    x[i] = sum / lu[i * n + i];
  }
}

/** U^T L^T P x = b, walking the rows of LU so that memory is read in order. */
function substituteTransposed(
  lu: Float64Array,
  order: Int32Array,
  n: number,
  b: Float64Array,
  x: Float64Array,
): void {
  const y = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    y[i] /= lu[i * n + i];
    for (let j = i + 1; j < n; j++) y[j] -= lu[i * n + j] * y[i];
  }
  for (let i = n - 1; i > 0; i--) for (let j = 0; j < i; j++) y[j] -= lu[i * n + j] * y[i];
  for (let i = 0; i < n; i++) x[order[i]] = y[i];
}

/** A x, or A^T x. */
export function apply(matrix: Float64Array, n: number, x: Float64Array, transposed = false): Float64Array {
  const y = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (transposed) y[j] += matrix[i * n + j] * x[i];
      else y[i] += matrix[i * n + j] * x[j];
    }
  }
  return y;
}

/** (A + A^T)/2 and (A - A^T)/2. */
export function splitSymmetric(
  matrix: Float64Array,
  n: number,
): { symmetric: Float64Array; skew: Float64Array } {
  const [symmetric, skew] = [new Float64Array(n * n), new Float64Array(n * n)];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const [a, b] = [matrix[i * n + j], matrix[j * n + i]];
      symmetric[i * n + j] = (a + b) / 2;
      skew[i * n + j] = (a - b) / 2;
    }
  }
  return { symmetric, skew };
}

/** Euclidean norm of a vector, Frobenius norm of a matrix; safe from overflow. */
export function norm(values: Float64Array): number {
  const largest = values.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  return largest * Math.sqrt(values.reduce((sum, x) => sum + (x / largest) ** 2, 0));
}

/**
 * Largest magnitude of an eigenvalue, by Gelfand's formula |A^k|^(1/k) with k = 1, 2, 4, … by repeated
 * squaring. Unlike power iteration it does not mind complex pairs, equal magnitudes or a defective matrix.
 * About fifty products.
 */
export function spectralRadius(matrix: Float64Array, n: number): number {
  let power: Float64Array = Float64Array.from(matrix);
  let logScale = 0; // A^k = exp(logScale) * power
  let estimate = 0;
  for (let k = 1; k <= 2 ** 60; k *= 2) {
    const size = norm(power);
    if (size === 0 || !Number.isFinite(size)) return size;
    logScale += Math.log(size);
    const next = Math.exp(logScale / k);
    // The norm's own constant fades like 1/k: a step that changes nothing is not yet the end of it.
    if (k >= 2 ** 10 && Math.abs(next - estimate) <= 1e-15 * next) return next;
    estimate = next;
    power = square(
      power.map((x) => x / size),
      n,
    );
    logScale *= 2;
  }
  return estimate;
}

function square(a: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k];
      if (factor !== 0) for (let j = 0; j < n; j++) out[i * n + j] += factor * a[k * n + j];
    }
  }
  return out;
}
