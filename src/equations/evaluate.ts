/** Expressions as functions of plain numbers, float64: for fabrication, exact references and tests. */
import { emitJavaScript } from "./emit";
import { symbolsOf, type Expression } from "./expression";

/**
 * Compiles an expression to a function of its symbols' values, in the order of `names`.
 * @throws RangeError where the expression has a symbol that `names` lacks
 */
export function compile(e: Expression, names: readonly string[]): (...values: number[]) => number {
  for (const name of symbolsOf(e)) {
    if (!names.includes(name)) throw new RangeError(`no value for the symbol "${name}"`);
  }
  const source = emitJavaScript(e, (name) => `v${names.indexOf(name)}`);
  // The source is made of whitelisted nodes and our own identifiers v0, v1, …: see emit.ts.
  return new Function(...names.map((_, i) => `v${i}`), `return ${source};`) as (...values: number[]) => number;
}

/** The value of an expression for the given values of its symbols. */
export function evaluate(e: Expression, values: Readonly<Record<string, number>>): number {
  const names = [...symbolsOf(e)];
  return compile(e, names)(...names.map((name) => values[name]));
}
