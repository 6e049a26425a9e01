/** What an expression keeps to: the constant ends of the clip that it ends with, where it does. */
import type { Expression } from "./expression";

/** @param isConstant whether an end is one: by numbers and parameters */
export function clipEnds(
  e: Expression,
  isConstant: (e: Expression) => boolean,
): { readonly lower: Expression | null; readonly upper: Expression | null } {
  const none = { lower: null, upper: null };
  if (e.kind !== "binary" || (e.op !== "min" && e.op !== "max")) return none;
  const end = [e.left, e.right].find(isConstant);
  if (end === undefined) return none;
  const inner = clipEnds(end === e.left ? e.right : e.left, isConstant);
  return e.op === "min" ? { ...inner, upper: inner.upper ?? end } : { ...inner, lower: inner.lower ?? end };
}
