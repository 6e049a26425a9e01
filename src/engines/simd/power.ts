/**
 * x^y of four float32. Small whole exponents are products. Others are exp(y log |x|) with the logarithm and
 * the product in float64: in float32 their rounding would grow with the exponent.
 */
import type { Code } from "./assembler";
import { expNearZero, scale, split } from "./exponential";
import {
  absolute,
  both,
  choose,
  differ,
  divide,
  double,
  doubles,
  equal,
  greater,
  integer,
  join,
  keep,
  less,
  multiply,
  nearest,
  real,
  root,
  toInteger,
  unequal,
  type Value,
} from "./values";

/** Each factor adds about half a unit in the last place. */
const LARGEST_PRODUCT = 8;
/** 2/3, 2/5, … 2/15: log((1 + s) / (1 - s)) = s (2 + 2/3 s^2 + …) to 3e-14 for s^2 < 0.03. */
const LOG_SERIES = Array.from({ length: 8 }, (_, i) => 2 / (2 * i + 1));

/** x^exponent for an exponent that is written in the expression. */
export function powerOf(code: Code, of: Value, exponent: number): Value {
  const x = keep(code, of);
  if (exponent === 0.5) return root(x);
  if (!Number.isInteger(exponent) || Math.abs(exponent) > LARGEST_PRODUCT)
    return power(code, x, real(exponent));
  const product = repeated(code, x, Math.abs(exponent));
  return exponent < 0 ? divide(real(1), product) : product;
}

function repeated(code: Code, x: Value, n: number): Value {
  if (n === 0) return real(1);
  if (n === 1) return x;
  const half = keep(code, repeated(code, x, Math.floor(n / 2)));
  return n % 2 === 0 ? multiply(half, half) : multiply(multiply(half, half), x);
}

export function power(code: Code, base: Value, exponent: Value): Value {
  const x = keep(code, base);
  const y = keep(code, exponent);
  const size = keep(code, absolute(x));
  const found = keep(code, positivePower(code, size, y));
  const whole = equal(nearest(y), y);
  const halved = keep(code, multiply(y, real(0.5)));
  const odd = unequal(nearest(halved), halved);
  const negative = keep(code, less(x, real(0)));
  const signed = differ(found, both(both(negative, odd), integer(-(2 ** 31))));
  const ofNegative = choose(whole, signed, real(Number.NaN));
  const known = choose(negative, ofNegative, found);
  return choose(equal(y, real(0)), real(1), choose(equal(y, y), known, y));
}

/** size^y for size >= 0; what y = 0 gives is not used. */
function positivePower(code: Code, size: Value, y: Value): Value {
  const { m, k } = split(code, size);
  const parts = (["lower", "upper"] as const).map((half) => {
    const f = keep(code, doubles.subtract(doubles[half](m), double(1)));
    const s = keep(code, doubles.divide(f, doubles.add(f, double(2))));
    const z = keep(code, doubles.multiply(s, s));
    const series = LOG_SERIES.reduceRight<Value | null>(
      (sum, c) => (sum === null ? double(c) : doubles.add(double(c), doubles.multiply(z, sum))),
      null,
    ) as Value;
    const log = doubles.add(
      doubles.multiply(doubles[half](k), double(Math.LN2)),
      doubles.multiply(s, series),
    );
    const t = keep(
      code,
      doubles.minimum(doubles.maximum(doubles.multiply(doubles[half](y), log), double(-160)), double(160)),
    );
    const n = keep(code, doubles.nearest(doubles.multiply(t, double(Math.LOG2E))));
    return {
      r: keep(code, doubles.toReal(doubles.subtract(t, doubles.multiply(n, double(Math.LN2))))),
      n: keep(code, doubles.toReal(n)),
    };
  });
  const r = keep(code, join(parts[0].r, parts[1].r));
  const n = keep(code, join(parts[0].n, parts[1].n));
  const finite = scale(code, expNearZero(r), toInteger(n));
  const rising = keep(code, greater(y, real(0)));
  const ofZero = choose(rising, real(0), real(Infinity));
  const ofInfinity = choose(rising, real(Infinity), real(0));
  // What is neither is NaN, and stays.
  const outside = choose(equal(size, real(0)), ofZero, choose(equal(size, real(Infinity)), ofInfinity, size));
  return choose(both(greater(size, real(0)), less(size, real(Infinity))), finite, outside);
}
