/** Expressions to vector code. What occurs twice in an expression is computed once. */
import { children, type Comparison, type Expression, type UnaryFunction } from "../../equations/expression";
import { atan, sinAndCos } from "./angles";
import type { Code } from "./assembler";
import { exp, log, logistic, tanh } from "./exponential";
import { power, powerOf } from "./power";
import {
  absolute, add, atLeast, atMost, choose, divide, greater, greaterOrEqual, keep, less, lessOrEqual, maximum, minimum, multiply, negative, real, root, subtract, whole, type Value,
} from "./values";

const FUNCTIONS: Record<Exclude<UnaryFunction, "sin" | "cos">, (code: Code, of: Value) => Value> = {
  exp: (code, of) => exp(code, of),
  log, tanh, atan, logistic,
  sqrt: (_, of) => root(of),
  abs: (_, of) => absolute(of),
  floor: (_, of) => whole(of),
  sign: (code, of) => {
    const x = keep(code, of);
    return choose(greater(x, real(0)), real(1), choose(less(x, real(0)), real(-1), x));
  },
};
const OPERATORS = { add, subtract, multiply, divide, min: minimum, max: maximum } as const;
const COMPARISONS: Record<Comparison, (left: Value, right: Value) => Value> = { "<": less, "<=": lessOrEqual, ">": greater, ">=": greaterOrEqual };

/**
 * Writes what expressions need, one after the other; what occurs twice in them is computed once.
 * @param all the expressions that will be written, in this order
 * @param symbol the value of a symbol; it may be read any number of times
 * @returns writes what one of them needs and returns its value, to be read once
 */
export function expressionEmitter(code: Code, all: readonly Expression[], symbol: (name: string) => Value): (e: Expression) => Value {
  const { idOf, uses } = number(all);
  const known = new Map<number, Value>();
  const angles = new Map<number, { sin: Value; cos: Value }>();
  const emit = (e: Expression): Value => {
    if (e.kind === "number") return real(e.value);
    if (e.kind === "symbol") return symbol(e.name);
    const id = idOf.get(e) as number;
    const found = known.get(id);
    if (found !== undefined) return found;
    // A value is written where it is read; what later code shares has to be written before.
    const value = (uses.get(id) as number) > 1 ? keep(code, emitNode(e)) : emitNode(e);
    if ((uses.get(id) as number) > 1) known.set(id, value);
    return value;
  };
  /** Both of one angle: most of the work is the same. */
  const anglesOf = (e: Expression): { sin: Value; cos: Value } => {
    const id = idOf.get(e) as number;
    const both = angles.get(id) ?? sinAndCos(code, emit(e));
    angles.set(id, both);
    return both;
  };
  const emitNode = (e: Expression): Value => {
    switch (e.kind) {
      case "number":
      case "symbol":
        return emit(e);
      case "negate":
        return negative(emit(e.of));
      case "call":
        return e.fn === "sin" || e.fn === "cos" ? anglesOf(e.of)[e.fn] : FUNCTIONS[e.fn](code, emit(e.of));
      case "where": {
        const { comparison, left, right } = e.test;
        return choose(COMPARISONS[comparison](emit(left), emit(right)), emit(e.then), emit(e.otherwise));
      }
      case "binary":
        if ((e.op === "min" || e.op === "max") && (e.left.kind === "number" || e.right.kind === "number")) {
          const [bound, of] = e.left.kind === "number" ? [e.left, e.right] : [e.right, e.left];
          return (e.op === "min" ? atMost : atLeast)(emit(of), emit(bound));
        }
        if (e.op !== "power") return OPERATORS[e.op](emit(e.left), emit(e.right));
        return e.right.kind === "number" ? powerOf(code, emit(e.left), e.right.value) : power(code, emit(e.left), emit(e.right));
    }
  };
  return emit;
}

export function emitExpression(code: Code, whole: Expression, symbol: (name: string) => Value): Value {
  return expressionEmitter(code, [whole], symbol)(whole);
}

/** Numbers the different sub-expressions, and counts how often each is read. */
function number(all: readonly Expression[]): { idOf: Map<Expression, number>; uses: Map<number, number> } {
  const ids = new Map<string, number>();
  const idOf = new Map<Expression, number>();
  const uses = new Map<number, number>();
  const visit = (e: Expression): number => {
    const key = keyOf(e, children(e).map(visit));
    const id = ids.get(key) ?? ids.size;
    ids.set(key, id);
    idOf.set(e, id);
    uses.set(id, (uses.get(id) ?? 0) + 1);
    return id;
  };
  all.forEach(visit);
  return { idOf, uses };
}

function keyOf(e: Expression, parts: readonly number[]): string {
  switch (e.kind) {
    case "number":
      return `number ${e.value}`;
    case "symbol":
      return `symbol ${e.name}`;
    case "negate":
      return `negate ${parts.join()}`;
    case "call":
      return `${e.fn} ${parts.join()}`;
    case "binary":
      return `${e.op} ${parts.join()}`;
    case "where":
      return `where ${e.test.comparison} ${parts.join()}`;
  }
}
