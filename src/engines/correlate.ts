/** The local readout on the host, float64. */

/** out[i, j] = sum over rows r of pre[r, i] * post[r, j], [preWidth * postWidth]. */
export function correlate(pre: ArrayLike<number>, post: ArrayLike<number>, rows: number, preWidth: number, postWidth: number): Float64Array {
  const out = new Float64Array(preWidth * postWidth);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < preWidth; i++) {
      const x = pre[r * preWidth + i];
      for (let j = 0; j < postWidth; j++) out[i * postWidth + j] += x * post[r * postWidth + j];
    }
  }
  return out;
}
