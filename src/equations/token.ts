/**
 * A line of equation text cut into tokens, before any parser sees it: characters, names, numbers, nesting and
 * products written by juxtaposition are checked here, where each fault still has its column.
 */
import { OhmletError, type Place } from "../errors";
import { joinsTests, sayQuantity, sayTests } from "./rephrase";

export interface Token {
  readonly kind: "number" | "name" | "sign";
  /** As written. A derivative mark belongs to its name: "rho'". A rate is one name: "du/dt". */
  readonly text: string;
  /** Columns in the line, from 0. */
  readonly start: number;
  readonly end: number;
}

/** A line of a device's text. */
export interface Line {
  /** What the text belongs to ("soft neuron"), for errors. */
  readonly where: string;
  /** From 1. */
  readonly number: number;
  /** Without comment and indentation. */
  readonly text: string;
  readonly tokens: readonly Token[];
}

/**
 * Limits that keep hostile text from filling the stack or the clock. No datasheet comes near them. Of the
 * text: `nesting` of brackets, signs and powers. Of what it says: `steps` and `depth` of what is written out
 * where functions are called, and different `parts` of an expression at every stage from text to kernel.
 */
export const LIMITS = {
  characters: 20_000,
  lines: 200,
  tokens: 600,
  nesting: 40,
  steps: 20_000,
  depth: 700,
  parts: 4_000,
} as const;

const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const NAME = /[A-Za-z_$][A-Za-z0-9_$]*'*/y;
const RATE = /d([A-Za-z][A-Za-z0-9_]*)\s*\/\s*dt(?![A-Za-z0-9_])/y;
const SIGN = /<=|>=|<-|[-+*/^(),=<>]/y;

/** A fault of a line, with a caret under `token`. */
export function refuse(
  code: string,
  fact: string,
  line: Pick<Line, "where" | "number" | "text">,
  at: Pick<Token, "start"> | null,
  remedy?: string,
): OhmletError {
  const place = { ...placeOfLine(line), ...(at && { column: at.start + 1 }) };
  return new OhmletError({ code, fact, place, remedy });
}

/** Where a line stands, for errors. */
export const placeOfLine = ({ where, number, text }: Pick<Line, "where" | "number" | "text">): Place => ({
  where,
  line: number,
  excerpt: text,
});

/** Cuts a line into tokens and checks all that can be checked without knowing what names mean. */
export function tokenize(where: string, number: number, text: string): Line {
  const tokens: Token[] = [];
  const line: Line = { where, number, text, tokens };
  for (let i = skip(text, 0); i < text.length; i = skip(text, i)) {
    const token = next(line, i);
    checkNeighbours(line, tokens[tokens.length - 1], token);
    tokens.push(token);
    if (tokens.length > LIMITS.tokens) checkDepth(line);
    if (tokens.length > LIMITS.tokens)
      throw refuse(
        "EQ-SIZE",
        `the line has more than ${LIMITS.tokens} symbols`,
        line,
        null,
        "split it with definitions of its own parts",
      );
    i = token.end;
  }
  checkDepth(line);
  checkBrackets(line);
  return line;
}

function next(line: Line, start: number): Token {
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = start;
    return pattern.exec(line.text)?.[0];
  };
  const token = (kind: Token["kind"], text: string, length = text.length): Token => ({
    kind,
    text,
    start,
    end: start + length,
  });
  const rate = match(RATE);
  if (rate !== undefined) {
    const name = rate.slice(1, rate.indexOf("/")).trim();
    checkName(name, line, { start });
    return token("name", `d${name}/dt`, rate.length);
  }
  const digits = match(NUMBER);
  if (digits !== undefined) return checkNumber(token("number", digits), line);
  const name = match(NAME);
  if (name !== undefined) {
    checkName(name.replace(/'$/, ""), line, { start });
    return token("name", name);
  }
  const sign = match(SIGN);
  // "u <- 3" programs, "where(u<-3, …)" compares: an arrow is one only after the first name of a line.
  if (sign === "<-" && line.tokens.length !== 1) return token("sign", "<");
  if (sign !== undefined) return token("sign", sign);
  const character = String.fromCodePoint(line.text.codePointAt(start)!);
  throw refuse(
    "EQ-SYNTAX",
    `"${character}" has no meaning in an equation`,
    line,
    { start },
    helpFor(character, line),
  );
}

function helpFor(character: string, { text, tokens }: Line): string {
  const before = tokens[tokens.length - 1];
  if (character === "%" && before?.kind === "number")
    return `write  ${Number((Number(before.text) / 100).toPrecision(12))}  for  ${before.text} %`;
  if (character === "?") return "write  where(test, then, otherwise)";
  if (character === "!" && /!=/.test(text)) return EQUAL_HELP;
  return joinsTests(character) ? sayTests(text) : SYNTAX_HELP;
}

/** A state is hardly ever exactly at a value. */
export const EQUAL_HELP = "numbers are not tested for being equal: compare them by <, <=, > or >=";

export const SYNTAX_HELP =
  "equations are made of names, numbers, + - * / ^, brackets and calls such as exp(x)";

function checkNumber(token: Token, line: Line): Token {
  const value = Number(token.text);
  const underflow = value === 0 && /^[^eE]*[1-9]/.test(token.text);
  if (!Number.isFinite(value) || underflow)
    throw refuse(
      "EQ-NUMBER",
      `${clip(token.text)} is not a number that a computer can hold`,
      line,
      token,
      "use numbers between 1e-300 and 1e300",
    );
  return token;
}

/**
 * A name must be safe wherever it may end up: as a key of an object, in a file, in print.
 * @throws EQ-NAME
 */
export function checkName(
  name: string,
  line: Pick<Line, "where" | "number" | "text"> | string,
  at: Pick<Token, "start"> | null = null,
): void {
  if (/^[A-Za-z](?:_?[A-Za-z0-9])*_?$/.test(name) && !(name in Object.prototype) && name.length <= 60) return;
  const fact = `"${clip(name)}" cannot be a name`;
  const remedy =
    "names are a letter, then letters, digits and single underscores, at most 60; words of " +
    "JavaScript's objects are reserved";
  if (typeof line === "string")
    throw new OhmletError({ code: "EQ-NAME", fact, place: { where: line }, remedy });
  throw refuse("EQ-NAME", fact, line, at, remedy);
}

/**
 * Two values side by side: a product without its sign. A name before a bracket may be a call; resolve.ts
 * knows.
 */
function checkNeighbours(line: Line, left: Token | undefined, right: Token): void {
  if (left === undefined) return;
  if (left.text === "*" && right.text === "*")
    throw refuse(
      "EQ-SYNTAX",
      "** is no sign of an equation",
      line,
      left,
      `write  ${line.text.replaceAll("**", "^")}`,
    );
  const leftEnds = left.kind !== "sign" || left.text === ")";
  const rightStarts = right.kind !== "sign" || (right.text === "(" && left.kind !== "name");
  if (!leftEnds || !rightStarts) return;
  if ([left, right].some(({ text }) => joinsTests(text)))
    throw refuse(
      "EQ-SYNTAX",
      "tests cannot be joined by and, or and not",
      line,
      joinsTests(right.text) ? right : left,
      sayTests(line.text),
    );
  const quantity = left.kind === "number" ? sayQuantity(left.text, right.text) : null;
  if (quantity !== null)
    throw refuse(
      "EQ-PRODUCT",
      `"${left.text} ${right.text}" is a quantity with a unit`,
      line,
      left,
      quantity,
    );
  throw refuse(
    "EQ-PRODUCT",
    `there is no operator between "${left.text}" and "${right.text}"`,
    line,
    right,
    `for a product write  ${left.text}*${right.text}`,
  );
}

/** Counts what parsers recurse on: open brackets, chains of signs, powers of powers. */
function checkDepth(line: Line): void {
  let signs = 0;
  let before: Token | undefined;
  /** Powers one on top of another, in each bracket that is open. */
  const powers = [0];
  for (const token of line.tokens) {
    const { text } = token;
    const starts = before === undefined || (before.kind === "sign" && before.text !== ")");
    signs = text === "-" || text === "+" ? signs + 1 : 0;
    if (text === "(") powers.push(0);
    else if (text === ")" && powers.length > 1) powers.pop();
    else if (text === "^") powers[powers.length - 1]++;
    // A sign before a value goes on with the power that it is in: 2^-3.
    else if (token.kind === "sign" && text !== ")" && !(signs > 0 && starts)) powers[powers.length - 1] = 0;
    if (Math.max(powers.length - 1, signs, powers[powers.length - 1]) > LIMITS.nesting) {
      throw refuse(
        "EQ-DEPTH",
        `the equation is nested more than ${LIMITS.nesting} levels deep`,
        line,
        token,
        "split it with definitions of its own parts",
      );
    }
    before = token;
  }
}

function checkBrackets(line: Line): void {
  const open: Token[] = [];
  for (const token of line.tokens) {
    if (token.text === "(") open.push(token);
    if (token.text === ")" && open.pop() === undefined)
      throw refuse(
        "EQ-SYNTAX",
        "a closing bracket has no opening one",
        line,
        token,
        "take it out, or open one before it",
      );
  }
  const unclosed = open.pop();
  if (unclosed) throw refuse("EQ-SYNTAX", "a bracket is not closed", line, unclosed, "close it with  )");
}

const skip = (text: string, i: number): number => {
  while (i < text.length && /\s/.test(text[i])) i++;
  return i;
};

const clip = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
