/** Small operations on arrays that moving data in and out of programs needs. */

/** `values` repeated so many times. */
export function tile(values: ArrayLike<number>, times: number): Float64Array {
  const out = new Float64Array(values.length * times);
  for (let t = 0; t < times; t++) out.set(values, t * values.length);
  return out;
}

export function sameValues(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** [rows, columns] to [columns, rows]. */
export function transpose(values: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from({ length: values.length }, (_, k) => values[(k % rows) * columns + Math.floor(k / rows)]);
}
