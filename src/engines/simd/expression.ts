/** Expressions to vector code. What is read twice is computed once. */
import {
  children,
  fold,
  type Comparison,
  type Expression,
  type UnaryFunction,
} from "../../equations/expression";
import { Shared, usesOf } from "../../equations/share";
import { atan, sinAndCos } from "./angles";
import type { Code } from "./assembler";
import { exp, exprel, log, logistic, tanh } from "./exponential";
import { power, powerOf } from "./power";
import {
  absolute,
  add,
  atLeast,
  atMost,
  choose,
  divide,
  greater,
  greaterOrEqual,
  keep,
  keepAside,
  less,
  lessOrEqual,
  maximum,
  minimum,
  multiply,
  negative,
  real,
  root,
  subtract,
  whole,
  type Value,
} from "./values";

const FUNCTIONS: Record<Exclude<UnaryFunction, "sin" | "cos">, (code: Code, of: Value) => Value> = {
  exp: (code, of) => exp(code, of),
  log,
  tanh,
  atan,
  logistic,
  exprel,
  sqrt: (_, of) => root(of),
  abs: (_, of) => absolute(of),
  floor: (_, of) => whole(of),
  sign: (code, of) => {
    const x = keep(code, of);
    return choose(greater(x, real(0)), real(1), choose(less(x, real(0)), real(-1), x));
  },
};
const OPERATORS = { add, subtract, multiply, divide, min: minimum, max: maximum } as const;
const COMPARISONS: Record<Comparison, (left: Value, right: Value) => Value> = {
  "<": less,
  "<=": lessOrEqual,
  ">": greater,
  ">=": greaterOrEqual,
};

/** Levels of formulas within formulas: each is a call within a call while its instructions are written. */
const DEEPEST = 100;

/** A value, and how many formulas deep it is, down to what is kept. */
interface Written {
  readonly value: Value;
  readonly levels: number;
}

/**
 * Writes what expressions need, one after the other; what is read twice in them is computed once.
 * @param all the expressions that will be written, in this order
 * @param symbol the value of a symbol; it may be read any number of times
 * @returns writes what the next of them needs and returns its value, to be read once
 */
export function expressionEmitter(
  code: Code,
  all: readonly Expression[],
  symbol: (name: string) => Value,
): () => Value {
  const shared = new Shared();
  const wholes = all.map((e) => shared.of(e));
  const uses = usesOf(wholes);
  const known = new Map<Expression, Written>();
  const asked = new Set(
    [...uses.keys()].flatMap((e) =>
      e.kind === "call" && (e.fn === "sin" || e.fn === "cos") ? [`${e.fn} ${shared.idOf(e.of)}`] : [],
    ),
  );
  const angles = new Map<Expression, Readonly<Partial<Record<UnaryFunction, Value>>>>();
  /** What is asked for of the sine and the cosine of one angle: most of the work is the same. */
  const ofAngle = (fn: "sin" | "cos", angle: Expression, value: Value): Value => {
    if (!angles.has(angle)) {
      const names = (["sin", "cos"] as const).filter((each) => asked.has(`${each} ${shared.idOf(angle)}`));
      const found = keepAside(code, () => {
        const both = sinAndCos(code, value);
        return names.map((each) => both[each]);
      });
      angles.set(angle, Object.fromEntries(names.map((each, i) => [each, found[i]])));
    }
    return angles.get(angle)?.[fn] as Value;
  };
  const aside = (value: () => Value): Value => keepAside(code, () => [value()])[0];
  const ofFunction = (fn: Exclude<UnaryFunction, "sin" | "cos">, x: Value): Value =>
    fn === "sqrt" || fn === "abs" || fn === "floor"
      ? FUNCTIONS[fn](code, x)
      : aside(() => FUNCTIONS[fn](code, x));
  const write = (e: Expression, of: (part: Expression) => Value): Value => {
    switch (e.kind) {
      case "number":
        return real(e.value);
      case "symbol":
        return symbol(e.name);
      case "negate":
        return negative(of(e.of));
      case "call":
        return e.fn === "sin" || e.fn === "cos" ? ofAngle(e.fn, e.of, of(e.of)) : ofFunction(e.fn, of(e.of));
      case "where": {
        const { comparison, left, right } = e.test;
        return choose(COMPARISONS[comparison](of(left), of(right)), of(e.then), of(e.otherwise));
      }
      case "binary":
        if ((e.op === "min" || e.op === "max") && (e.left.kind === "number" || e.right.kind === "number")) {
          const [bound, inner] = e.left.kind === "number" ? [e.left, e.right] : [e.right, e.left];
          return (e.op === "min" ? atMost : atLeast)(of(inner), of(bound));
        }
        if (e.op !== "power") return OPERATORS[e.op](of(e.left), of(e.right));
        return aside(() =>
          e.right.kind === "number"
            ? powerOf(code, of(e.left), e.right.value)
            : power(code, of(e.left), of(e.right)),
        );
    }
  };
  // A value is written where it is read; what later code shares has to be written before.
  const visit = (e: Expression, of: (part: Expression) => Written): Written => {
    const inner = children(e);
    const value = write(e, (part) => of(part).value);
    if (inner.length === 0) return { value, levels: 0 };
    const levels = 1 + Math.max(...inner.map((part) => of(part).levels));
    return (uses.get(e) as number) > 1 || levels >= DEEPEST
      ? { value: keep(code, value), levels: 0 }
      : { value, levels };
  };
  let next = 0;
  return () => fold(wholes[next++], visit, { known }).value;
}

export function emitExpression(code: Code, whole: Expression, symbol: (name: string) => Value): Value {
  return expressionEmitter(code, [whole], symbol)();
}
