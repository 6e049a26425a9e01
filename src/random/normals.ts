/**
 * Box and Muller: pairs of random words to pairs of standard normal draws. Only sums, products, quotients and
 * square roots, which IEEE 754 fixes to the last bit: how Math.log, sin and cos round is left to each
 * JavaScript engine, and noise must not depend on that. They would also be half of its cost. The series are
 * cut at 1e-11, finer than the 32 bits of a word.
 */

/** 2^(k - 31): brings a word of k leading zeros between 1 and 2. */
const SCALE = Float64Array.from({ length: 33 }, (_, k) => 2 ** (k - 31));
const ROOT_2 = Math.SQRT2;
const LN_2 = Math.LN2;
const QUADRANT = 2 ** 30;
/** Whole right angles. */
const COS = Float64Array.of(1, 0, -1, 0);
const SIN = Float64Array.of(0, 1, 0, -1);

/** out[0…3] from words[0…3]: even words give lengths, odd ones angles. */
export function normalsOf(words: Uint32Array, out: Float64Array): void {
  for (let k = 0; k < 4; k += 2) {
    const length = Math.sqrt(minusLog(words[k]));
    const word = words[k + 1];
    // The angle is quadrant + 1/2 right angles and x; the sine and cosine of the half are the root of one
    // half.
    const quadrant = word >>> 30;
    const x = (((word & (QUADRANT - 1)) + 0.5) / QUADRANT - 0.5) * (Math.PI / 2);
    const s = x * x;
    const sin = x * (1 + s * (-1 / 6 + s * (1 / 120 + s * (-1 / 5040 + s * (1 / 362880 - s / 39916800)))));
    const cos =
      1 + s * (-1 / 2 + s * (1 / 24 + s * (-1 / 720 + s * (1 / 40320 + s * (-1 / 3628800 + s / 479001600)))));
    const near = length * (cos - sin);
    const far = length * (cos + sin);
    out[k] = COS[quadrant] * near - SIN[quadrant] * far;
    out[k + 1] = COS[quadrant] * far + SIN[quadrant] * near;
  }
}

/**
 * -ln u of the uniform draw u = (word + 1/2) / 2^32: with z leading zeros and m = 2^z u * 2, ln m = ln sqrt 2
 * + 2 artanh t.
 */
function minusLog(word: number): number {
  const zeros = Math.clz32(word);
  const m = (word + 0.5) * SCALE[zeros];
  const t = (m - ROOT_2) / (m + ROOT_2);
  const s = t * t;
  return (
    LN_2 * (zeros + 0.5) -
    2 * t * (1 + s * (1 / 3 + s * (1 / 5 + s * (1 / 7 + s * (1 / 9 + s * (1 / 11 + s / 13))))))
  );
}
