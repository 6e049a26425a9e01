/**
 * A device's text as statements: what each line says, before names have meaning. Which statements a neuron or
 * a synapse needs is not known here; see src/device.
 *
 *     # a comment                       C*du/dt = expression : unit        rate
 *     name = expression : unit          u <- expression : unit             update
 *     f(x, y) = expression              0 <= u <= 1,  0 < a < b            ordering: bounds of a state, a condition
 *     w <- expression at pulse : unit   x <- expression at step keeps      update at an event (qualifiers.ts)
 *     i = flicker(S, f_low, f_high) : A keeps                              flicker noise (flicker.ts)
 *     V_os per column : V                                                  sharing: what a parameter is drawn for
 */
import { OhmletError } from "../errors";
import { parseDimension } from "../units/parse";
import type { Dimension } from "../units/quantity";
import { readFlicker, type FlickerArgument } from "./flicker-text";
import { cutQualifiers, readExtent, type DeviceEvent, type Extent } from "./qualifiers";
import { parseSyntax, startOf, type Syntax } from "./syntax";
import { checkName, LIMITS, refuse, SYNTAX_HELP, tokenize, type Line, type Token } from "./token";

interface Common {
  readonly line: Line;
  /** What the line is about: the name defined, the state that moves. */
  readonly name: string;
  /** The dimension after the colon. */
  readonly unit: Dimension | null;
}

interface Lasting {
  /** Whether what moves lives on the chip's clock, and outlives a phase. */
  readonly keeps: boolean;
}

/** name = right, or name(parameters) = right. */
export type Definition = Common & {
  readonly kind: "definition";
  readonly parameters: readonly string[] | null;
  readonly right: Syntax;
};
/** left = right, where left holds the rate "du/dt" of `name`. The unit is that of u. */
export type Rate = Common &
  Lasting & { readonly kind: "rate"; readonly left: Syntax; readonly right: Syntax };
/** name <- right, at an event; null: at whichever the device knows without being told. */
export type Update = Common &
  Lasting & { readonly kind: "update"; readonly right: Syntax; readonly event: DeviceEvent | null };
/** name = flicker(density at 1 Hz, lowest and highest frequency, poles a decade). */
export type Flicker = Common &
  Lasting & { readonly kind: "flicker"; readonly args: readonly FlickerArgument[] };
/** A parameter that several devices share one draw of. */
export type Sharing = Common & { readonly kind: "sharing"; readonly extent: Extent };
/** Two or three values from small to large; `strict[i]`: whether parts i and i + 1 must differ. */
export type Ordering = Common & {
  readonly kind: "ordering";
  readonly parts: readonly Syntax[];
  readonly strict: readonly boolean[];
};
export type Statement = Definition | Rate | Update | Ordering | Flicker | Sharing;
/** lower <= name <= upper: an ordering that is about a name. */
export type Bounds = Common & { readonly lower: Syntax | null; readonly upper: Syntax | null };

/** @throws EQ-SIZE, EQ-SYNTAX, EQ-NAME, EQ-NUMBER, EQ-PRODUCT, EQ-DEPTH, EQ-UNIT */
export function readStatements(where: string, text: string): readonly Statement[] {
  const place = { where };
  if (text.length > LIMITS.characters)
    throw new OhmletError({
      code: "EQ-SIZE",
      fact: `the equations have ${text.length} characters, more than ${LIMITS.characters}`,
      place,
      remedy: "write less: a device is a few lines",
    });
  const lines = text.replace(/^(?:[^\S\n]*\n)+/, "").split(/\r?\n/);
  if (lines.length > LIMITS.lines)
    throw new OhmletError({
      code: "EQ-SIZE",
      fact: `the equations have ${lines.length} lines, more than ${LIMITS.lines}`,
      place,
      remedy: "write less: a device is a few lines",
    });
  return lines.flatMap((raw, i) => {
    const content = raw.split("#", 1)[0].trim();
    return content === "" ? [] : [readStatement(where, i + 1, content)];
  });
}

/** Reads one expression that stands alone (a unit drive, an initial value). `where` should name the field. */
export function readLoneExpression(where: string, text: string): Syntax {
  if (text.length > LIMITS.characters)
    throw new OhmletError({
      code: "EQ-SIZE",
      fact: `the expression has ${text.length} characters, more than ${LIMITS.characters}`,
      place: { where },
      remedy: "write less, with definitions",
    });
  const line = tokenize(where, 1, text.replace(/\s+/g, " ").trim());
  return parseSyntax(line, 0, line.tokens.length);
}

function readStatement(where: string, number: number, content: string): Statement {
  const { equation, text, unit, keeps: late } = splitUnit(where, number, content);
  const place = { where, number, text };
  const shared = readExtent(equation, place);
  if (shared !== null) {
    const line = { ...tokenize(where, number, shared.name), text };
    return { kind: "sharing", line, name: plainName(line, line.tokens[0]), unit, extent: shared.extent };
  }
  const cut = cutQualifiers(equation, place);
  const { event } = cut;
  const keeps = cut.keeps || late;
  const flicker = readFlicker(cut.equation, place);
  if (flicker !== null) {
    if (event !== null) throw idle(place, "at");
    const { line, args } = flicker;
    return { kind: "flicker", line, name: plainName(line, line.tokens[0]), unit, keeps, args };
  }
  // The line keeps what was cut off in its text, for print.
  const line = { ...tokenize(where, number, cut.equation), text };
  const statement = readPlain(line, unit);
  if (statement.kind === "update") return { ...statement, event, keeps };
  if (event !== null) throw idle(place, "at");
  if (statement.kind === "rate") return { ...statement, keeps };
  if (keeps) throw idle(place, "keeps");
  return statement;
}

const idle = (place: Pick<Line, "where" | "number" | "text">, word: string): OhmletError =>
  refuse(
    "EQ-SYNTAX",
    word === "at" ? "only a line with <- happens at an event" : "only what moves can be kept",
    place,
    { start: place.text.lastIndexOf(` ${word}`) + 1 },
    word === "at" ? "write  name <- expression at write" : "take  keeps  out: it is for  <-  and for rates",
  );

function readPlain(line: Line, unit: Dimension | null): Exclude<Statement, Flicker | Sharing> {
  const { tokens } = line;
  const [at] = topLevel(tokens, ["=", "<-"]);
  const orders = at === undefined ? topLevel(tokens, ORDERS) : [];
  if (orders.length > 0) return readOrdering(line, unit, orders);
  if (at === undefined)
    throw refuse(
      "EQ-SYNTAX",
      "the line says nothing: it has no =, <-, < or <=",
      line,
      null,
      "write  name = …,  du/dt = …,  u <- …  or  0 <= u <= 1",
    );
  const right = parseSyntax(line, at + 1, tokens.length);
  if (tokens[at].text === "<-")
    return { kind: "update", line, name: plainName(line, tokens[0]), unit, right, event: null, keeps: false };
  const rate = tokens.slice(0, at).find((token) => token.text.endsWith("/dt"));
  if (rate !== undefined)
    return {
      kind: "rate",
      line,
      name: rate.text.slice(1, -"/dt".length),
      unit,
      left: parseSyntax(line, 0, at),
      right,
      keeps: false,
    };
  return readDefinition(line, unit, at, right);
}

function readDefinition(line: Line, unit: Dimension | null, at: number, right: Syntax): Definition {
  const left = parseSyntax(line, 0, at);
  if (left.kind === "name" && left.first === left.last)
    return {
      kind: "definition",
      line,
      name: plainName(line, line.tokens[left.first]),
      unit,
      parameters: null,
      right,
    };
  if (left.kind === "call" && left.first === 0) {
    const parameters = left.args.map((arg) => {
      if (arg.kind !== "name" || arg.first !== arg.last)
        throw refuse(
          "EQ-SYNTAX",
          "a function is defined over plain names",
          line,
          startOf(arg),
          "write  f(x) = …",
        );
      return plainName(line, line.tokens[arg.first]);
    });
    if (parameters.length === 0)
      throw refuse(
        "EQ-SYNTAX",
        `${left.name}() has no arguments`,
        line,
        startOf(left),
        `write  ${left.name} = …`,
      );
    if (new Set(parameters).size < parameters.length)
      throw refuse("EQ-DUPLICATE", "two arguments have the same name", line, startOf(left));
    return { kind: "definition", line, name: plainName(line, line.tokens[0]), unit, parameters, right };
  }
  throw refuse(
    "EQ-SYNTAX",
    "the left side is neither a name, nor a function of names, nor a rate",
    line,
    startOf(left),
    "write  name = …,  f(x) = …  or  C*du/dt = …",
  );
}

const ORDERS = ["<", "<=", ">", ">="];
const BOUNDS_HELP = "write  0 <= u <= 1,  u >= 0  or  u <= 1";

function readOrdering(line: Line, unit: Dimension | null, signs: readonly number[]): Ordering {
  const { tokens } = line;
  const texts = signs.map((at) => tokens[at].text);
  if (signs.length > 2 || new Set(texts.map((text) => text[0])).size > 1)
    throw refuse(
      "EQ-SYNTAX",
      "at most three values can be ordered, all from small to large or all from large to small",
      line,
      tokens[signs[signs.length - 1]],
      BOUNDS_HELP,
    );
  const parts = [...signs, tokens.length].map((end, i) =>
    parseSyntax(line, i === 0 ? 0 : signs[i - 1] + 1, end),
  );
  const strict = texts.map((text) => text.length === 1);
  if (texts[0].startsWith(">")) [parts, strict].forEach((list) => list.reverse());
  return { kind: "ordering", line, name: "", unit, parts, strict };
}

/** An ordering as bounds of the name in it. @throws EQ-SYNTAX */
export function boundsOf({ line, unit, parts, strict }: Ordering): Bounds {
  const { tokens } = line;
  const open = tokens.find(({ text }) => text === "<" || text === ">");
  if (open !== undefined && strict.includes(true))
    throw refuse("EQ-SYNTAX", "bounds of a state belong to its range", line, open, BOUNDS_HELP);
  const state =
    parts.length === 3
      ? parts[1]
      : parts.find((part, i) => part.kind === "name" && (i === 0 || parts[0].kind !== "name"));
  if (state?.kind !== "name")
    throw refuse("EQ-SYNTAX", "bounds must be those of a name", line, null, BOUNDS_HELP);
  const name = plainName(line, tokens[state.first]);
  if (parts.length === 3) return { line, name, unit, lower: parts[0], upper: parts[2] };
  return {
    line,
    name,
    unit,
    lower: state === parts[1] ? parts[0] : null,
    upper: state === parts[0] ? parts[1] : null,
  };
}

/** Cuts off ": unit", and the `keeps` behind it. */
function splitUnit(where: string, number: number, text: string) {
  const [equation, annotation, ...more] = text.split(":");
  const place = { where, number, text };
  if (more.length > 0)
    throw refuse(
      "EQ-SYNTAX",
      "a line has at most one colon, before its unit",
      place,
      { start: text.lastIndexOf(":") },
      "write  name = expression : unit",
    );
  if (annotation === undefined) return { equation, text, unit: null, keeps: false };
  if (equation.trim() === "")
    throw refuse("EQ-SYNTAX", "there is no equation before the colon", place, { start: 0 }, SYNTAX_HELP);
  const unitText = annotation.replace(/\s+keeps\s*$/, "");
  try {
    const unit = parseDimension(unitText, where);
    return { equation: equation.trimEnd(), text, unit, keeps: unitText !== annotation };
  } catch (error) {
    if (!(error instanceof OhmletError)) throw error;
    throw refuse(
      "EQ-UNIT",
      error.fact,
      place,
      { start: equation.length + 1 + (annotation.length - annotation.trimStart().length) },
      error.remedy,
    );
  }
}

/** Indices of signs outside all brackets. */
function topLevel(tokens: readonly Token[], signs: readonly string[]): number[] {
  let depth = 0;
  return tokens.flatMap(({ text }, i) => {
    if (text === "(") depth++;
    if (text === ")") depth--;
    return depth === 0 && signs.includes(text) ? [i] : [];
  });
}

function plainName(line: Line, token: Token): string {
  if (token.kind !== "name")
    throw refuse("EQ-SYNTAX", "a name is expected here", line, token, "write  name = expression");
  checkName(token.text, line, token);
  return token.text;
}
