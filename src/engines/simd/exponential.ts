/**
 * exp, exprel, log, logistic and tanh of four float32, by range reduction and short polynomials. How exact
 * each is stands in docs/engines.md and is tested. Infinities and NaN come out as from Math; results below
 * 2^-126 may lose digits.
 */
import type { Code } from "./assembler";
import {
  absolute,
  add,
  addIntegers,
  atMost,
  both,
  choose,
  divide,
  equal,
  fromInteger,
  greater,
  integer,
  keep,
  less,
  multiply,
  negative,
  polynomial,
  real,
  shiftLeft,
  shiftRight,
  subtract,
  subtractIntegers,
  withSign,
  within,
  type Value,
} from "./values";

/** ln 2 in two parts; the first has so few bits that a product with an exponent is exact (Cody and Waite). */
const LN2_HIGH = 0.693359375;
const LN2_LOW = -2.1219444005469057e-4;
const LN2_HIGH_OF_LOG = 0.693138122558594;
const LN2_LOW_OF_LOG = 9.0580006145e-6;
/** 1/2!, 1/3!, … 1/7!: for |r| < 0.35 what is left out is 5e-9. */
const EXP_SERIES = [1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040];
/** The same, fitted to |r| < 0.347: off by 3.1e-9 at most. */
const EXP_FIT = [
  0.4999999403953552, 0.1666651964187622, 0.041668396443128586, 0.008368796668946743, 0.0013814433477818966,
];
/** log((1 + s) / (1 - s)) = 2 s + s (2/3 s^2 + 2/5 s^4 + …). */
const LOG_SERIES = [2 / 3, 2 / 5, 2 / 7, 2 / 9];
/** tanh x = x + x^3 P(x^2) for |x| < 0.625: coefficients of the Cephes library (Moshier). */
const TANH_SERIES = [
  -3.33332819422e-1, 1.33314422036e-1, -5.37397155531e-2, 2.06390887954e-2, -5.70498872745e-3,
];
/** 1.5 x 2^23: float32 holds whole numbers only from half of it to the next power of two. */
const ROUNDER = 12582912;
const BITS_OF_ROUNDER = 0x4b400000;
const BITS_OF_ROOT_HALF = 0x3f3504f3;

/** p 2^n for integers n from -252 to 254, in two steps, so that neither factor leaves float32. */
export function scale(code: Code, p: Value, n: Value): Value {
  const whole = keep(code, n);
  const half = keep(code, shiftRight(whole, 1));
  const powerOfTwo = (k: Value): Value => shiftLeft(addIntegers(k, integer(127)), 23);
  return multiply(multiply(p, powerOfTwo(half)), powerOfTwo(subtractIntegers(whole, half)));
}

/** e^(r + rest) for |r| <= ln(2) / 2 and a rest that r lost by rounding. */
export function expNearZero(r: Value, rest?: Value): Value {
  const tail = multiply(multiply(r, r), polynomial(r, EXP_SERIES));
  return add(real(1), add(r, rest === undefined ? tail : add(rest, tail)));
}

/** @param highest what larger arguments are taken for */
export function exp(code: Code, of: Value, highest = 89): Value {
  // Beyond these, zero and infinity in float32.
  const x = keep(code, within(of, -104, highest));
  // The sum rounds to a whole number, which then stands in its lowest bits.
  const rounded = keep(code, add(multiply(x, real(Math.LOG2E)), real(ROUNDER)));
  const n = keep(code, subtract(rounded, real(ROUNDER)));
  const high = keep(code, subtract(x, multiply(n, real(LN2_HIGH))));
  const low = keep(code, multiply(n, real(LN2_LOW)));
  const r = keep(code, subtract(high, low));
  return scale(
    code,
    expNearZero(r, subtract(subtract(high, r), low)),
    subtractIntegers(rounded, integer(BITS_OF_ROUNDER)),
  );
}

/**
 * e^x for -87 <= x <= 88, where it and 2^n are normal numbers: the power of two is added to the exponent's bits. What
 * rounding takes from r is left, a quarter of a unit in the last place.
 */
function expInRange(code: Code, x: Value): Value {
  const rounded = keep(code, add(multiply(x, real(Math.LOG2E)), real(ROUNDER)));
  const n = keep(code, subtract(rounded, real(ROUNDER)));
  const r = keep(code, subtract(subtract(x, multiply(n, real(LN2_HIGH))), multiply(n, real(LN2_LOW))));
  const near = add(real(1), add(r, multiply(multiply(r, r), polynomial(r, EXP_FIT))));
  // Nothing of the rounder is left in the bits that stay.
  return addIntegers(near, shiftLeft(rounded, 23));
}

/** 1 / (1 + e^-x). */
export function logistic(code: Code, of: Value): Value {
  const x = keep(code, of);
  const power = expInRange(code, keep(code, within(negative(x), -87, 88)));
  return choose(less(x, real(-88)), real(0), divide(real(1), add(real(1), power)));
}

export function tanh(code: Code, of: Value): Value {
  const x = keep(code, of);
  const size = keep(code, absolute(x));
  const square = keep(code, multiply(x, x));
  const near = keep(code, add(x, multiply(multiply(x, square), polynomial(square, TANH_SERIES))));
  const far = subtract(real(1), divide(real(2), add(exp(code, add(size, size)), real(1))));
  return choose(less(size, real(0.625)), near, withSign(far, x));
}

/** (e^x - 1)/x for x up to 1, and what it is there beyond; 1 of what is no finite number. */
export function exprel(code: Code, of: Value): Value {
  const x = keep(code, of);
  const size = keep(code, absolute(x));
  const near = add(real(1), multiply(x, polynomial(x, EXP_SERIES)));
  const bounded = keep(code, atMost(x, real(1)));
  const far = divide(subtract(exp(code, bounded), real(1)), bounded);
  return choose(less(size, real(0.35)), near, choose(less(size, real(Infinity)), far, real(1)));
}

/** x = m 2^k with m in [sqrt 1/2, sqrt 2), for finite x > 0. */
export function split(code: Code, x: Value): { m: Value; k: Value } {
  const tiny = keep(code, less(x, real(2 ** -126)));
  const normal = keep(code, choose(tiny, multiply(x, real(2 ** 23)), x));
  const k = keep(code, shiftRight(subtractIntegers(normal, integer(BITS_OF_ROOT_HALF)), 23));
  const m = keep(code, subtractIntegers(normal, shiftLeft(k, 23)));
  return { m, k: keep(code, fromInteger(subtractIntegers(k, both(tiny, integer(23))))) };
}

export function log(code: Code, of: Value): Value {
  const x = keep(code, of);
  const { m, k } = split(code, x);
  const f = keep(code, subtract(m, real(1)));
  const s = keep(code, divide(f, add(f, real(2))));
  const z = keep(code, multiply(s, s));
  const half = keep(code, multiply(real(0.5), multiply(f, f)));
  // log m = f - (f^2/2 - s (f^2/2 + z P(z))): the large term is exact, only corrections are rounded (as in
  // fdlibm).
  const correction = add(
    multiply(s, add(half, multiply(z, polynomial(z, LOG_SERIES)))),
    multiply(k, real(LN2_LOW_OF_LOG)),
  );
  const found = subtract(multiply(k, real(LN2_HIGH_OF_LOG)), subtract(subtract(half, correction), f));
  const outside = choose(equal(x, real(0)), real(-Infinity), choose(less(x, real(0)), real(Number.NaN), x));
  return choose(both(greater(x, real(0)), less(x, real(Infinity))), found, outside);
}
