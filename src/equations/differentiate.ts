/**
 * Symbolic derivatives. Piecewise functions are differentiated piece by piece. At a kink with one flat side
 * the slope is that of the other: clip(x, 0, 1) has slope 1 on the closed interval [0, 1], the convention of
 * O'Connor 2019 and Ernoult 2019 (without it a net that starts at zero never moves).
 */
import {
  add,
  call,
  dependence,
  divide,
  fold,
  multiply,
  negate,
  number,
  power,
  subtract,
  where,
  type Comparison,
  type Expression,
} from "./expression";

const ZERO = number(0);
const isZero = (e: Expression): boolean => e.kind === "number" && e.value === 0;

/**
 * The derivative of `e` with respect to the symbol `name`; all other symbols are constants. Shared parts have
 * shared derivatives.
 */
export function differentiate(e: Expression, name: string): Expression {
  return fold<Expression>(e, (part, d) => derivative(part, d, name));
}

function derivative(e: Expression, d: (part: Expression) => Expression, name: string): Expression {
  switch (e.kind) {
    case "number":
      return ZERO;
    case "symbol":
      return e.name === name ? number(1) : ZERO;
    case "negate":
      return negate(d(e.of));
    case "call":
      return chain(e, d(e.of));
    case "where":
      return branch(e.test.comparison, e.test.left, e.test.right, d(e.then), d(e.otherwise));
    case "binary":
      break;
  }
  const { left, right } = e;
  const [dl, dr] = [d(left), d(right)];
  switch (e.op) {
    case "add":
      return add(dl, dr);
    case "subtract":
      return subtract(dl, dr);
    case "multiply":
      return add(multiply(dl, right), multiply(left, dr));
    case "divide":
      return isZero(dr)
        ? divide(dl, right)
        : divide(subtract(multiply(dl, right), multiply(left, dr)), multiply(right, right));
    case "power":
      return differentiatePower(left, right, dl, dr);
    case "min":
      return isZero(dl) ? branch("<=", right, left, dr, dl) : branch("<=", left, right, dl, dr);
    case "max":
      return isZero(dl) ? branch(">=", right, left, dr, dl) : branch(">=", left, right, dl, dr);
  }
}

function chain(e: Extract<Expression, { kind: "call" }>, inner: Expression): Expression {
  if (isZero(inner)) return ZERO;
  const x = e.of;
  switch (e.fn) {
    case "exp":
      return multiply(inner, e);
    case "log":
      return divide(inner, x);
    case "sqrt":
      return divide(inner, multiply(number(2), e));
    case "sin":
      return multiply(inner, call("cos", x));
    case "cos":
      return negate(multiply(inner, call("sin", x)));
    case "tanh":
      return multiply(inner, subtract(number(1), multiply(e, e)));
    case "atan":
      return divide(inner, add(number(1), multiply(x, x)));
    case "logistic":
      return multiply(inner, multiply(e, subtract(number(1), e)));
    case "abs":
      return multiply(inner, call("sign", x));
    case "sign":
    case "floor":
      return ZERO;
    case "exprel":
      return multiply(inner, slopeOfExprel(e, x));
  }
}

/** (e^x - exprel x)/x; near 0, where that cancels, its series, and 0 beyond 1. */
function slopeOfExprel(e: Expression, x: Expression): Expression {
  const series = [1 / 2, 1 / 3, 1 / 8, 1 / 30].reduceRight<Expression>(
    (sum, c) => add(number(c), multiply(x, sum)),
    ZERO,
  );
  const far = branch("<=", x, number(1), divide(subtract(call("exp", x), e), x), ZERO);
  return branch("<", call("abs", x), number(0.01), series, far);
}

function differentiatePower(
  base: Expression,
  exponent: Expression,
  dBase: Expression,
  dExponent: Expression,
): Expression {
  const ofBase = isZero(dBase)
    ? ZERO
    : multiply(multiply(exponent, power(base, subtract(exponent, number(1)))), dBase);
  if (isZero(dExponent)) return ofBase;
  return add(ofBase, multiply(multiply(power(base, exponent), call("log", base)), dExponent));
}

/** A `where`, unless both branches are the same constant. */
function branch(
  comparison: Comparison,
  left: Expression,
  right: Expression,
  then: Expression,
  otherwise: Expression,
): Expression {
  if (then.kind === "number" && otherwise.kind === "number" && then.value === otherwise.value) return then;
  return where({ comparison, left, right }, then, otherwise);
}

/** constant + coefficient * symbol. */
export interface Linear {
  readonly constant: Expression;
  readonly coefficient: Expression;
}

/**
 * Splits `e` into constant + coefficient * symbol, or returns null where `e` is not visibly linear in the
 * symbol.
 */
export function splitLinear(e: Expression, name: string): Linear | null {
  const depends = dependence((each) => each === name);
  return fold<Linear | null>(
    e,
    (part, of) => (depends(part) ? splitNode(part, of, depends) : { constant: part, coefficient: ZERO }),
    { parts: (part) => (depends(part) ? summands(part) : []) },
  );
}

/** The parts of a node that have to be linear for it to be. */
function summands(e: Expression): readonly Expression[] {
  if (e.kind === "negate") return [e.of];
  if (e.kind === "where") return [e.then, e.otherwise];
  return e.kind === "binary" ? [e.left, e.right] : [];
}

function splitNode(
  e: Expression,
  of: (part: Expression) => Linear | null,
  depends: (part: Expression) => boolean,
): Linear | null {
  const both = (
    f: (a: Expression, b: Expression) => Expression,
    a: Expression,
    b: Expression,
  ): Linear | null => {
    const [x, y] = [of(a), of(b)];
    return x && y && { constant: f(x.constant, y.constant), coefficient: f(x.coefficient, y.coefficient) };
  };
  const each = (f: (a: Expression) => Expression, a: Expression): Linear | null => {
    const x = of(a);
    return x && { constant: f(x.constant), coefficient: f(x.coefficient) };
  };
  switch (e.kind) {
    case "symbol":
      return { constant: ZERO, coefficient: number(1) };
    case "negate":
      return each(negate, e.of);
    case "where":
      if (depends(e.test.left) || depends(e.test.right)) return null;
      return both((a, b) => (isZero(a) && isZero(b) ? ZERO : where(e.test, a, b)), e.then, e.otherwise);
    case "binary":
      if (e.op === "add") return both(add, e.left, e.right);
      if (e.op === "subtract") return both(subtract, e.left, e.right);
      if (e.op === "multiply" && !depends(e.left)) return each((x) => multiply(e.left, x), e.right);
      if (e.op === "multiply" && !depends(e.right)) return each((x) => multiply(x, e.right), e.left);
      if (e.op === "divide" && !depends(e.right)) return each((x) => divide(x, e.right), e.left);
      return null;
    default:
      return null;
  }
}
