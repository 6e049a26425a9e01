/**
 * Anderson mixing of past steps of a fixed-point iteration x <- g(x), each row on its own (Anderson 1965; Walker and Ni
 * 2011): the next point is the combination of past g(x_i) whose residuals f_i = g(x_i) - x_i cancel best. Safeguarded: a row
 * whose residual grows forgets its past and takes a plain step.
 */

/** Past points that are mixed. */
const MEMORY = 5;
/** A residual that grows by more than this ends a row's past. */
const GROWTH = 2;
/** Added to the unit diagonal of the residuals' correlations, so that parallel residuals do not blow up the mix. */
const RIDGE = 1e-9;

export class Anderson {
  private readonly points: Float64Array[] = [];
  private readonly residuals: Float64Array[] = [];
  /** Scalar products of residuals, [row][slot * SLOTS + slot]. */
  private readonly products: Float64Array[];
  /** For each row, slots of its past, oldest first. */
  private readonly past: number[][];
  private readonly norms: Float64Array;
  private readonly slots = MEMORY + 1;
  private slot = 0;

  /** @param rows rows of the state, each of `width` numbers */
  constructor(private readonly rows: number, private readonly width: number) {
    for (let k = 0; k < this.slots; k++) {
      this.points.push(new Float64Array(rows * width));
      this.residuals.push(new Float64Array(rows * width));
    }
    this.products = Array.from({ length: rows }, () => new Float64Array(this.slots * this.slots));
    this.past = Array.from({ length: rows }, () => []);
    this.norms = new Float64Array(rows).fill(Infinity);
  }

  /** Turns x, in place, into the next point, given g(x). Both are [rows, width]. */
  mix(x: Float64Array, g: Float64Array): void {
    const slot = this.slot;
    this.slot = (slot + 1) % this.slots;
    const [point, residual] = [this.points[slot], this.residuals[slot]];
    point.set(g);
    for (let i = 0; i < x.length; i++) residual[i] = g[i] - x[i];
    for (let row = 0; row < this.rows; row++) this.mixRow(x, row, slot);
  }

  private mixRow(x: Float64Array, row: number, slot: number): void {
    const past = this.past[row].filter((k) => k !== slot);
    const products = this.products[row];
    const squared = this.dot(row, slot, slot);
    products[slot * this.slots + slot] = squared;
    const norm = Math.sqrt(squared);
    if (!(norm <= GROWTH * this.norms[row])) past.length = 0;
    this.norms[row] = norm;
    for (const k of past) products[k * this.slots + slot] = products[slot * this.slots + k] = this.dot(row, k, slot);
    past.push(slot);
    this.past[row] = past;
    const weights = norm === 0 ? null : this.weights(products, past);
    const [from, to] = [row * this.width, (row + 1) * this.width];
    if (weights === null) {
      for (let i = from; i < to; i++) x[i] = this.points[slot][i];
      return;
    }
    x.fill(0, from, to);
    past.forEach((k, j) => addScaled(x, weights[j], this.points[k], from, to));
  }

  /** Minimises |sum_j w_j f_j| with sum_j w_j = 1, over unit residuals; null where that has no good answer. */
  private weights(products: Float64Array, past: readonly number[]): Float64Array | null {
    const n = past.length;
    const size = past.map((k) => Math.sqrt(products[k * this.slots + k]));
    if (size.some((s) => !(s > 0))) return null;
    const matrix = Float64Array.from({ length: n * n }, (_, e) => {
      const [i, j] = [Math.floor(e / n), e % n];
      return products[past[i] * this.slots + past[j]] / (size[i] * size[j]) + (i === j ? RIDGE : 0);
    });
    // Scaled to the newest residual: ratios are of order one however far the iteration has come.
    const right = Float64Array.from(size, (s) => size[n - 1] / s);
    if (!solvePositive(matrix, right, n)) return null;
    const weights = right.map((b, i) => (b * size[n - 1]) / size[i]);
    const sum = weights.reduce((s, w) => s + w, 0);
    return Number.isFinite(1 / sum) ? weights.map((w) => w / sum) : null;
  }

  private dot(row: number, a: number, b: number): number {
    return scalarProduct(this.residuals[a], this.residuals[b], row * this.width, (row + 1) * this.width);
  }
}

/** Four sums side by side: one alone would wait for each addition to end. */
function scalarProduct(a: Float64Array, b: Float64Array, from: number, to: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let i = from;
  for (; i + 3 < to; i += 4) {
    s0 += a[i] * b[i];
    s1 += a[i + 1] * b[i + 1];
    s2 += a[i + 2] * b[i + 2];
    s3 += a[i + 3] * b[i + 3];
  }
  for (; i < to; i++) s0 += a[i] * b[i];
  return s0 + s1 + s2 + s3;
}

/** out += weight * values. */
function addScaled(out: Float64Array, weight: number, values: Float64Array, from: number, to: number): void {
  for (let i = from; i < to; i++) out[i] += weight * values[i];
}

/** Cholesky's method in place: right becomes the solution. False where the matrix is not positive definite. */
function solvePositive(matrix: Float64Array, right: Float64Array, n: number): boolean {
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = matrix[i * n + j];
      for (let k = 0; k < j; k++) sum -= matrix[i * n + k] * matrix[j * n + k];
      if (i === j) {
        if (!(sum > 0)) return false;
        matrix[j * n + j] = Math.sqrt(sum);
      } else {
        matrix[i * n + j] = sum / matrix[j * n + j];
      }
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
}
