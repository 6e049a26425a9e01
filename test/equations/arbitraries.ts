/** What the tests of equations add to the random expressions of the property kit. */
import fc from "fast-check";
import { readLoneExpression } from "../../src/equations/read";
import { Resolver } from "../../src/equations/resolve";
import {
  add,
  call,
  divide,
  maximum,
  minimum,
  multiply,
  negate,
  number,
  power,
  subtract,
  symbol,
  where,
  type Expression,
} from "../../src/equations/expression";
import { SYMBOLS } from "../../src/robustness/arbitraries/equations";

export {
  expressions as any,
  SMOOTH,
  smoothExpressions as smooth,
  SYMBOLS,
} from "../../src/robustness/arbitraries/equations";

/** Reads an expression in the symbols above. */
export function read(text: string): Expression {
  return new Resolver({ symbols: new Set(SYMBOLS), definitions: new Map() }).resolve(
    readLoneExpression("a test", text),
  );
}

/** The text in mathjs's language: it lacks the logistic function. */
export const forMathjs = (text: string): string => text.replaceAll("logistic(", "sigma(");

/** Expressions whose nodes may be read by any later one: each is made of two before it. */
function sharing(steps: readonly ((a: Expression, b: Expression) => Expression)[]): fc.Arbitrary<Expression> {
  const step = fc.record({ build: fc.constantFrom(...steps), a: fc.nat(), b: fc.nat() });
  return fc.array(step, { minLength: 1, maxLength: 25 }).map((made) => {
    const nodes: Expression[] = [...SYMBOLS.map(symbol), number(0.5), number(2)];
    for (const { build, a, b } of made)
      nodes.push(
        build(nodes[nodes.length - 1 - (a % nodes.length)], nodes[nodes.length - 1 - (b % nodes.length)]),
      );
    return nodes[nodes.length - 1];
  });
}

const halved = (e: Expression): Expression => multiply(number(0.5), e);
const SMOOTH_STEPS = [
  add,
  subtract,
  multiply,
  (a: Expression, b: Expression) => divide(a, add(number(2), multiply(b, b))),
  ...(["exp", "sin", "cos", "tanh", "atan", "logistic"] as const).map(
    (fn) => (a: Expression, b: Expression) =>
      call(fn, halved(fn === "exp" ? call("tanh", add(a, b)) : add(a, b))),
  ),
];

/** Without kinks, of moderate size. */
export const smoothShared = sharing(SMOOTH_STEPS);
/** With all that a text could say. */
export const anyShared = sharing([
  ...SMOOTH_STEPS,
  divide,
  power,
  minimum,
  maximum,
  negate,
  ...(["log", "sqrt", "abs", "sign", "floor"] as const).map((fn) => (a: Expression) => call(fn, a)),
  ...(["<", "<=", ">", ">="] as const).map(
    (comparison) => (a: Expression, b: Expression) =>
      where({ comparison, left: a, right: b }, b, add(a, number(1))),
  ),
]);
