/**
 * `name = flicker(S_1Hz, 1 Hz, 1 MHz)`: the one call whose arguments may be quantities, since how many states
 * it makes follows from them. What it stands for is in src/device/flicker.ts.
 */
import type { Quantity } from "../units/quantity";
import { parseQuantity } from "../units/parse";
import { parseSyntax, type Syntax } from "./syntax";
import { refuse, tokenize, type Line } from "./token";

/** An argument: a quantity, or an expression of parameters. */
export type FlickerArgument = Quantity | Syntax;

const CALL = /^\s*[A-Za-z]\w*\s*=\s*flicker\s*\((.*)\)\s*$/;
const QUANTITY = /^\s*[\d.]\S*\s+[A-Za-z]\w*\s*$/;

/** The line and its arguments, where it is such a call. @throws EQ-SYNTAX, EQ-ARGUMENTS, UNIT-… */
export function readFlicker(
  text: string,
  place: Pick<Line, "where" | "number" | "text">,
): { readonly line: Line; readonly args: readonly FlickerArgument[] } | null {
  const found = CALL.exec(text);
  if (found === null) return null;
  const parts = found[1].split(",");
  if (parts.length < 3 || parts.length > 4)
    throw refuse(
      "EQ-ARGUMENTS",
      `flicker takes 3 or 4 arguments, not ${parts.length}`,
      place,
      { start: text.indexOf("flicker") },
      "write  flicker(S_1Hz, f_low, f_high)  or  flicker(S_1Hz, f_low, f_high, poles a decade)",
    );
  // Quantities are blanks to the reader of expressions; columns stay.
  const from = found.index + found[0].indexOf("(", found[0].indexOf("flicker")) + 1;
  const blank = parts.map((part) => (QUANTITY.test(part) ? " ".repeat(part.length) : part)).join(",");
  const masked = text.slice(0, from) + blank + text.slice(from + blank.length);
  const line: Line = { ...tokenize(place.where, place.number, masked), text: place.text };
  let start = from;
  const args = parts.map((part) => {
    const end = start + part.length;
    const first = line.tokens.findIndex((token) => token.start >= start);
    const after = line.tokens.findIndex((token) => token.start >= end);
    start = end + 1;
    return QUANTITY.test(part)
      ? parseQuantity(part.trim(), place.where)
      : parseSyntax(line, first, after < 0 ? line.tokens.length : after);
  });
  return { line, args };
}
