/** Cheap rewriting that keeps an expression's value: for kernels, which evaluate it millions of times. */
import {
  call,
  children,
  divide,
  fold,
  multiply,
  negate,
  number,
  rewrite,
  subtract,
  type Expression,
} from "./expression";
import { COMPARISONS, VALUES } from "./evaluate";

/** Powers up to this become products. */
const LARGEST_PRODUCT = 4;

/** Folds constants, turns small powers into products, and recognises the logistic function. */
export function simplify(e: Expression): Expression {
  const turned = new Map<Expression, Expression>();
  return rewrite(e, (part) => {
    switch (part.kind) {
      case "call":
        return foldCall(part);
      case "where": {
        const { left, right, comparison } = part.test;
        if (left.kind !== "number" || right.kind !== "number") return part;
        const holds = COMPARISONS[comparison](left.value, right.value);
        return holds ? part.then : part.otherwise;
      }
      case "binary":
        return simplifyBinary(part, turned);
      default:
        return part;
    }
  });
}

function foldCall(e: Extract<Expression, { kind: "call" }>): Expression {
  if (e.of.kind !== "number") return e;
  const value = VALUES[e.fn](e.of.value);
  return Number.isFinite(value) ? number(value) : e;
}

/** @param turned what has been negated already, and into what */
function simplifyBinary(
  e: Extract<Expression, { kind: "binary" }>,
  turned: Map<Expression, Expression>,
): Expression {
  const { op, left, right } = e;
  switch (op) {
    case "multiply":
      // 2 * (3 * x) -> 6 * x
      if (
        left.kind === "number" &&
        right.kind === "binary" &&
        right.op === "multiply" &&
        right.left.kind === "number"
      ) {
        const factor = multiply(left, right.left);
        if (factor.kind === "number") return multiply(factor, right.right);
      }
      return e;
    case "divide": {
      const exponent = exponentOfLogistic(right);
      return exponent === null ? e : multiply(left, call("logistic", negated(exponent, turned)));
    }
    case "power":
      return right.kind === "number" ? simplifyPower(e, left, right.value) : e;
    case "min":
    case "max":
      return left.kind === "number" && right.kind === "number"
        ? number(Math[op](left.value, right.value))
        : e;
    default:
      return e;
  }
}

function simplifyPower(e: Expression, base: Expression, exponent: number): Expression {
  if (exponent === 0.5) return call("sqrt", base);
  if (!Number.isInteger(exponent) || Math.abs(exponent) > LARGEST_PRODUCT || exponent === 0) return e;
  // A product writes its base out again and again: worth it for symbols and other small bases only.
  if (exponent !== -1 && children(base).some((child) => children(child).length > 0)) return e;
  let product = base;
  for (let i = 1; i < Math.abs(exponent); i++) product = multiply(product, base);
  return exponent > 0 ? product : divide(number(1), product);
}

/** The x of 1 + exp(x), or null. */
function exponentOfLogistic(e: Expression): Expression | null {
  if (e.kind !== "binary" || e.op !== "add") return null;
  const [one, exponential] = e.left.kind === "number" ? [e.left, e.right] : [e.right, e.left];
  if (one.kind !== "number" || one.value !== 1) return null;
  return exponential.kind === "call" && exponential.fn === "exp" ? exponential.of : null;
}

/** -e with the sign brought inside, as a person would write it: -(2 - 4*x) is 4*x - 2. */
function negated(e: Expression, turned: Map<Expression, Expression>): Expression {
  return fold<Expression>(
    e,
    (part, of) => {
      if (part.kind !== "binary") return negate(part);
      const { op, left, right } = part;
      switch (op) {
        case "add":
          return negativeFirst(left) ? subtract(of(left), right) : subtract(of(right), left);
        case "subtract":
          return subtract(right, left);
        case "multiply":
          return multiply(of(left), right);
        case "divide":
          return divide(of(left), right);
        default:
          return negate(part);
      }
    },
    { known: turned, parts: turning },
  );
}

/** Where the sign of a part goes. */
function turning(e: Expression): readonly Expression[] {
  if (e.kind !== "binary") return [];
  if (e.op === "add") return [negativeFirst(e.left) ? e.left : e.right];
  return e.op === "multiply" || e.op === "divide" ? [e.left] : [];
}

function negativeFirst(e: Expression): boolean {
  let first = e;
  while (first.kind === "binary" && (first.op === "multiply" || first.op === "divide")) first = first.left;
  return first.kind === "negate" || (first.kind === "number" && first.value < 0);
}
