/**
 * Expressions over complex numbers as pairs of real expressions: what a complex nudge does to a device's
 * equation. Only holomorphic functions have such a pair that means anything for the estimators; kinks are
 * refused by name.
 *
 * The identities for tanh and logistic are chosen to stay finite in float32 at any argument.
 */
import { OhmletError } from "../errors";
import {
  add,
  call,
  children,
  clip,
  dependence,
  divide,
  fold,
  multiply,
  negate,
  number,
  power,
  subtract,
  symbol,
  where,
  type Expression,
  type UnaryFunction,
} from "./expression";
import { show } from "./show";

/** Real and imaginary part. An imaginary part that is the number 0 marks a real value. */
export interface Pair {
  readonly re: Expression;
  readonly im: Expression;
}

const ZERO = number(0);
const ONE = number(1);
const HALF = number(0.5);
const real = (re: Expression): Pair => ({ re, im: ZERO });
const isReal = ({ im }: Pair): boolean => im.kind === "number" && im.value === 0;
const square = (e: Expression): Expression => multiply(e, e);
/** Beyond this tanh is 1 and sech is 0 to the last bit of a float64. */
const SATURATION = 40;
/**
 * Largest integer power written as products, of which it takes two a binary digit at most. exp(n log z) knows
 * no z = 0.
 */
const LARGEST_PRODUCT = 1000;

/** Whether no kink or jump acts on a complex value: whether `complexify` will succeed. */
export function isHolomorphic(e: Expression, isComplex: (name: string) => boolean): boolean {
  return findKink(e, isComplex) === null;
}

/**
 * Rewrites `e` over pairs of real symbols.
 * @param isComplex which symbols stand for complex values
 * @param names the real symbols of a complex one's parts
 * @param where the device, for errors
 * @throws EQ-HOLOMORPHIC for abs, sign, floor, min, max, clip and where of complex values
 */
export function complexify(
  e: Expression,
  isComplex: (name: string) => boolean,
  names: (name: string) => { readonly re: string; readonly im: string },
  where = "an equation",
): Pair {
  const kink = findKink(e, isComplex);
  if (kink !== null) {
    throw new OhmletError({
      code: "EQ-HOLOMORPHIC",
      fact:
        `${show(kink)} has a kink or a jump, so it cannot take the complex values of an oscillating ` +
        "nudge",
      place: { where },
      remedy: `${smoothAlternative(kink)}; or nudge with real amplitudes`,
    });
  }
  const pairOf = (name: string): Pair => {
    if (!isComplex(name)) return real(symbol(name));
    const { re, im } = names(name);
    return { re: symbol(re), im: symbol(im) };
  };
  return fold<Pair>(e, (part, of) => split(part, of, pairOf));
}

/** The innermost piecewise part that acts on a complex value, or null. */
function findKink(e: Expression, isComplex: (name: string) => boolean): Expression | null {
  const touched = dependence(isComplex);
  return fold<Expression | null>(
    e,
    (part, of) =>
      innerParts(part)
        .map(of)
        .find((kink) => kink !== null) ?? (jumps(part, touched) ? part : null),
    { parts: innerParts },
  );
}

/**
 * What may hold a kink of its own. A clip is shown whole rather than by its inner maximum; a test is part of
 * its `where`.
 */
function innerParts(e: Expression): readonly Expression[] {
  if (e.kind === "where") return [e.then, e.otherwise];
  const isClip =
    e.kind === "binary" &&
    (e.op === "min" || e.op === "max") &&
    e.left.kind === "binary" &&
    e.left.op === "max";
  return isClip ? [...children(e.left), e.right] : children(e);
}

/** Whether a part itself has a kink or a jump, on a complex value. */
function jumps(e: Expression, touched: (part: Expression) => boolean): boolean {
  switch (e.kind) {
    case "call":
      return (e.fn === "abs" || e.fn === "sign" || e.fn === "floor") && touched(e);
    case "where":
      return touched(e.test.left) || touched(e.test.right);
    case "binary":
      return (e.op === "min" || e.op === "max") && touched(e);
    default:
      return false;
  }
}

function smoothAlternative(kink: Expression): string {
  if (kink.kind === "call" && kink.fn === "abs")
    return "use a smooth function such as sqrt(x^2 + epsilon^2) for abs(x)";
  if (kink.kind === "call" && kink.fn === "floor")
    return "leave steps out of what states go through, or smooth them";
  if (kink.kind === "call") return "use a smooth function such as tanh(x/width) for sign(x)";
  if (kink.kind === "where") return "use a smooth transition such as a + (b - a)*logistic(x/width) for where";
  if (kink.kind === "binary" && kink.op === "max")
    return "use a smooth function such as log(1 + exp(x)) for max(x, 0)";
  return "use a smooth function such as 1/(1 + exp(-4*(u - 0.5))) for a clip to [0, 1]";
}

function split(e: Expression, inner: (part: Expression) => Pair, pairOf: (name: string) => Pair): Pair {
  switch (e.kind) {
    case "number":
      return real(e);
    case "symbol":
      return pairOf(e.name);
    case "negate": {
      const { re, im } = inner(e.of);
      return { re: negate(re), im: negate(im) };
    }
    case "call": {
      const z = inner(e.of);
      return isReal(z) ? real(call(e.fn, z.re)) : splitCall(e.fn, z);
    }
    case "where": {
      const [a, b] = [inner(e.then), inner(e.otherwise)];
      const both = isReal(a) && isReal(b);
      return { re: where(e.test, a.re, b.re), im: both ? ZERO : where(e.test, a.im, b.im) };
    }
    case "binary": {
      const [a, b] = [inner(e.left), inner(e.right)];
      switch (e.op) {
        case "add":
          return { re: add(a.re, b.re), im: add(a.im, b.im) };
        case "subtract":
          return { re: subtract(a.re, b.re), im: subtract(a.im, b.im) };
        case "multiply":
          return times(a, b);
        case "divide":
          return over(a, b);
        case "power":
          return raise(a, b);
        case "min":
        case "max":
          return real(e);
      }
    }
  }
}

function splitCall(fn: UnaryFunction, { re: x, im: y }: Pair): Pair {
  const [cos, sin] = [call("cos", y), call("sin", y)];
  switch (fn) {
    case "exp":
      return scale({ re: cos, im: sin }, call("exp", x));
    case "log":
      return { re: multiply(HALF, call("log", add(square(x), square(y)))), im: angle(x, y) };
    case "sqrt":
      return squareRoot(x, y);
    case "sin":
      return { re: multiply(call("sin", x), cosh(y)), im: multiply(call("cos", x), sinh(y)) };
    case "cos":
      return { re: multiply(call("cos", x), cosh(y)), im: negate(multiply(call("sin", x), sinh(y))) };
    case "tanh":
      return tanhOfHalf(multiply(number(2), x), multiply(number(2), y));
    case "logistic": {
      // 1/(1 + e^(-z)), expanded by its conjugate, with q = e^(-|x|), which overflows nowhere.
      const q = call("exp", negate(call("abs", x)));
      const cosine = call("cos", y);
      const below = add(ONE, multiply(q, add(multiply(number(2), cosine), q)));
      const above = where(
        { comparison: ">=", left: x, right: ZERO },
        add(ONE, multiply(q, cosine)),
        multiply(q, add(cosine, q)),
      );
      return { re: divide(above, below), im: divide(multiply(q, call("sin", y)), below) };
    }
    case "atan": {
      // atan(z) = (log(1 + iz) - log(1 - iz))/2i
      const [above, below] = [add(ONE, y), subtract(ONE, y)];
      const ratio = divide(add(square(x), square(above)), add(square(x), square(below)));
      return {
        re: multiply(HALF, add(angle(below, x), angle(above, x))),
        im: multiply(number(0.25), call("log", ratio)),
      };
    }
    case "exprel":
      return exprel(x, y);
    case "abs":
    case "sign":
    case "floor":
      throw new TypeError(`${fn} is not holomorphic`);
  }
}

/** Between these, |z|^2 and its products are float32's normal numbers; below and beyond, exprel is 1. */
const [SMALLEST_SQUARE, LARGEST_SQUARE] = [1e-30, 1e36];

/** (e^z - 1)/z, with e^z - 1 = (e^x - 1) cos y - 2 sin^2(y/2) + i e^x sin y, which cancels nothing. */
function exprel(x: Expression, y: Expression): Pair {
  const grown = multiply(x, call("exprel", x));
  const half = call("sin", multiply(HALF, y));
  const above = {
    re: subtract(multiply(grown, call("cos", y)), multiply(number(2), square(half))),
    im: multiply(add(ONE, grown), call("sin", y)),
  };
  const found = over(above, { re: x, im: y });
  const below = (inside: Expression, outside: Expression): Expression =>
    where({ comparison: "<=", left: x, right: ONE }, inside, outside);
  const size = add(square(x), square(y));
  const known = (inside: Expression, outside: Expression): Expression =>
    where(
      { comparison: ">", left: size, right: number(SMALLEST_SQUARE) },
      where({ comparison: "<", left: size, right: number(LARGEST_SQUARE) }, inside, outside),
      outside,
    );
  return { re: known(below(found.re, number(Math.E - 1)), ONE), im: known(below(found.im, ZERO), ZERO) };
}

/**
 * tanh((x + iy)/2) = (tanh x + i sech x sin y) / (1 + sech x cos y). The clip keeps exp(x) within a float32.
 */
function tanhOfHalf(x: Expression, y: Expression): Pair {
  const bounded = clip(x, number(-SATURATION), number(SATURATION));
  const sech = divide(number(2), add(call("exp", bounded), call("exp", negate(bounded))));
  const below = add(ONE, multiply(sech, call("cos", y)));
  return { re: divide(call("tanh", bounded), below), im: divide(multiply(sech, call("sin", y)), below) };
}

/** The principal root: the part that is not cancelled is computed first, the other from it. */
function squareRoot(x: Expression, y: Expression): Pair {
  const size = call("sqrt", add(square(x), square(y)));
  const large = call("sqrt", multiply(HALF, add(size, call("abs", x))));
  const small = where({ comparison: ">", left: large, right: ZERO }, divide(multiply(HALF, y), large), ZERO);
  const side = { comparison: ">=", left: x, right: ZERO } as const;
  const sign = where({ comparison: ">=", left: y, right: ZERO }, ONE, number(-1));
  return { re: where(side, large, call("abs", small)), im: where(side, small, multiply(sign, large)) };
}

/**
 * The argument of x + iy in (-pi, pi], by half angles: exact but on the negative real axis, where it is pi.
 */
function angle(x: Expression, y: Expression): Expression {
  const size = call("sqrt", add(square(x), square(y)));
  const right = multiply(number(2), call("atan", divide(y, add(size, x))));
  const far = multiply(number(2), call("atan", divide(subtract(size, x), y)));
  const left = where({ comparison: ">", left: call("abs", y), right: ZERO }, far, number(Math.PI));
  return where({ comparison: ">=", left: x, right: ZERO }, right, left);
}

const cosh = (y: Expression): Expression => multiply(HALF, add(call("exp", y), call("exp", negate(y))));
/** tanh * cosh keeps small values that exp(y) - exp(-y) would cancel. */
const sinh = (y: Expression): Expression => multiply(call("tanh", y), cosh(y));

const scale = ({ re, im }: Pair, factor: Expression): Pair => ({
  re: multiply(factor, re),
  im: multiply(factor, im),
});

function times(a: Pair, b: Pair): Pair {
  if (isReal(a)) return scale(b, a.re);
  if (isReal(b)) return { re: multiply(a.re, b.re), im: multiply(a.im, b.re) };
  return {
    re: subtract(multiply(a.re, b.re), multiply(a.im, b.im)),
    im: add(multiply(a.re, b.im), multiply(a.im, b.re)),
  };
}

function over(a: Pair, b: Pair): Pair {
  if (isReal(b)) return { re: divide(a.re, b.re), im: isReal(a) ? ZERO : divide(a.im, b.re) };
  const size = add(square(b.re), square(b.im));
  const above = times(a, { re: b.re, im: negate(b.im) });
  return { re: divide(above.re, size), im: divide(above.im, size) };
}

function raise(base: Pair, exponent: Pair): Pair {
  if (isReal(base) && isReal(exponent)) return real(power(base.re, exponent.re));
  const n = exponent.re.kind === "number" && isReal(exponent) ? exponent.re.value : NaN;
  if (Number.isInteger(n) && Math.abs(n) <= LARGEST_PRODUCT) return integerPower(base, n);
  // z^w = exp(w log z)
  const log = isReal(base) ? real(call("log", base.re)) : splitCall("log", base);
  return splitCall("exp", times(exponent, log));
}

function integerPower(base: Pair, n: number): Pair {
  if (n < 0) return over(real(ONE), integerPower(base, -n));
  if (n === 0) return real(ONE);
  const half = integerPower(base, Math.floor(n / 2));
  const even = n < 2 ? real(ONE) : times(half, half);
  return n % 2 === 0 ? even : times(base, even);
}
