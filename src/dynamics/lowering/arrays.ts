/** Small operations on arrays that moving data in and out of programs needs. */

/** `values` repeated so many times. */
export function tile(values: ArrayLike<number>, times: number): Float64Array {
  return tileBlocks(values, 1, times);
}

/** Each of so many equal blocks of `values` repeated so many times: [blocks, n] to [blocks, times, n]. */
export function tileBlocks(values: ArrayLike<number>, blocks: number, times: number): Float64Array {
  const given = values instanceof Float64Array ? values : Float64Array.from(values);
  const out = new Float64Array(given.length * times);
  const size = given.length / blocks;
  for (let block = 0; block < blocks; block++) {
    const part = given.subarray(block * size, (block + 1) * size);
    for (let t = 0; t < times; t++) out.set(part, (block * times + t) * size);
  }
  return out;
}

/** [outer, inner, n] to [inner, outer, n]; the array itself where nothing moves. */
export function swapBlocks<T extends Float64Array | Int32Array | Uint8Array>(
  values: T,
  outer: number,
  inner: number,
): T {
  if (outer === 1 || inner === 1) return values;
  const out = values.slice() as T;
  const size = values.length / (outer * inner);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++)
      out.set(values.subarray((o * inner + i) * size, (o * inner + i + 1) * size), (i * outer + o) * size);
  return out;
}

export function joined(parts: readonly Float64Array[]): Float64Array {
  if (parts.length === 1) return parts[0];
  const out = new Float64Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function sameValues(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** [rows, columns] to [columns, rows]. */
export function transpose(values: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from(
    { length: values.length },
    (_, k) => values[(k % rows) * columns + Math.floor(k / rows)],
  );
}

/** The largest absolute value; 0 of none. */
export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return most;
}
