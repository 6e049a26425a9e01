/** Expressions in print, with as few brackets as reading them back to an equal tree allows. */
import type { BinaryOperator, Expression } from "./expression";

/** How tightly a node binds: sums 1, products 2, a sign 3, powers 4, everything closed 5. */
const PRECEDENCE: Partial<Record<BinaryOperator, number>> = { add: 1, subtract: 1, multiply: 2, divide: 2, power: 4 };
const SIGNS: Partial<Record<BinaryOperator, string>> = { add: " + ", subtract: " - ", multiply: "*", divide: "/", power: "^" };

function precedence(e: Expression): number {
  if (e.kind === "negate" || (e.kind === "number" && e.value < 0)) return 3;
  return e.kind === "binary" ? (PRECEDENCE[e.op] ?? 5) : 5;
}

/** The text of an expression, in the language of device texts. */
export function show(e: Expression): string {
  switch (e.kind) {
    case "number":
      return `${e.value}`;
    case "symbol":
      return e.name;
    case "negate":
      return `-${bracketed(e.of, 4)}`;
    case "call":
      return `${e.fn}(${show(e.of)})`;
    case "where":
      return `where(${show(e.test.left)} ${e.test.comparison} ${show(e.test.right)}, ${show(e.then)}, ${show(e.otherwise)})`;
    case "binary":
      return showBinary(e);
  }
}

function showBinary(e: Extract<Expression, { kind: "binary" }>): string {
  const { op, left, right } = e;
  const sign = SIGNS[op];
  if (sign === undefined) {
    if (op === "min" && left.kind === "binary" && left.op === "max") return `clip(${show(left.left)}, ${show(left.right)}, ${show(right)})`;
    return `${op}(${show(left)}, ${show(right)})`;
  }
  const own = PRECEDENCE[op]!;
  // Sums and products lean left, powers lean right; a sign on the right gets brackets to be seen.
  const [onLeft, onRight] = op === "power" ? [5, own] : [own, Math.max(own + 1, 4)];
  const tight = right.kind === "binary" && precedence(right) === 2 && own === 1;
  return `${bracketed(left, onLeft)}${sign}${tight ? show(right) : bracketed(right, onRight)}`;
}

const bracketed = (e: Expression, least: number): string => (precedence(e) < least ? `(${show(e)})` : show(e));
