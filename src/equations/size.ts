/** How many parts an expression may have, at every stage that rewrites it: a derivative and a complex value grow. */
import { OhmletError, type Place } from "../errors";
import type { Expression } from "./expression";
import { nodesOf, partsOf } from "./share";
import { placeOf, type Syntax } from "./syntax";
import { LIMITS } from "./token";

/**
 * Refuses an expression with too many different parts. Returns it.
 * @param what names it at this stage ("the derivative of rho"); it "has … parts"
 * @throws EQ-SIZE
 */
export function checkSize(e: Expression, what: string, place: Place): Expression {
  // Counting nodes is quick, and equal ones are mostly shared; only where they are many is it worth looking at them.
  if (nodesOf(e) <= LIMITS.parts) return e;
  const parts = partsOf(e).length;
  if (parts <= LIMITS.parts) return e;
  throw new OhmletError({ code: "EQ-SIZE", fact: `${what} has ${parts} different parts, more than ${LIMITS.parts}`, place, remedy: "make the equation simpler: fewer factors and terms, or functions that are known (exp, tanh, powers) in their place" });
}

/** What is said where writing out the functions of a text takes too long. */
export const tooLong = (tree: Syntax): OhmletError =>
  new OhmletError({
    code: "EQ-SIZE",
    fact: `with its functions put in, the equation has more than ${LIMITS.steps} parts, or is more than ${LIMITS.depth} levels deep`,
    place: placeOf(tree),
    remedy: "call functions at fewer different arguments, and less deep within each other",
  });
