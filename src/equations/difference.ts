/**
 * Exact differences: e(x + d) - e(x) as an expression of x and d that has all its digits, however small d is beside
 * x. Subtracting two values loses as many digits as they share; here nothing is subtracted that was nearly the same
 * before: what every part adds is known from what its own parts add. Sums and products are expanded, exp becomes
 * exp(x) expm1(d), a logistic a product of three positive factors, a sine 2 cos(x + d/2) sin(d/2); what is piecewise
 * goes by cases. Not here: derivatives (differentiate.ts), which are these divided by d, for d to 0.
 */
import {
  add,
  call,
  dependence,
  divide,
  fold,
  maximum,
  minimum,
  multiply,
  negate,
  number,
  power,
  subtract,
  where,
  type Expression,
} from "./expression";

const [ZERO, ONE, TWO] = [0, 1, 2].map(number);
const isZero = (e: Expression): boolean => e.kind === "number" && e.value === 0;
const half = (e: Expression): Expression => multiply(number(0.5), e);
/** By cases: the condition holds where the left is not larger. */
const ifAtMost = (left: Expression, right: Expression, then: Expression, otherwise: Expression): Expression =>
  where({ comparison: "<=", left, right }, then, otherwise);

/**
 * What `e` changes by when some of its symbols do.
 * @param added what is added to a symbol; undefined for those that stay
 */
export function difference(e: Expression, added: (name: string) => Expression | undefined): Expression {
  const changes = dependence((name) => added(name) !== undefined);
  return fold<Expression>(e, (part, of) => (changes(part) ? changeOf(part, of, added) : ZERO));
}

type Change = (part: Expression) => Expression;

function changeOf(e: Expression, of: Change, added: (name: string) => Expression | undefined): Expression {
  switch (e.kind) {
    case "number":
      return ZERO;
    case "symbol":
      return added(e.name) ?? ZERO;
    case "negate":
      return negate(of(e.of));
    case "call":
      return isZero(of(e.of)) ? ZERO : changeOfCall(e, e.of, of(e.of));
    case "where":
      return changeOfBranch(e, of);
    case "binary":
      break;
  }
  const { left, right } = e;
  const [dl, dr] = [of(left), of(right)];
  switch (e.op) {
    case "add":
      return add(dl, dr);
    case "subtract":
      return subtract(dl, dr);
    case "multiply":
      return changeOfProduct(left, right, dl, dr);
    case "divide":
      return divide(subtract(dl, multiply(e, dr)), add(right, dr));
    case "power":
      return changeOfPower(e, left, right, dl, dr);
    // min(a + da, b + db) - a = min(da, (b - a) + db)
    case "min":
      return changeOfExtreme(minimum, [left, dl], [right, dr]);
    case "max":
      return changeOfExtreme(maximum, [right, dr], [left, dl]);
  }
}

const changeOfProduct = (left: Expression, right: Expression, dl: Expression, dr: Expression): Expression =>
  add(multiply(dl, add(right, dr)), multiply(left, dr));

/** @param first which of both it is where that is the smaller */
function changeOfExtreme(
  extreme: typeof minimum,
  [a, da]: readonly [Expression, Expression],
  [b, db]: readonly [Expression, Expression],
): Expression {
  return ifAtMost(
    a,
    b,
    extreme === minimum ? minimum(da, add(subtract(b, a), db)) : maximum(db, add(subtract(a, b), da)),
    extreme === minimum ? minimum(db, add(subtract(a, b), da)) : maximum(da, add(subtract(b, a), db)),
  );
}

/** Of the branch that is taken before and after; else from what one is to what the other becomes. */
function changeOfBranch(e: Extract<Expression, { kind: "where" }>, of: Change): Expression {
  const { comparison, left, right } = e.test;
  const after = { comparison, left: add(left, of(left)), right: add(right, of(right)) };
  const [then, otherwise] = [of(e.then), of(e.otherwise)];
  if (isZero(of(left)) && isZero(of(right)))
    return isZero(then) && isZero(otherwise) ? ZERO : where(e.test, then, otherwise);
  return where(
    e.test,
    where(after, then, add(subtract(e.otherwise, e.then), otherwise)),
    where(after, add(subtract(e.then, e.otherwise), then), otherwise),
  );
}

function changeOfCall(e: Extract<Expression, { kind: "call" }>, x: Expression, d: Expression): Expression {
  const moved = add(x, d);
  const again = call(e.fn, moved);
  switch (e.fn) {
    case "exp":
      return changeOfExp(e, d, moved);
    case "log":
      return logOfOnePlus(divide(d, x));
    case "sqrt": {
      const sum = add(again, e);
      return ifAtMost(sum, ZERO, d, divide(d, sum));
    }
    case "sin":
      return multiply(multiply(TWO, call("cos", add(x, half(d)))), call("sin", half(d)));
    case "cos":
      return multiply(multiply(number(-2), call("sin", add(x, half(d)))), call("sin", half(d)));
    case "tanh": {
      // tanh x = 2 logistic(2x) - 1
      const twice = multiply(TWO, x);
      return multiply(TWO, changeOfLogistic(twice, multiply(TWO, d)));
    }
    case "atan": {
      const turn = add(ONE, multiply(x, moved));
      return ifAtMost(turn, ZERO, subtract(again, e), call("atan", divide(d, turn)));
    }
    case "logistic":
      return changeOfLogistic(x, d);
    case "abs": {
      const across = add(multiply(TWO, x), d);
      return ifAtMost(
        ZERO,
        x,
        ifAtMost(ZERO, moved, d, negate(across)),
        ifAtMost(moved, ZERO, negate(d), across),
      );
    }
    case "sign":
    case "floor":
      return subtract(again, e);
    case "exprel":
      return changeOfExprel(x, d);
  }
}

/** e^x (e^d - 1); where d is large, nothing cancels, and neither factor may leave the engine's numbers. */
const changeOfExp = (e: Expression, d: Expression, moved: Expression): Expression =>
  ifAtMost(d, ONE, multiply(e, multiply(d, call("exprel", d))), subtract(call("exp", moved), e));

/**
 * Of logistic(y) - logistic(x) the three factors that it is a product of, none of which cancels: for y above x these
 * are logistic(y), logistic(-x) and 1 - e^(x - y); below, the same the other way around.
 */
function changeOfLogistic(x: Expression, d: Expression): Expression {
  const y = add(x, d);
  const down = negate(call("abs", d));
  // Never above 0: exprel is what its name says all the way.
  const share = multiply(down, call("exprel", down));
  const from = (low: Expression, high: Expression): Expression =>
    multiply(call("logistic", high), call("logistic", negate(low)));
  return ifAtMost(ZERO, d, negate(multiply(share, from(x, y))), multiply(share, from(y, x)));
}

/** Below this log(1 + t) is taken from its series in t/(2 + t), of which so many terms are a float64. */
const [SMALL, TERMS] = [0.3, 12];

function logOfOnePlus(t: Expression): Expression {
  const s = divide(t, add(TWO, t));
  const square = multiply(s, s);
  let sum: Expression = ZERO;
  for (let k = TERMS; k > 0; k--) sum = multiply(square, add(number(1 / (2 * k + 1)), sum));
  const series = multiply(multiply(TWO, s), add(ONE, sum));
  return ifAtMost(call("abs", t), number(SMALL), series, call("log", add(ONE, t)));
}

/** Whole powers up to this are written as products; larger ones go by logarithms, as any other. */
const LARGEST_PRODUCT = 64;

function changeOfPower(
  e: Expression,
  base: Expression,
  exponent: Expression,
  db: Expression,
  dx: Expression,
): Expression {
  if (isZero(dx) && exponent.kind === "number") {
    const n = exponent.value;
    if (n === 0.5) return changeOfCall({ kind: "call", fn: "sqrt", of: base }, base, db);
    if (Number.isInteger(n) && Math.abs(n) <= LARGEST_PRODUCT) {
      const { value, after, change } = changeOfProducts(base, db, Math.abs(n));
      return n > 0 ? change : negate(divide(change, multiply(value, after)));
    }
  }
  // a^b = exp(b log a), which knows no a below or at 0, nor leads there.
  const moved = add(base, db);
  const after = power(moved, add(exponent, dx));
  const log = isZero(db) ? ZERO : logOfOnePlus(divide(db, base));
  const way = changeOfProduct(exponent, call("log", base), dx, log);
  return ifAtMost(
    minimum(base, moved),
    ZERO,
    subtract(after, e),
    ifAtMost(way, ONE, multiply(e, multiply(way, call("exprel", way))), subtract(after, e)),
  );
}

/** A whole power by squaring, and what it changes by: a^2m by what a^m changes by, times the sum of both. */
function changeOfProducts(
  base: Expression,
  d: Expression,
  n: number,
): { readonly value: Expression; readonly after: Expression; readonly change: Expression } {
  const moved = add(base, d);
  if (n === 1) return { value: base, after: moved, change: d };
  const { value, after, change } = changeOfProducts(base, d, Math.floor(n / 2));
  const squared = multiply(value, value);
  const squaredAfter = multiply(after, after);
  const changed = multiply(change, add(value, after));
  if (n % 2 === 0) return { value: squared, after: squaredAfter, change: changed };
  return {
    value: multiply(squared, base),
    after: multiply(squaredAfter, moved),
    change: add(multiply(changed, moved), multiply(squared, d)),
  };
}

/** Within this of 0 both ends of exprel go by its series; beyond, by x exprel(x) = e^x - 1. */
const [NEAR, SERIES] = [0.5, 14];

/** exprel is flat from 1 on. */
function changeOfExprel(x: Expression, d: Expression): Expression {
  const low = minimum(x, ONE);
  const way = changeOfExtreme(minimum, [x, d], [ONE, ZERO]);
  const y = add(low, way);
  // y^n - x^n = way S_n, with S_1 = 1 and S_(n+1) = y S_n + x^n.
  let [sum, share, power, factorial]: [Expression, Expression, Expression, number] = [ZERO, ONE, ONE, 1];
  for (let n = 1; n <= SERIES; n++) {
    factorial *= n + 1;
    sum = add(sum, multiply(number(1 / factorial), share));
    power = multiply(power, low);
    share = add(multiply(y, share), power);
  }
  // The change of x exprel(x), less what is that of its first factor; by the one farther from 0.
  const rise = changeOfExp(call("exp", low), way, y);
  const [size, sizeThen] = [call("abs", low), call("abs", y)];
  const far = ifAtMost(
    size,
    sizeThen,
    divide(subtract(rise, multiply(way, call("exprel", low))), y),
    divide(subtract(rise, multiply(way, call("exprel", y))), low),
  );
  return ifAtMost(maximum(size, sizeThen), number(NEAR), multiply(way, sum), far);
}
