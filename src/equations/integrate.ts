/**
 * Antiderivatives of the expressions that neurons are made of: polynomials, the functions of the language at
 * linear arguments, a linear factor times one of these, and pieces of them. What is not among them has none
 * here (null), and is for quadrature.
 */
import { splitLinear } from "./differentiate";
import {
  add,
  call,
  dependence,
  divide,
  fold,
  maximum,
  multiply,
  negate,
  number,
  power,
  subtract,
  substitute,
  symbol,
  where,
  type Comparison,
  type Expression,
  type Test,
  type UnaryFunction,
} from "./expression";
import { simplify } from "./simplify";

/** Nested pieces and products that are followed. */
const DEEPEST = 24;
/** Highest power of a polynomial that is multiplied out. */
const HIGHEST = 9;

/**
 * A function whose derivative by the symbol is the expression, or null where none is known. It is continuous
 * where the expression is finite; its value at 0 is not told.
 */
export function integrate(e: Expression, name: string): Expression | null {
  return antiderivative(simplify(e), name, 0);
}

function antiderivative(e: Expression, name: string, depth: number): Expression | null {
  if (depth > DEEPEST) return null;
  const x = symbol(name);
  const depends = dependence((each) => each === name);
  const of = (part: Expression): Expression | null => antiderivative(part, name, depth + 1);
  if (!depends(e)) return multiply(e, x);
  const terms = polynomial(e, name);
  if (terms !== null)
    return terms.reduce<Expression>(
      (sum, c, k) => add(sum, divide(multiply(c, raised(x, k + 1)), number(k + 1))),
      number(0),
    );
  switch (e.kind) {
    case "negate":
      return through(of(e.of), negate);
    case "call":
      return ofCall(e.fn, e.of, name);
    case "where":
      return ofPieces(e.test, e.then, e.otherwise, name, depth);
    case "binary":
      break;
    default:
      return null;
  }
  const { op, left, right } = e;
  switch (op) {
    case "add":
    case "subtract": {
      const [a, b] = [of(left), of(right)];
      return a && b && (op === "add" ? add(a, b) : subtract(a, b));
    }
    case "multiply":
      if (!depends(left)) return through(of(right), (F) => multiply(left, F));
      if (!depends(right)) return through(of(left), (F) => multiply(F, right));
      return ofProduct(left, right, name, depth);
    case "divide":
      if (!depends(right)) return through(of(left), (F) => divide(F, right));
      return depends(left) ? null : through(ofPower(right, number(-1), name), (F) => multiply(left, F));
    case "power":
      return depends(right) ? null : ofPower(left, right, name);
    case "min":
      return ofPieces({ comparison: "<=", left, right }, left, right, name, depth);
    case "max":
      return ofPieces({ comparison: ">=", left, right }, left, right, name, depth);
  }
}

const raised = (x: Expression, times: number): Expression =>
  Array.from({ length: times - 1 }).reduce<Expression>((product) => multiply(product, x), x);

/** Coefficients by power of the symbol, or null. */
function polynomial(e: Expression, name: string): readonly Expression[] | null {
  const depends = dependence((each) => each === name);
  return fold<readonly Expression[] | null>(e, (part, of) => {
    if (!depends(part)) return [part];
    if (part.kind === "symbol") return [number(0), number(1)];
    if (part.kind === "negate") return of(part.of)?.map(negate) ?? null;
    if (part.kind !== "binary") return null;
    const [a, b] = [of(part.left), of(part.right)];
    if (a === null || b === null) return null;
    switch (part.op) {
      case "add":
      case "subtract":
        return Array.from({ length: Math.max(a.length, b.length) }, (_, k) =>
          (part.op === "add" ? add : subtract)(a[k] ?? number(0), b[k] ?? number(0)),
        );
      case "divide":
        return b.length === 1 ? a.map((c) => divide(c, b[0])) : null;
      case "multiply": {
        if (a.length + b.length > HIGHEST) return null;
        const out = Array.from({ length: a.length + b.length - 1 }, () => number(0));
        a.forEach((x, i) => b.forEach((y, k) => (out[i + k] = add(out[i + k], multiply(x, y)))));
        return out;
      }
      default:
        return null;
    }
  });
}

const through = (F: Expression | null, f: (F: Expression) => Expression): Expression | null => F && f(F);

/** Of a function of x, what its antiderivative is; the sums of exponentials are written so that none overflows. */
const PRIMITIVES: Partial<Record<UnaryFunction, (x: Expression) => Expression>> = {
  exp: (x) => call("exp", x),
  sin: (x) => negate(call("cos", x)),
  cos: (x) => call("sin", x),
  // log cosh x, up to a constant.
  tanh: (x) => add(call("abs", x), softened(multiply(number(2), call("abs", x)))),
  logistic: (x) => add(maximum(x, number(0)), softened(call("abs", x))),
  atan: (x) =>
    subtract(multiply(x, call("atan", x)), divide(call("log", add(number(1), multiply(x, x))), number(2))),
  log: (x) => subtract(multiply(x, call("log", x)), x),
  sqrt: (x) => multiply(number(2 / 3), multiply(x, call("sqrt", x))),
  abs: (x) => divide(multiply(x, call("abs", x)), number(2)),
  sign: (x) => call("abs", x),
};

/** log(1 + e^-x) of x that is not below 0. */
const softened = (x: Expression): Expression => call("log", add(number(1), call("exp", negate(x))));

function ofCall(fn: UnaryFunction, argument: Expression, name: string): Expression | null {
  const linear = splitLinear(argument, name);
  const primitive = PRIMITIVES[fn];
  return linear && primitive ? divide(primitive(argument), linear.coefficient) : null;
}

function ofPower(base: Expression, exponent: Expression, name: string): Expression | null {
  const linear = splitLinear(base, name);
  if (linear === null || exponent.kind !== "number") return null;
  const { value } = exponent;
  if (value === -1) return divide(call("log", call("abs", base)), linear.coefficient);
  return divide(power(base, number(value + 1)), multiply(number(value + 1), linear.coefficient));
}

/** By parts, where one factor is linear and the other can be integrated twice; and squares of linear ones. */
function ofProduct(left: Expression, right: Expression, name: string, depth: number): Expression | null {
  for (const [a, b] of [
    [left, right],
    [right, left],
  ]) {
    const linear = splitLinear(a, name);
    if (linear === null) continue;
    const first = antiderivative(b, name, depth + 1);
    const second = first && antiderivative(simplify(first), name, depth + 1);
    if (first && second) return subtract(multiply(a, first), multiply(linear.coefficient, second));
  }
  return null;
}

const TURNED: Readonly<Record<Comparison, Comparison>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

/** Pieces on both sides of a point, joined there. */
function ofPieces(
  { comparison, left, right }: Test,
  then: Expression,
  otherwise: Expression,
  name: string,
  depth: number,
): Expression | null {
  const depends = dependence((each) => each === name);
  const again = (test: Test, a: Expression, b: Expression): Expression => where(test, a, b);
  const of = (e: Expression): Expression | null => antiderivative(e, name, depth + 1);
  if (!depends(left) && !depends(right)) {
    const [a, b] = [of(then), of(otherwise)];
    return a && b && where({ comparison, left, right }, a, b);
  }
  for (const [bent, other, by] of [
    [left, right, comparison],
    [right, left, TURNED[comparison]],
  ] as const) {
    if (bent.kind !== "binary" || (bent.op !== "min" && bent.op !== "max")) continue;
    const [p, q] = [bent.left, bent.right].map((part): Test => ({
      comparison: by,
      left: part,
      right: other,
    }));
    // max(p, q) < r where both are, min(p, q) < r where one is; and the other way round.
    const both = (bent.op === "max") === (by === "<" || by === "<=");
    return of(
      both ? again(p, again(q, then, otherwise), otherwise) : again(p, then, again(q, then, otherwise)),
    );
  }
  const apart = splitLinear(subtract(left, right), name);
  const slope = apart && simplify(apart.coefficient);
  if (apart === null || slope?.kind !== "number" || slope.value === 0) return null;
  const [a, b] = [of(then), of(otherwise)];
  if (a === null || b === null) return null;
  const point = negate(divide(apart.constant, slope));
  const at = (F: Expression): Expression =>
    simplify(substitute(F, (each) => (each === name ? point : undefined)));
  return where({ comparison, left, right }, a, add(b, subtract(at(a), at(b))));
}
