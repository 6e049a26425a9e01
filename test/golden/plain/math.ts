/** Just enough arithmetic for reference cases, in plain float64 and without a line of Ohmlet. */

export type Vector = number[];
export type Matrix = number[][];

/** Numbers in [-1, 1) from a seed. */
export function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
export const drawVector = (next: () => number, n: number, scale: number): Vector =>
  range(n).map(() => scale * next());
export const drawMatrix = (next: () => number, rows: number, columns: number, scale: number): Matrix =>
  range(rows).map(() => drawVector(next, columns, scale));
export const zeroVector = (n: number): Vector => range(n).map(() => 0);
export const zeros = (rows: number, columns: number): Matrix => range(rows).map(() => zeroVector(columns));
export const transposed = (a: Matrix): Matrix => a[0].map((_, j) => a.map((row) => row[j]));
export const dot = (a: Vector, b: Vector): number => a.reduce((sum, x, i) => sum + x * b[i], 0);
export const times = (a: Matrix, x: Vector): Vector => a.map((row) => dot(row, x));
export const norm = (a: Vector): number => Math.sqrt(dot(a, a));
export const cosine = (a: Vector, b: Vector): number => dot(a, b) / norm(a) / norm(b);
export const mean = (a: Vector): number => a.reduce((sum, x) => sum + x, 0) / a.length;
export const degrees = (cos: number): number => (Math.acos(Math.max(-1, Math.min(1, cos))) * 180) / Math.PI;
export const symmetricPart = (a: Matrix, sign: 1 | -1): Matrix =>
  a.map((row, i) => row.map((x, j) => (x + sign * a[j][i]) / 2));
/** 1/(1 + exp(-4(x - 1/2))) */
export const sigma = (x: number): number => 1 / (1 + Math.exp(-4 * (x - 0.5)));
export const sigmaPrime = (x: number): number => 4 * sigma(x) * (1 - sigma(x));

/** x with a x = b, by elimination with row exchanges. */
export function solve(a: Matrix, b: Vector): Vector {
  const rows = a.map((row, i) => [...row, b[i]]);
  const n = b.length;
  for (let k = 0; k < n; k++) {
    const best = range(n)
      .slice(k)
      .reduce((p, i) => (Math.abs(rows[i][k]) > Math.abs(rows[p][k]) ? i : p), k);
    [rows[k], rows[best]] = [rows[best], rows[k]];
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j <= n; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  return rows.map((row, i) => row[n] / row[i]);
}

/** Mean over samples of post x pre, [post][pre]. */
export function meanOuter(post: Matrix, pre: Matrix): Matrix {
  return post[0].map((_, i) => pre[0].map((_x, j) => mean(post.map((row, s) => row[i] * pre[s][j]))));
}

export const meanRows = (rows: Matrix): Vector => rows[0].map((_, i) => mean(rows.map((row) => row[i])));
