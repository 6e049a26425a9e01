/**
 * The check that nothing but finite numbers enters: a NaN found here has a row and a column, later it has
 * neither.
 */
import { OhmletError } from "../errors";

/**
 * @param values [rows, width]
 * @param what names the values in the error: "inputs", or the name of a set
 * @throws OhmletError DATA-NAN with row and column, from 0
 */
export function checkFinite(values: ArrayLike<number>, width: number, what: string): void {
  if (allFinite(values)) return;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    throw new OhmletError({
      code: "DATA-NAN",
      fact: `${what} hold ${values[i]} at row ${Math.floor(i / width)}, column ${i % width}`,
      place: { where: what },
      remedy: "clean the data: every value must be a finite number",
    });
  }
}

/** x - x is 0 unless x is not finite. Four sums side by side: this sees every batch of every phase. */
function allFinite(values: ArrayLike<number>): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 3 < values.length; i += 4) {
    a += values[i] - values[i];
    b += values[i + 1] - values[i + 1];
    c += values[i + 2] - values[i + 2];
    d += values[i + 3] - values[i + 3];
  }
  for (; i < values.length; i++) a += values[i] - values[i];
  return a + b + c + d === 0;
}
