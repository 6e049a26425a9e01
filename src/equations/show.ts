/** Expressions in print, with as few brackets as reading them back to an equal tree allows. */
import { fold, type BinaryOperator, type Expression } from "./expression";
import { LIMITS } from "./token";

/** How tightly a node binds: sums 1, products 2, a sign 3, powers 4, everything closed 5. */
const PRECEDENCE: Partial<Record<BinaryOperator, number>> = {
  add: 1,
  subtract: 1,
  multiply: 2,
  divide: 2,
  power: 4,
};
const SIGNS: Partial<Record<BinaryOperator, string>> = {
  add: " + ",
  subtract: " - ",
  multiply: "*",
  divide: "/",
  power: "^",
};

function precedence(e: Expression): number {
  if (e.kind === "negate" || (e.kind === "number" && e.value < 0)) return 3;
  return e.kind === "binary" ? (PRECEDENCE[e.op] ?? 5) : 5;
}

/**
 * The text of an expression, in the language of device texts. Where parts are shared so much that it would
 * never end, it breaks off: "…".
 */
export function show(e: Expression): string {
  return fold<string>(e, (part, of) => {
    const text = showNode(part, of);
    return text.length > LIMITS.characters ? "…" : text;
  });
}

function showNode(e: Expression, of: (part: Expression) => string): string {
  switch (e.kind) {
    case "number":
      return `${e.value}`;
    case "symbol":
      return e.name;
    case "negate":
      return `-${bracketed(e.of, 4, of)}`;
    case "call":
      return `${e.fn}(${of(e.of)})`;
    case "where":
      return (
        `where(${of(e.test.left)} ${e.test.comparison} ${of(e.test.right)}, ${of(e.then)}, ` +
        `${of(e.otherwise)})`
      );
    case "binary":
      return showBinary(e, of);
  }
}

function showBinary(e: Extract<Expression, { kind: "binary" }>, of: (part: Expression) => string): string {
  const { op, left, right } = e;
  const sign = SIGNS[op];
  if (sign === undefined) {
    if (op === "min" && left.kind === "binary" && left.op === "max")
      return `clip(${of(left.left)}, ${of(left.right)}, ${of(right)})`;
    return `${op}(${of(left)}, ${of(right)})`;
  }
  const own = PRECEDENCE[op]!;
  // Sums and products lean left, powers lean right; a sign on the right gets brackets to be seen.
  const [onLeft, onRight] = op === "power" ? [5, own] : [own, Math.max(own + 1, 4)];
  const tight = right.kind === "binary" && precedence(right) === 2 && own === 1;
  return `${bracketed(left, onLeft, of)}${sign}${tight ? of(right) : bracketed(right, onRight, of)}`;
}

const bracketed = (e: Expression, least: number, of: (part: Expression) => string): string =>
  precedence(e) < least ? `(${of(e)})` : of(e);
