/**
 * The small expression language between a user's text and an engine's kernel. Everything downstream (derivatives,
 * the split into real and imaginary parts, emission, printing) works on these eight kinds of node and nothing else,
 * so no text of the user's can reach a code generator.
 *
 * Expressions are immutable. Build them with the constructors below, which fold the trivial cases (x + 0, 1 * x).
 */

export type UnaryFunction = "exp" | "log" | "sqrt" | "sin" | "cos" | "tanh" | "atan" | "logistic" | "abs" | "sign" | "floor";
export type BinaryOperator = "add" | "subtract" | "multiply" | "divide" | "power" | "min" | "max";
export type Comparison = "<" | "<=" | ">" | ">=";

export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "negate"; readonly of: Expression }
  | { readonly kind: "call"; readonly fn: UnaryFunction; readonly of: Expression }
  | { readonly kind: "binary"; readonly op: BinaryOperator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "where"; readonly test: Test; readonly then: Expression; readonly otherwise: Expression };

/** A comparison of two real expressions; it occurs only as the test of a `where`. */
export interface Test {
  readonly comparison: Comparison;
  readonly left: Expression;
  readonly right: Expression;
}

/** `+ 0` turns -0 into 0: a tree holds no negative zero, which would print and compare like another. */
export const number = (value: number): Expression => ({ kind: "number", value: value + 0 });
export const symbol = (name: string): Expression => ({ kind: "symbol", name });
export const call = (fn: UnaryFunction, of: Expression): Expression => ({ kind: "call", fn, of });
// oxlint-disable-next-line unicorn/no-thenable -- `then` is a branch; it is never called
export const where = (test: Test, then: Expression, otherwise: Expression): Expression => ({ kind: "where", test, then, otherwise });

const isNumber = (e: Expression, value: number): boolean => e.kind === "number" && e.value === value;
/** A folded number, or null where it would not be finite: overflow is for the evaluation to show, not for the tree to hold. */
const fold = (left: Expression, right: Expression, f: (a: number, b: number) => number): Expression | null => {
  if (left.kind !== "number" || right.kind !== "number") return null;
  const value = f(left.value, right.value);
  return Number.isFinite(value) ? number(value) : null;
};
const binary = (op: BinaryOperator, left: Expression, right: Expression): Expression => ({ kind: "binary", op, left, right });

export function negate(of: Expression): Expression {
  if (of.kind === "number") return number(-of.value);
  return of.kind === "negate" ? of.of : { kind: "negate", of };
}

export function add(left: Expression, right: Expression): Expression {
  if (isNumber(left, 0)) return right;
  if (isNumber(right, 0)) return left;
  return fold(left, right, (a, b) => a + b) ?? binary("add", left, right);
}

export function subtract(left: Expression, right: Expression): Expression {
  if (isNumber(left, 0)) return negate(right);
  if (isNumber(right, 0)) return left;
  return fold(left, right, (a, b) => a - b) ?? binary("subtract", left, right);
}

export function multiply(left: Expression, right: Expression): Expression {
  if (isNumber(left, 0) || isNumber(right, 0)) return number(0);
  if (isNumber(left, 1)) return right;
  if (isNumber(right, 1)) return left;
  if (isNumber(left, -1)) return negate(right);
  if (isNumber(right, -1)) return negate(left);
  return fold(left, right, (a, b) => a * b) ?? binary("multiply", left, right);
}

export function divide(left: Expression, right: Expression): Expression {
  if (isNumber(right, 1)) return left;
  if (isNumber(left, 0) && !isNumber(right, 0)) return number(0);
  return fold(left, right, (a, b) => a / b) ?? binary("divide", left, right);
}

export function power(base: Expression, exponent: Expression): Expression {
  if (isNumber(exponent, 1)) return base;
  if (isNumber(exponent, 0)) return number(1);
  return fold(base, exponent, (a, b) => a ** b) ?? binary("power", base, exponent);
}

export const minimum = (left: Expression, right: Expression): Expression => binary("min", left, right);
export const maximum = (left: Expression, right: Expression): Expression => binary("max", left, right);
/** `of` kept between `lower` and `upper`. */
export const clip = (of: Expression, lower: Expression, upper: Expression): Expression => minimum(maximum(of, lower), upper);

/** The sub-expressions of a node, left to right. */
export function children(e: Expression): readonly Expression[] {
  switch (e.kind) {
    case "number":
    case "symbol":
      return [];
    case "negate":
    case "call":
      return [e.of];
    case "binary":
      return [e.left, e.right];
    case "where":
      return [e.test.left, e.test.right, e.then, e.otherwise];
  }
}

/** The same node over other children, in the order of `children`, through the folding constructors. */
export function rebuild(e: Expression, parts: readonly Expression[]): Expression {
  switch (e.kind) {
    case "number":
    case "symbol":
      return e;
    case "negate":
      return negate(parts[0]);
    case "call":
      return call(e.fn, parts[0]);
    case "where":
      return where({ comparison: e.test.comparison, left: parts[0], right: parts[1] }, parts[2], parts[3]);
    case "binary":
      return BINARY[e.op](parts[0], parts[1]);
  }
}

const BINARY: Record<BinaryOperator, (left: Expression, right: Expression) => Expression> = {
  add, subtract, multiply, divide, power, min: minimum, max: maximum,
};

/** Names of all symbols in an expression. */
export function symbolsOf(e: Expression, into: Set<string> = new Set()): Set<string> {
  if (e.kind === "symbol") into.add(e.name);
  for (const child of children(e)) symbolsOf(child, into);
  return into;
}

/** Replaces symbols; those that `replacement` returns undefined for stay. */
export function substitute(e: Expression, replacement: (name: string) => Expression | undefined): Expression {
  if (e.kind === "symbol") return replacement(e.name) ?? e;
  return rebuild(e, children(e).map((child) => substitute(child, replacement)));
}
