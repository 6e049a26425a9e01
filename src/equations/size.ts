/**
 * How many parts an expression may have, at every stage that rewrites it: a derivative and a complex value
 * grow.
 */
import { OhmletError, type Place } from "../errors";
import type { Expression } from "./expression";
import { nodesOf, partsOf } from "./share";
import { placeOf, type Syntax } from "./syntax";
import { LIMITS } from "./token";

/**
 * Refuses an expression, or several that are computed together, with too many different parts.
 * @param what names it at this stage ("the derivative of rho"); it "has … parts"
 * @throws EQ-SIZE
 */
export function checkSize(
  e: Expression | readonly Expression[],
  what: string,
  place: Place | (() => Place),
): void {
  const all = Array.isArray(e) ? (e as readonly Expression[]) : [e as Expression];
  // Counting nodes is quick, and equal ones are mostly shared; only where they are many is it worth looking
  // at them.
  if (nodesOf(...all) <= LIMITS.parts) return;
  const parts = partsOf(...all).length;
  if (parts <= LIMITS.parts) return;
  throw new OhmletError({
    code: "EQ-SIZE",
    fact: `${what} has ${parts} different parts, more than ${LIMITS.parts}`,
    place: typeof place === "function" ? place() : place,
    remedy:
      "make the equation shorter, or put one known function (a power, exp, tanh) in the place of many " +
      "factors and terms",
  });
}

/** What is said where writing out the functions of a text takes too long. */
export const tooLong = (tree: Syntax): OhmletError =>
  new OhmletError({
    code: "EQ-SIZE",
    fact:
      `with its functions put in, the equation has more than ${LIMITS.steps} parts, or is more than ` +
      `${LIMITS.depth} levels deep`,
    place: placeOf(tree),
    remedy: "call functions at fewer different arguments, and less deep within each other",
  });
