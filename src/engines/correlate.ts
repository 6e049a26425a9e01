/**
 * The local readout, on the host in float64, for all engines: what is learned from is the small difference of
 * two such sums, which float32 would blur. Nor would a kernel be faster: on one x86-64 core this makes 1.0 to
 * 1.3 GMAC/s at 40 x 64 x 32 to 50 x 784 x 64 (rows x pre x post), the GPU.js kernel 0.6 to 0.75 on webasm
 * and 0.5 on cpu, up to 512 x 512.
 */

import type { Connections } from "../program/connections";

/** Rows that are taken at once: the sums are read and written a quarter as often. */
const BLOCK = 4;

/**
 * out[i, j] = sum over rows r of pre[r, i] * post[r, j], [preWidth * postWidth]; through connections, over all
 * uses of each synapse of such an array.
 */
export function correlate(
  pre: ArrayLike<number>,
  post: ArrayLike<number>,
  rows: number,
  preWidth: number,
  postWidth: number,
  through?: Connections,
): Float64Array {
  if (through !== undefined) return correlateThrough(pre, post, rows, preWidth, postWidth, through);
  const out = new Float64Array(preWidth * postWidth);
  const whole = rows - (rows % BLOCK);
  for (let r = 0; r < whole; r += BLOCK) {
    const [p0, p1, p2, p3] = [0, 1, 2, 3].map((k) => (r + k) * preWidth);
    const [q0, q1, q2, q3] = [0, 1, 2, 3].map((k) => (r + k) * postWidth);
    for (let i = 0; i < preWidth; i++) {
      const [a, b, c, d] = [pre[p0 + i], pre[p1 + i], pre[p2 + i], pre[p3 + i]];
      const at = i * postWidth;
      for (let j = 0; j < postWidth; j++)
        out[at + j] += a * post[q0 + j] + b * post[q1 + j] + c * post[q2 + j] + d * post[q3 + j];
    }
  }
  for (let r = whole; r < rows; r++) {
    for (let i = 0; i < preWidth; i++) {
      const x = pre[r * preWidth + i];
      for (let j = 0; j < postWidth; j++) out[i * postWidth + j] += x * post[r * postWidth + j];
    }
  }
  return out;
}

function correlateThrough(
  pre: ArrayLike<number>,
  post: ArrayLike<number>,
  rows: number,
  arrayRows: number,
  columns: number,
  { pre: preWidth, post: postWidth, block, pres, posts, at }: Connections,
): Float64Array {
  const out = new Float64Array(arrayRows * columns);
  for (let k = 0; k < at.length; k++) {
    for (let r = 0; r < rows; r++) {
      const [source, target] = [r * preWidth + pres[k], r * postWidth + posts[k]];
      for (let i = 0; i < block.pre; i++) {
        const [x, weight] = [pre[source + i], at[k] + i * columns];
        if (x === 0) continue;
        for (let j = 0; j < block.post; j++) out[weight + j] += x * post[target + j];
      }
    }
  }
  return out;
}
