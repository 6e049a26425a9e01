/**
 * Sobol's sequence: points that fill a cube evenly. Direction numbers of Joe and Kuo 2008 ("Constructing
 * Sobol sequences with better two-dimensional projections", file new-joe-kuo-6), points in the order of
 * Antonov and Saleev's Gray code. A digital shift (an exclusive or with one random number a dimension) keeps
 * the evenness and makes the points depend on a seed.
 */
import { OhmletError } from "../errors";
import { check, expectValue } from "../options";
import { checkSeed, streamOf, uniform } from "../random";

/**
 * Of dimensions 2, 3, …: the polynomial's inner coefficients as a number, and the first direction numbers,
 * one for each of its degree.
 */
const JOE_KUO: readonly (readonly [polynomial: number, first: readonly number[]])[] = [
  [0, [1]],
  [1, [1, 3]],
  [1, [1, 3, 1]],
  [2, [1, 1, 1]],
  [1, [1, 1, 3, 3]],
  [4, [1, 3, 5, 13]],
  [2, [1, 1, 5, 5, 17]],
  [4, [1, 1, 5, 5, 5]],
  [7, [1, 1, 7, 11, 19]],
  [11, [1, 1, 5, 1, 1]],
  [13, [1, 1, 1, 3, 11]],
  [14, [1, 3, 5, 5, 31]],
  [1, [1, 3, 3, 9, 7, 49]],
  [13, [1, 1, 1, 15, 21, 21]],
  [16, [1, 3, 1, 13, 27, 49]],
  [19, [1, 1, 1, 15, 7, 5]],
  [22, [1, 3, 1, 15, 13, 25]],
  [25, [1, 1, 5, 5, 19, 61]],
  [1, [1, 3, 7, 11, 23, 15, 103]],
];

/** Most dimensions: ten knobs in a design for Sobol indices, which takes two for each. */
export const MOST_DIMENSIONS = JOE_KUO.length + 1;

const BITS = 32;

/** Direction numbers of a dimension, from 0: 32 fixed-point fractions. */
function directions(dimension: number): Uint32Array {
  const out = new Uint32Array(BITS);
  if (dimension === 0) {
    for (let bit = 0; bit < BITS; bit++) out[bit] = 2 ** (BITS - 1 - bit);
    return out;
  }
  const [polynomial, first] = JOE_KUO[dimension - 1];
  const degree = first.length;
  for (let bit = 0; bit < BITS; bit++) {
    if (bit < degree) {
      out[bit] = first[bit] * 2 ** (BITS - 1 - bit);
      continue;
    }
    let next = out[bit - degree] ^ (out[bit - degree] >>> degree);
    for (let k = 1; k < degree; k++) if (((polynomial >>> (degree - 1 - k)) & 1) === 1) next ^= out[bit - k];
    out[bit] = next;
  }
  return out;
}

/**
 * The first `count` points in [0, 1)^dimensions, a row each.
 * @param seed of the digital shift; without one the sequence itself, which begins with zeros
 * @throws OhmletError STUDY-DIMENSIONS
 */
export function sobolPoints(count: number, dimensions: number, seed?: number): Float64Array[] {
  expectValue("sobolPoints", "count", count, check.whole());
  expectValue("sobolPoints", "dimensions", dimensions, check.whole(1));
  if (dimensions > MOST_DIMENSIONS) {
    throw new OhmletError({
      code: "STUDY-DIMENSIONS",
      fact: `${dimensions} dimensions of Sobol's sequence are needed, ${MOST_DIMENSIONS} are known`,
      place: { where: "study" },
      remedy:
        `vary at most ${MOST_DIMENSIONS} knobs, ${MOST_DIMENSIONS / 2} for sensitivities, or sample at ` +
        "random",
    });
  }
  const vectors = Array.from({ length: dimensions }, (_, d) => directions(d));
  const stream = streamOf("study shift");
  if (seed !== undefined) checkSeed(seed);
  const shift = Uint32Array.from({ length: dimensions }, (_, d) =>
    seed === undefined ? 0 : Math.floor(uniform(seed, stream, 0, d) * 2 ** 32),
  );
  const state = new Uint32Array(dimensions);
  const rows: Float64Array[] = [];
  for (let n = 0; n < count; n++) {
    rows.push(Float64Array.from(state, (bits, d) => ((bits ^ shift[d]) >>> 0) / 2 ** 32));
    // The lowest zero bit of n tells the one direction in which point n + 1 differs.
    const bit = 31 - Math.clz32(~n & (n + 1));
    for (let d = 0; d < dimensions; d++) state[d] ^= vectors[d][bit];
  }
  return rows;
}
