/** sin, cos and atan of four float32. How exact each is stands in docs/engines.md and is tested. */
import type { Code } from "./assembler";
import {
  absolute,
  add,
  addIntegers,
  both,
  choose,
  divide,
  doubles,
  double,
  equalIntegers,
  greater,
  integer,
  join,
  keep,
  multiply,
  polynomial,
  real,
  differ,
  shiftLeft,
  subtract,
  withSign,
  type Value,
} from "./values";

/** A right angle in two float64: multiples of the first, of 33 bits, are exact up to 2^20 right angles. */
const RIGHT_ANGLE_HIGH = 1.5707963267341256;
const RIGHT_ANGLE_LOW = 6.077100506506192e-11;
/**
 * sin r = r + r^3 S(r^2), cos r = 1 - r^2/2 + r^4 C(r^2), atan t = t + t^3 A(t^2): coefficients of the Cephes
 * library (Moshier).
 */
const SIN_SERIES = [-1.6666654611e-1, 8.3321608736e-3, -1.9515295891e-4];
const COS_SERIES = [4.166664568298827e-2, -1.388731625493765e-3, 2.443315711809948e-5];
const ATAN_SERIES = [-3.33329491539e-1, 1.99777106478e-1, -1.38776856032e-1, 8.05374449538e-2];

/** x = n right angles and r, |r| <= pi / 4. Beyond 10^9 n is no longer known, and r is only bounded. */
function reduce(code: Code, x: Value): { r: Value; n: Value } {
  const parts = [doubles.lower(x), doubles.upper(x)].map((half) => {
    const d = keep(code, half);
    const n = keep(code, doubles.nearest(doubles.multiply(d, double(2 / Math.PI))));
    const rest = doubles.subtract(
      doubles.subtract(d, doubles.multiply(n, double(RIGHT_ANGLE_HIGH))),
      doubles.multiply(n, double(RIGHT_ANGLE_LOW)),
    );
    return {
      r: keep(code, doubles.toReal(doubles.minimum(doubles.maximum(rest, double(-1)), double(1)))),
      n: keep(code, doubles.toInteger(n)),
    };
  });
  return { r: keep(code, join(parts[0].r, parts[1].r)), n: keep(code, join(parts[0].n, parts[1].n)) };
}

/** Sine and cosine of one angle, each to be read once. */
export function sinAndCos(code: Code, of: Value): { sin: Value; cos: Value } {
  const { r, n } = reduce(code, keep(code, of));
  const square = keep(code, multiply(r, r));
  const short = keep(code, add(r, multiply(multiply(r, square), polynomial(square, SIN_SERIES))));
  const long = keep(
    code,
    subtract(
      real(1),
      subtract(
        multiply(real(0.5), square),
        multiply(multiply(square, square), polynomial(square, COS_SERIES)),
      ),
    ),
  );
  const even = keep(code, equalIntegers(both(n, integer(1)), integer(0)));
  /** Negative in the third and fourth of four right angles. */
  const signed = (size: Value, turned: Value): Value => differ(size, shiftLeft(both(turned, integer(2)), 30));
  return {
    sin: signed(choose(even, short, long), n),
    cos: signed(choose(even, long, short), addIntegers(n, integer(1))),
  };
}

/** What float32 loses of a constant. */
const lostOf = (value: number): number => value - Math.fround(value);

export function atan(code: Code, of: Value): Value {
  const x = keep(code, of);
  const size = keep(code, absolute(x));
  // Beyond tan(3 pi / 8), beyond tan(pi / 8), and below.
  const far = keep(code, greater(size, real(2.414213562373095)));
  const middle = keep(code, greater(size, real(0.4142135623730951)));
  const t = keep(
    code,
    choose(
      far,
      divide(real(-1), size),
      choose(middle, divide(subtract(size, real(1)), add(size, real(1))), size),
    ),
  );
  const start = choose(far, real(Math.PI / 2), choose(middle, real(Math.PI / 4), real(0)));
  const lost = choose(far, real(lostOf(Math.PI / 2)), choose(middle, real(lostOf(Math.PI / 4)), real(0)));
  const square = keep(code, multiply(t, t));
  return withSign(
    add(start, add(t, add(lost, multiply(multiply(t, square), polynomial(square, ATAN_SERIES))))),
    x,
  );
}
