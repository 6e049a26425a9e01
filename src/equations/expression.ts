/**
 * The small expression language between a user's text and an engine's kernel. Everything downstream
 * (derivatives, the split into real and imaginary parts, emission, printing) works on these eight kinds of
 * node and nothing else, so no text of the user's can reach a code generator.
 *
 * Expressions are immutable. Build them with the constructors below, which fold the trivial cases (x + 0, 1 *
 * x).
 *
 * Parts are shared: forty definitions of the form b = a + a are forty nodes, and a tree of 2^40. So nothing
 * walks an expression by calling itself: whatever reads or rewrites one is a `fold`.
 */

/**
 * Functions of one argument that expressions call. `exprel` is for solvers, no equation can call it: (e^x - 1)/x with all its digits near 0, up to x = 1, and
 * of larger x what it is there; 1 where x is no finite number. A step that would be right only as long as
 * nothing bends is not taken.
 */
export type UnaryFunction =
  | "exp"
  | "log"
  | "sqrt"
  | "sin"
  | "cos"
  | "tanh"
  | "atan"
  | "logistic"
  | "abs"
  | "sign"
  | "floor"
  | "exprel";
/** What joins two expressions. */
export type BinaryOperator = "add" | "subtract" | "multiply" | "divide" | "power" | "min" | "max";
/** What a test compares by. */
export type Comparison = "<" | "<=" | ">" | ">=";

/**
 * An equation once it was read: a tree of about a dozen kinds of nodes, without units. Trees are never changed,
 * and parts may be shared.
 */
export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "negate"; readonly of: Expression }
  | { readonly kind: "call"; readonly fn: UnaryFunction; readonly of: Expression }
  | {
      readonly kind: "binary";
      readonly op: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: "where";
      readonly test: Test;
      readonly then: Expression;
      readonly otherwise: Expression;
    };

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
export const where = (test: Test, then: Expression, otherwise: Expression): Expression => ({
  kind: "where",
  test,
  // oxlint-disable-next-line unicorn/no-thenable -- `then` is a branch; it is never called
  then,
  otherwise,
});

const isNumber = (e: Expression, value: number): boolean => e.kind === "number" && e.value === value;
/**
 * A folded number, or null where it would not be finite: overflow is for the evaluation to show, not for the
 * tree to hold.
 */
const folded = (
  left: Expression,
  right: Expression,
  f: (a: number, b: number) => number,
): Expression | null => {
  if (left.kind !== "number" || right.kind !== "number") return null;
  const value = f(left.value, right.value);
  return Number.isFinite(value) ? number(value) : null;
};
const binary = (op: BinaryOperator, left: Expression, right: Expression): Expression => ({
  kind: "binary",
  op,
  left,
  right,
});

export function negate(of: Expression): Expression {
  if (of.kind === "number") return number(-of.value);
  return of.kind === "negate" ? of.of : { kind: "negate", of };
}

export function add(left: Expression, right: Expression): Expression {
  if (isNumber(left, 0)) return right;
  if (isNumber(right, 0)) return left;
  return folded(left, right, (a, b) => a + b) ?? binary("add", left, right);
}

export function subtract(left: Expression, right: Expression): Expression {
  if (isNumber(left, 0)) return negate(right);
  if (isNumber(right, 0)) return left;
  return folded(left, right, (a, b) => a - b) ?? binary("subtract", left, right);
}

export function multiply(left: Expression, right: Expression): Expression {
  if (isNumber(left, 0) || isNumber(right, 0)) return number(0);
  if (isNumber(left, 1)) return right;
  if (isNumber(right, 1)) return left;
  if (isNumber(left, -1)) return negate(right);
  if (isNumber(right, -1)) return negate(left);
  return folded(left, right, (a, b) => a * b) ?? binary("multiply", left, right);
}

export function divide(left: Expression, right: Expression): Expression {
  if (isNumber(right, 1)) return left;
  if (isNumber(left, 0) && !isNumber(right, 0)) return number(0);
  return folded(left, right, (a, b) => a / b) ?? binary("divide", left, right);
}

export function power(base: Expression, exponent: Expression): Expression {
  if (isNumber(exponent, 1)) return base;
  if (isNumber(exponent, 0)) return number(1);
  return folded(base, exponent, (a, b) => a ** b) ?? binary("power", base, exponent);
}

export const minimum = (left: Expression, right: Expression): Expression => binary("min", left, right);
export const maximum = (left: Expression, right: Expression): Expression => binary("max", left, right);
/** `of` kept between `lower` and `upper`. */
export const clip = (of: Expression, lower: Expression, upper: Expression): Expression =>
  minimum(maximum(of, lower), upper);

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
  add,
  subtract,
  multiply,
  divide,
  power,
  min: minimum,
  max: maximum,
};

/** Visits a node, once what stands below it is known. `of` tells what was made of any part of it. */
export type Visit<T> = (e: Expression, of: (part: Expression) => T) => T;

export interface FoldOptions<T> {
  /** What is known already, and is added to: several walks that share it visit no node twice. */
  readonly known?: Map<Expression, T>;
  /** The parts of a node that have to be known before it. Default: all its children. */
  readonly parts?: (e: Expression) => readonly Expression[];
}

/**
 * Visits every node once, its parts before it, from left to right; as long as there are nodes, and never
 * deep.
 */
export function fold<T>(
  e: Expression,
  visit: Visit<T>,
  { known = new Map<Expression, T>(), parts = children }: FoldOptions<T> = {},
): T {
  const of = (part: Expression): T => known.get(part) as T;
  const pending = [e];
  for (let node = e; pending.length > 0; node = pending[pending.length - 1]) {
    const waiting = pending.length;
    if (!known.has(node)) {
      const own = parts(node);
      for (let i = own.length - 1; i >= 0; i--) if (!known.has(own[i])) pending.push(own[i]);
      if (pending.length > waiting) continue;
      known.set(node, visit(node, of));
    }
    pending.pop();
  }
  return of(e);
}

/**
 * Rewrites every node over what its children became. A node that stays as it is is the same object
 * afterwards.
 */
export function rewrite(
  e: Expression,
  change: (e: Expression) => Expression,
  known?: Map<Expression, Expression>,
): Expression {
  return fold<Expression>(
    e,
    (node, of) => {
      const [before, after] = [children(node), children(node).map(of)];
      return change(after.every((part, i) => part === before[i]) ? node : rebuild(node, after));
    },
    { known },
  );
}

/** Names of all symbols in an expression, in the order in which they are read. */
export function symbolsOf(e: Expression): Set<string> {
  const names = new Set<string>();
  fold<void>(e, (part) => void (part.kind === "symbol" && names.add(part.name)));
  return names;
}

/** Whether an expression holds a symbol of a kind; asked about many parts of one, it looks at each once. */
export function dependence(ofKind: (name: string) => boolean): (e: Expression) => boolean {
  const known = new Map<Expression, boolean>();
  return (e) =>
    fold<boolean>(e, (part, of) => (part.kind === "symbol" ? ofKind(part.name) : children(part).some(of)), {
      known,
    });
}

/** Replaces symbols; those that `replacement` returns undefined for stay. */
export function substitute(e: Expression, replacement: (name: string) => Expression | undefined): Expression {
  return rewrite(e, (part) => (part.kind === "symbol" ? (replacement(part.name) ?? part) : part));
}
