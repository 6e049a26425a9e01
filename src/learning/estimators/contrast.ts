/** Arithmetic over states by population that the estimators share. */
import type { Complex, Plane, Planes } from "../../dynamics/types";

export type Arrays = Readonly<Record<string, Float64Array>>;

/** sum_k coefficient_k * planes_k, its real part, over populations of the first that are in `names`. */
export function combine(
  terms: readonly { readonly coefficient: Complex; readonly planes: Planes }[],
  names: readonly string[],
): Arrays {
  return Object.fromEntries(
    names.map((name): [string, Float64Array] => {
      const out = new Float64Array(terms[0].planes[name].re.length);
      for (const { coefficient, planes } of terms) {
        const { re, im } = planes[name];
        for (let i = 0; i < out.length; i++)
          out[i] += coefficient.re * re[i] - (im === undefined ? 0 : coefficient.im * im[i]);
      }
      return [name, out];
    }),
  );
}

/** Arrays as planes without an imaginary part. */
export function realPlanes(arrays: Arrays): Planes {
  return Object.fromEntries(Object.entries(arrays).map(([name, re]): [string, Plane] => [name, { re }]));
}

/** The rows of one nudge block: rows are nudge-major. */
export function block(planes: Planes, index: number, blocks: number): Planes {
  const part = (values: Float64Array): Float64Array =>
    values.subarray((index * values.length) / blocks, ((index + 1) * values.length) / blocks);
  return Object.fromEntries(
    Object.entries(planes).map(([name, { re, im }]): [string, Plane] => [
      name,
      im === undefined ? { re: part(re) } : { re: part(re), im: part(im) },
    ]),
  );
}

/**
 * The bias of a derivative, as a share of it, from what fewer of its points say: (difference / size)^power,
 * all units of all populations together.
 */
export function aliasingOf(derivative: Arrays, fewer: Arrays, power: number): number {
  let [difference, size] = [0, 0];
  for (const [name, values] of Object.entries(derivative)) {
    for (let i = 0; i < values.length; i++) {
      difference += (values[i] - fewer[name][i]) ** 2;
      size += values[i] ** 2;
    }
  }
  return shareOf(difference, size) ** power;
}

/** The root of a quotient of squares; 0 of 0 is 0. */
export const shareOf = (part: number, whole: number): number => (part === 0 ? 0 : Math.sqrt(part / whole));
