/** Expressions as functions of plain numbers, float64: for fabrication, exact references and tests. */
import { emitJavaScript } from "./emit";
import {
  fold,
  symbolsOf,
  type BinaryOperator,
  type Comparison,
  type Expression,
  type UnaryFunction,
} from "./expression";

export const VALUES: Readonly<Record<UnaryFunction, (x: number) => number>> = {
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  atan: Math.atan,
  logistic: (x) => 1 / (1 + Math.exp(-x)),
  abs: Math.abs,
  sign: Math.sign,
  floor: Math.floor,
  exprel: (x) => (Number.isFinite(x) && x !== 0 ? Math.expm1(Math.min(x, 1)) / Math.min(x, 1) : 1),
};
const OPERATORS: Readonly<Record<BinaryOperator, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  power: Math.pow,
  min: Math.min,
  max: Math.max,
};
export const COMPARISONS: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

/**
 * Compiles an expression to a function of its symbols' values, in the order of `names`.
 * @throws RangeError where the expression has a symbol that `names` lacks
 */
export function compile(e: Expression, names: readonly string[]): (...values: number[]) => number {
  for (const name of symbolsOf(e)) {
    if (!names.includes(name)) throw new RangeError(`no value for the symbol "${name}"`);
  }
  const { statements, value } = emitJavaScript(e, (name) => `v${names.indexOf(name)}`);
  // The source is made of whitelisted nodes and our own identifiers v0, v1, …: see emit.ts.
  return new Function(...names.map((_, i) => `v${i}`), `${statements}return ${value};`) as (
    ...values: number[]
  ) => number;
}

/** The value of a node from those of its parts. */
export function valueOf(
  e: Expression,
  of: (part: Expression) => number,
  symbol: (name: string) => number,
): number {
  switch (e.kind) {
    case "number":
      return e.value;
    case "symbol":
      return symbol(e.name);
    case "negate":
      return -of(e.of);
    case "call":
      return VALUES[e.fn](of(e.of));
    case "binary":
      return OPERATORS[e.op](of(e.left), of(e.right));
    case "where":
      return COMPARISONS[e.test.comparison](of(e.test.left), of(e.test.right)) ? of(e.then) : of(e.otherwise);
  }
}

/**
 * The value of an expression for the given values of its symbols: for one time, where compiling would take
 * longer.
 */
export function evaluate(e: Expression, values: Readonly<Record<string, number>>): number {
  return fold<number>(e, (part, of) => valueOf(part, of, (name) => values[name]));
}
