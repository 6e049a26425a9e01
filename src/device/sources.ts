/**
 * How often a noise source stands in a sum. One name is one source: written twice its amplitudes add, where a
 * text that names two physical origins means two sources, whose variances add.
 */
import { children, multiply, negate, number, where, divide, type Expression } from "../equations/expression";
import { show } from "../equations/show";
import { simplify } from "../equations/simplify";

/** Longest remedy that spells the sum out. */
const LONGEST = 400;
/** Terms that are told apart: more are as wrong as these. */
const MOST = 6;

/**
 * Whether a source occurs more than once at the same time; branches of `where` are never at the same time.
 */
export function occursTwice(e: Expression, name: string): boolean {
  return count(e, name, new Map()) > 1;
}

function count(e: Expression, name: string, known: Map<Expression, number>): number {
  const found = known.get(e);
  if (found !== undefined) return found;
  const of = (part: Expression): number => count(part, name, known);
  let total: number;
  if (e.kind === "symbol") total = e.name === name ? 1 : 0;
  else if (e.kind === "where")
    total = of(e.test.left) + of(e.test.right) + Math.max(of(e.then), of(e.otherwise));
  else total = children(e).reduce((sum, part) => sum + of(part), 0);
  known.set(e, Math.min(total, 2));
  return Math.min(total, 2);
}

/**
 * What to write for a sum in which a source occurs several times, if these are to be independent: one source
 * of the root of their summed squares. Null where that would be too long to be of use.
 */
export function asOneSource(e: Expression, name: string): string | null {
  const terms = first(factors(e, name));
  if (terms.length < 2 || terms.length > MOST) return null;
  const text = `sqrt(${terms.map(squared).join(" + ")})*${name}`;
  return text.length > LONGEST ? null : text;
}

/** As many terms as are told apart, and one more. */
function first(terms: Iterable<Expression>): Expression[] {
  const some: Expression[] = [];
  for (const term of terms) if (some.push(term) > MOST) break;
  return some;
}

/**
 * What multiplies each occurrence of a source, in an expression that is linear in it; one after another, as
 * there may be very many.
 */
function* factors(e: Expression, name: string): Generator<Expression> {
  if (count(e, name, new Map()) === 0) return;
  switch (e.kind) {
    case "symbol":
      return yield number(1);
    case "negate":
      for (const x of factors(e.of, name)) yield negate(x);
      return;
    case "where": {
      const [then, otherwise] = [first(factors(e.then, name)), first(factors(e.otherwise, name))];
      for (let k = 0; k < Math.max(then.length, otherwise.length); k++)
        yield where(e.test, then[k] ?? number(0), otherwise[k] ?? number(0));
      return;
    }
    case "binary":
      if (e.op === "add" || e.op === "subtract") yield* factors(e.left, name);
      else
        for (const x of factors(e.left, name))
          yield e.op === "divide" ? divide(x, e.right) : multiply(x, e.right);
      if (e.op === "add" || e.op === "subtract") yield* factors(e.right, name);
      else for (const x of factors(e.right, name)) yield multiply(e.left, x);
  }
}

/** A factor's square in print; that of a root is what stands under it. */
function squared(factor: Expression): string {
  let e = simplify(factor);
  while (e.kind === "negate") e = e.of;
  if (e.kind === "number") return show(number(e.value * e.value));
  if (e.kind === "call" && e.fn === "sqrt") return show(e.of);
  return e.kind === "symbol" ? `${e.name}^2` : `(${show(e)})^2`;
}
