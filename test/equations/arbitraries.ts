/** What the tests of equations add to the random expressions of the property kit. */
import { readLoneExpression } from "../../src/equations/read";
import { Resolver } from "../../src/equations/resolve";
import type { Expression } from "../../src/equations/expression";
import { SYMBOLS } from "../../src/robustness/arbitraries/equations";

export { expressions as any, SMOOTH, smoothExpressions as smooth, SYMBOLS } from "../../src/robustness/arbitraries/equations";

/** Reads an expression in the symbols above. */
export function read(text: string): Expression {
  return new Resolver({ symbols: new Set(SYMBOLS), definitions: new Map() }).resolve(readLoneExpression("a test", text));
}

/** The text in mathjs's language: it lacks the logistic function. */
export const forMathjs = (text: string): string => text.replaceAll("logistic(", "sigma(");
