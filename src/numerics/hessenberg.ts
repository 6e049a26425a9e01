/**
 * A dense matrix as Q H Q^T with nothing below the first subdiagonal of H, made once: its eigenvalues follow in a few
 * sweeps (Francis's double shift), and (s - A) x = b for any complex s in n^2 operations (Golub and Van Loan, 7.4, 7.5).
 */
import { OhmletError } from "../errors";

/** A complex vector. */
export interface ComplexVector {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** An eigenvalue. */
export interface Pole {
  readonly re: number;
  readonly im: number;
}

export class Hessenberg {
  private readonly h: Float64Array;
  private readonly q: Float64Array;

  /** @param matrix [n, n] row-major; copied */
  constructor(
    matrix: Float64Array,
    readonly n: number,
  ) {
    const h = Float64Array.from(matrix);
    const q = new Float64Array(n * n);
    for (let i = 0; i < n; i++) q[i * n + i] = 1;
    for (let k = 0; k + 2 < n; k++) reflect(h, q, n, k);
    this.h = h;
    this.q = q;
  }

  /** x with (s - A) x = b, b real. @param s complex */
  solve({ re, im }: Pole, b: Float64Array): ComplexVector {
    const { n, h, q } = this;
    const width = 2 * n;
    // s - H, interleaved, and the right side Q^T b.
    const m = new Float64Array(n * width);
    const x = new Float64Array(width);
    for (let i = 0; i < n; i++) {
      for (let j = Math.max(0, i - 1); j < n; j++) m[i * width + 2 * j] = -h[i * n + j];
      m[i * width + 2 * i] += re;
      m[i * width + 2 * i + 1] = im;
      for (let j = 0; j < n; j++) x[2 * i] += q[j * n + i] * b[j];
    }
    for (let k = 0; k + 1 < n; k++) {
      const [top, below] = [k * width, (k + 1) * width];
      if (
        Math.hypot(m[below + 2 * k], m[below + 2 * k + 1]) > Math.hypot(m[top + 2 * k], m[top + 2 * k + 1])
      ) {
        for (let j = 2 * k; j < width; j++) [m[top + j], m[below + j]] = [m[below + j], m[top + j]];
        for (let p = 0; p < 2; p++) [x[2 * k + p], x[2 * k + 2 + p]] = [x[2 * k + 2 + p], x[2 * k + p]];
      }
      const [fr, fi] = over(m[below + 2 * k], m[below + 2 * k + 1], m[top + 2 * k], m[top + 2 * k + 1]);
      if (fr === 0 && fi === 0) continue;
      for (let j = k; j < n; j++) {
        const [a, c] = [m[top + 2 * j], m[top + 2 * j + 1]];
        m[below + 2 * j] -= fr * a - fi * c;
        m[below + 2 * j + 1] -= fr * c + fi * a;
      }
      x[2 * k + 2] -= fr * x[2 * k] - fi * x[2 * k + 1];
      x[2 * k + 3] -= fr * x[2 * k + 1] + fi * x[2 * k];
    }
    for (let i = n - 1; i >= 0; i--) {
      let [sr, si] = [x[2 * i], x[2 * i + 1]];
      for (let j = i + 1; j < n; j++) {
        const [a, c] = [m[i * width + 2 * j], m[i * width + 2 * j + 1]];
        sr -= a * x[2 * j] - c * x[2 * j + 1];
        si -= a * x[2 * j + 1] + c * x[2 * j];
      }
      [x[2 * i], x[2 * i + 1]] = over(sr, si, m[i * width + 2 * i], m[i * width + 2 * i + 1]);
    }
    const [outRe, outIm] = [new Float64Array(n), new Float64Array(n)];
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        outRe[i] += q[i * n + j] * x[2 * j];
        outIm[i] += q[i * n + j] * x[2 * j + 1];
      }
    return { re: outRe, im: outIm };
  }

  /** All eigenvalues, that of the largest real part first. @throws OhmletError LINEAR-SINGULAR where they are not found */
  eigenvalues(): Pole[] {
    return eigenvaluesOf(Float64Array.from(this.h), this.n).sort((a, b) => b.re - a.re || b.im - a.im);
  }
}

/** (a + bi)/(c + di), without overflow. */
function over(a: number, b: number, c: number, d: number): readonly [number, number] {
  if (Math.abs(c) >= Math.abs(d)) {
    const r = d / c;
    const by = c + d * r;
    return [(a + b * r) / by, (b - a * r) / by];
  }
  const r = c / d;
  const by = c * r + d;
  return [(a * r + b) / by, (b * r - a) / by];
}

/** A Householder reflection that clears column k below its subdiagonal. */
function reflect(h: Float64Array, q: Float64Array, n: number, k: number): void {
  let size = 0;
  for (let i = k + 1; i < n; i++) size = Math.hypot(size, h[i * n + k]);
  if (size === 0) return;
  const v = new Float64Array(n);
  for (let i = k + 1; i < n; i++) v[i] = h[i * n + k];
  v[k + 1] += v[k + 1] < 0 ? -size : size;
  let square = 0;
  for (let i = k + 1; i < n; i++) square += v[i] * v[i];
  if (square === 0) return;
  for (let j = 0; j < n; j++) {
    let sum = 0;
    for (let i = k + 1; i < n; i++) sum += v[i] * h[i * n + j];
    sum *= 2 / square;
    for (let i = k + 1; i < n; i++) h[i * n + j] -= sum * v[i];
  }
  for (const matrix of [h, q])
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += matrix[i * n + j] * v[j];
      sum *= 2 / square;
      for (let j = k + 1; j < n; j++) matrix[i * n + j] -= sum * v[j];
    }
  for (let i = k + 2; i < n; i++) h[i * n + k] = 0;
}

/** Sweeps for an eigenvalue before it counts as not found. */
const MOST_SWEEPS = 60;

/** Francis's algorithm on a Hessenberg matrix, which it overwrites (EISPACK's hqr). */
function eigenvaluesOf(a: Float64Array, n: number): Pole[] {
  const at = (i: number, j: number): number => a[i * n + j];
  const found: Pole[] = [];
  let norm = 0;
  for (let i = 0; i < n; i++) for (let j = Math.max(0, i - 1); j < n; j++) norm += Math.abs(at(i, j));
  let [last, shifted, sweeps] = [n - 1, 0, 0];
  while (last >= 0) {
    let l = last;
    for (; l > 0; l--) {
      const beside = Math.abs(at(l - 1, l - 1)) + Math.abs(at(l, l));
      if (Math.abs(at(l, l - 1)) <= Number.EPSILON * (beside === 0 ? norm : beside)) {
        a[l * n + l - 1] = 0;
        break;
      }
    }
    let [x, y, w] = [at(last, last), 0, 0];
    if (l === last) {
      found.push({ re: x + shifted, im: 0 });
      last--;
      sweeps = 0;
      continue;
    }
    y = at(last - 1, last - 1);
    w = at(last, last - 1) * at(last - 1, last);
    if (l === last - 1) {
      const p = (y - x) / 2;
      const square = p * p + w;
      const root = Math.sqrt(Math.abs(square));
      x += shifted;
      if (square >= 0) {
        const z = p + (p >= 0 ? root : -root);
        found.push({ re: x + z, im: 0 }, { re: z === 0 ? x + z : x - w / z, im: 0 });
      } else found.push({ re: x + p, im: root }, { re: x + p, im: -root });
      last -= 2;
      sweeps = 0;
      continue;
    }
    if (!(sweeps < MOST_SWEEPS) || !Number.isFinite(norm))
      throw new OhmletError({
        code: "LINEAR-SINGULAR",
        category: "run",
        fact: `the poles of ${n} states are not found`,
        place: { where: "the Jacobian" },
        remedy: "check that the phase settled: at states that are not finite there are none",
      });
    if (sweeps > 0 && sweeps % 10 === 0) {
      // Exceptional shift.
      shifted += x;
      for (let i = 0; i <= last; i++) a[i * n + i] -= x;
      const s = Math.abs(at(last, last - 1)) + Math.abs(at(last - 1, last - 2));
      x = y = 0.75 * s;
      w = -0.4375 * s * s;
    }
    sweeps++;
    sweep(a, n, l, last, x, y, w);
  }
  return found;
}

/** One double step on rows l to last, with shifts whose sum is x + y and product x y - w. */
function sweep(a: Float64Array, n: number, l: number, last: number, x: number, y: number, w: number): void {
  const at = (i: number, j: number): number => a[i * n + j];
  let [p, q, r] = [0, 0, 0];
  let m = last - 2;
  for (; m >= l; m--) {
    const z = at(m, m);
    const [u, v] = [x - z, y - z];
    p = (u * v - w) / at(m + 1, m) + at(m, m + 1);
    q = at(m + 1, m + 1) - z - u - v;
    r = at(m + 2, m + 1);
    const size = Math.abs(p) + Math.abs(q) + Math.abs(r);
    p /= size;
    q /= size;
    r /= size;
    if (m === l) break;
    const small = Math.abs(at(m, m - 1)) * (Math.abs(q) + Math.abs(r));
    const large = Math.abs(p) * (Math.abs(at(m - 1, m - 1)) + Math.abs(z) + Math.abs(at(m + 1, m + 1)));
    if (small <= Number.EPSILON * large) break;
  }
  for (let i = m + 2; i <= last; i++) {
    a[i * n + i - 2] = 0;
    if (i > m + 2) a[i * n + i - 3] = 0;
  }
  for (let k = m; k < last; k++) {
    const whole = k < last - 1;
    let size = 1;
    if (k > m) {
      p = at(k, k - 1);
      q = at(k + 1, k - 1);
      r = whole ? at(k + 2, k - 1) : 0;
      size = Math.abs(p) + Math.abs(q) + Math.abs(r);
      if (size === 0) continue;
      p /= size;
      q /= size;
      r /= size;
    }
    const s = (p < 0 ? -1 : 1) * Math.hypot(p, q, r);
    if (s === 0) continue;
    if (k > m) a[k * n + k - 1] = -s * size;
    else if (l !== m) a[k * n + k - 1] = -at(k, k - 1);
    p += s;
    const [fx, fy, fz] = [p / s, q / s, r / s];
    q /= p;
    r /= p;
    for (let j = k; j < n; j++) {
      const sum = at(k, j) + q * at(k + 1, j) + (whole ? r * at(k + 2, j) : 0);
      if (whole) a[(k + 2) * n + j] -= sum * fz;
      a[(k + 1) * n + j] -= sum * fy;
      a[k * n + j] -= sum * fx;
    }
    const most = Math.min(last, k + 3);
    for (let i = 0; i <= most; i++) {
      const sum = fx * at(i, k) + fy * at(i, k + 1) + (whole ? fz * at(i, k + 2) : 0);
      if (whole) a[i * n + k + 2] -= sum * r;
      a[i * n + k + 1] -= sum * q;
      a[i * n + k] -= sum;
    }
  }
}
