/** Cheap rewriting that keeps an expression's value: for kernels, which evaluate it millions of times. */
import {
  call, children, divide, multiply, negate, number, rebuild, subtract, type Expression, type UnaryFunction,
} from "./expression";

const FOLD: Record<UnaryFunction, (x: number) => number> = {
  exp: Math.exp, log: Math.log, sqrt: Math.sqrt, sin: Math.sin, cos: Math.cos, tanh: Math.tanh, atan: Math.atan,
  logistic: (x) => 1 / (1 + Math.exp(-x)), abs: Math.abs, sign: Math.sign, floor: Math.floor,
};

/** Powers up to this become products. */
const LARGEST_PRODUCT = 4;

/** Folds constants, turns small powers into products, and recognises the logistic function. */
export function simplify(e: Expression): Expression {
  const simple = rebuild(e, children(e).map(simplify));
  switch (simple.kind) {
    case "call":
      return foldCall(simple);
    case "where": {
      const { left, right, comparison } = simple.test;
      if (left.kind !== "number" || right.kind !== "number") return simple;
      const [a, b] = [left.value, right.value];
      const holds = comparison === "<" ? a < b : comparison === "<=" ? a <= b : comparison === ">" ? a > b : a >= b;
      return holds ? simple.then : simple.otherwise;
    }
    case "binary":
      return simplifyBinary(simple);
    default:
      return simple;
  }
}

function foldCall(e: Extract<Expression, { kind: "call" }>): Expression {
  if (e.of.kind !== "number") return e;
  const value = FOLD[e.fn](e.of.value);
  return Number.isFinite(value) ? number(value) : e;
}

function simplifyBinary(e: Extract<Expression, { kind: "binary" }>): Expression {
  const { op, left, right } = e;
  switch (op) {
    case "multiply":
      // 2 * (3 * x) -> 6 * x
      if (left.kind === "number" && right.kind === "binary" && right.op === "multiply" && right.left.kind === "number") {
        const factor = multiply(left, right.left);
        if (factor.kind === "number") return multiply(factor, right.right);
      }
      return e;
    case "divide": {
      const exponent = exponentOfLogistic(right);
      return exponent === null ? e : multiply(left, call("logistic", negated(exponent)));
    }
    case "power":
      return right.kind === "number" ? simplifyPower(e, left, right.value) : e;
    case "min":
    case "max":
      return left.kind === "number" && right.kind === "number" ? number(Math[op](left.value, right.value)) : e;
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
function negated(e: Expression): Expression {
  if (e.kind !== "binary") return negate(e);
  switch (e.op) {
    case "add":
      return negativeFirst(e.left) ? subtract(negated(e.left), e.right) : subtract(negated(e.right), e.left);
    case "subtract":
      return subtract(e.right, e.left);
    case "multiply":
      return multiply(negated(e.left), e.right);
    case "divide":
      return divide(negated(e.left), e.right);
    default:
      return negate(e);
  }
}

function negativeFirst(e: Expression): boolean {
  if (e.kind === "negate") return true;
  if (e.kind === "number") return e.value < 0;
  return e.kind === "binary" && (e.op === "multiply" || e.op === "divide") && negativeFirst(e.left);
}

