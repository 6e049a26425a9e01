/**
 * The tree of an equation's text, each node knowing where it stands. mathjs parses, and only parses: it is
 * handed the tokens under masks (t0, t1, …), so it meets none of the user's names, and of its tree only
 * whitelisted nodes pass.
 */
import {
  isConstantNode,
  isFunctionNode,
  isOperatorNode,
  isParenthesisNode,
  isSymbolNode,
  parse,
  type MathNode,
} from "#mathjs";
import { sayTests } from "./rephrase";
import { EQUAL_HELP, LIMITS, placeOfLine, refuse, SYNTAX_HELP, type Line } from "./token";
import type { Comparison } from "./expression";
import type { Place } from "../errors";

/** Positions are indices into the tokens of the line, both inclusive. */
interface Span {
  readonly line: Line;
  readonly first: number;
  readonly last: number;
}

export type Operator = "add" | "subtract" | "multiply" | "divide" | "power" | "negate";

export type Syntax =
  | (Span & { readonly kind: "number"; readonly value: number })
  | (Span & { readonly kind: "name"; readonly name: string })
  | (Span & { readonly kind: "operator"; readonly op: Operator; readonly args: readonly Syntax[] })
  | (Span & { readonly kind: "compare"; readonly comparison: Comparison; readonly args: readonly Syntax[] })
  /** `name` with its derivative mark, if it has one: "rho'". */
  | (Span & { readonly kind: "call"; readonly name: string; readonly args: readonly Syntax[] });

const OPERATORS = new Map<string, Operator>([
  ["add", "add"],
  ["subtract", "subtract"],
  ["multiply", "multiply"],
  ["divide", "divide"],
  ["pow", "power"],
  ["unaryMinus", "negate"],
]);
const COMPARISONS = new Map<string, Comparison>([
  ["smaller", "<"],
  ["smallerEq", "<="],
  ["larger", ">"],
  ["largerEq", ">="],
]);

/** The text of a node, as written. */
export const textOf = ({ line, first, last }: Span): string =>
  line.text.slice(line.tokens[first].start, line.tokens[last].end);
/** The token under which a caret marks a node. */
export const startOf = ({ line, first }: Span): { start: number } => line.tokens[first];

/** Where a node stands, for errors. */
export const placeOf = (node: Span): Place => ({
  ...placeOfLine(node.line),
  column: startOf(node).start + 1,
});

/** Parses tokens `from` (inclusive) to `to` (exclusive) of a line as one expression. @throws EQ-SYNTAX */
export function parseSyntax(line: Line, from: number, to: number): Syntax {
  if (from >= to)
    throw refuse("EQ-SYNTAX", "an expression is missing", line, line.tokens[from - 1] ?? null, SYNTAX_HELP);
  const starts: number[] = [];
  let masked = "";
  for (let i = from; i < to; i++) {
    starts.push(masked.length);
    const { kind, text } = line.tokens[i];
    if (kind === "sign" && (text === "=" || text === "<-"))
      throw refuse(
        "EQ-SYNTAX",
        `"${text}" does not belong here`,
        line,
        line.tokens[i],
        line.tokens[i + 1]?.text === "=" ? EQUAL_HELP : "write one equation a line",
      );
    masked += `${kind === "sign" ? text : `t${i}`} `;
  }
  return convert(parseMasked(line, from, masked, starts), line, 0);
}

function parseMasked(line: Line, from: number, masked: string, starts: readonly number[]): MathNode {
  try {
    return parse(masked);
  } catch (error) {
    const at = (error as { char?: number }).char ?? masked.length;
    const index = Math.max(0, starts.filter((start) => start < at).length - 1);
    throw refuse(
      "EQ-SYNTAX",
      "the equation breaks off or has a sign too many here",
      line,
      line.tokens[from + index],
      SYNTAX_HELP,
    );
  }
}

function convert(node: MathNode, line: Line, depth: number): Syntax {
  if (depth > LIMITS.depth)
    throw refuse(
      "EQ-DEPTH",
      "the equation is nested too deep",
      line,
      null,
      "split it with definitions of its own parts",
    );
  const inner = (child: MathNode): Syntax => convert(child, line, depth + 1);
  if (isParenthesisNode(node)) {
    const content = inner(node.content);
    return { ...content, first: content.first - 1, last: content.last + 1 };
  }
  if (isSymbolNode(node)) return leaf(node.name, line);
  if (isOperatorNode(node)) {
    const args = node.args.map(inner);
    // A sign before a value is its first token.
    const span = {
      line,
      first: args[0].first - (args.length === 1 ? 1 : 0),
      last: args[args.length - 1].last,
    };
    const op = OPERATORS.get(node.fn);
    if (op !== undefined) return { kind: "operator", op, args, ...span };
    if (node.fn === "unaryPlus") return { ...args[0], first: span.first };
    const comparison = COMPARISONS.get(node.fn);
    if (comparison !== undefined) return { kind: "compare", comparison, args, ...span };
  }
  if (isFunctionNode(node) && isSymbolNode(node.fn)) {
    const head = leaf(node.fn.name, line);
    const args = node.args.map(inner);
    const last = (args.length === 0 ? head.first + 1 : args[args.length - 1].last) + 1;
    if (head.kind === "name") return { kind: "call", name: head.name, args, line, first: head.first, last };
  }
  if (node.type === "RelationalNode")
    throw refuse("EQ-SYNTAX", "two comparisons stand in one", line, null, sayTests(line.text));
  const type = isConstantNode(node) ? "constant" : node.type;
  throw refuse("EQ-SYNTAX", `an equation cannot hold a ${type}`, line, null, SYNTAX_HELP);
}

/** The token behind a mask. */
function leaf(mask: string, line: Line): Syntax {
  const first = Number(mask.slice(1));
  const token = line.tokens[first];
  const span = { line, first, last: first };
  return token.kind === "number"
    ? { kind: "number", value: Number(token.text), ...span }
    : { kind: "name", name: token.text, ...span };
}
