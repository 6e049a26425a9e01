/** The check that nothing but finite numbers enters: a NaN found here has a row and a column, later it has neither. */
import { OhmletError } from "../errors";

/**
 * @param values [rows, width]
 * @param what names the values in the error: "inputs", or the name of a set
 * @throws OhmletError DATA-NAN with row and column, from 0
 */
export function checkFinite(values: ArrayLike<number>, width: number, what: string): void {
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
