/**
 * A netlist as a tree: definitions with their lines, models, parameters; and what is asked of the whole. Lines
 * of elements are kept for elements.ts, which knows where they are used. Other files are never read, control
 * blocks never run.
 */
import { nearest } from "../options/nearest";
import type { OhmletError } from "../errors";
import { cardsOf, Source, type Card, type Token } from "./text";

/** A part of a line that stands for a value. */
export interface Written {
  readonly card: Card;
  readonly start: number;
  readonly end: number;
}

export interface Definition {
  readonly name: string;
  readonly card: Card | null;
  readonly ports: readonly string[];
  /** Its own parameters, in the order in which they are written; those of the head can be set where it is used. */
  readonly parameters: Map<string, Written>;
  readonly models: Map<string, ModelCard>;
  readonly subcircuits: Map<string, Definition>;
  readonly elements: Card[];
}

export interface ModelCard {
  readonly card: Card;
  readonly type: string;
  readonly values: ReadonlyMap<string, Written>;
}

export interface Netlist {
  readonly title: string;
  readonly top: Definition;
  /** Lines that are about the whole circuit: .tran, .ic, .options, … */
  readonly analyses: readonly Card[];
  readonly global: ReadonlySet<string>;
  /** What was left out, for people. */
  readonly notes: readonly string[];
}

const ANALYSES = [".op", ".tran", ".ac", ".ic", ".nodeset", ".options", ".option", ".opt", ".temp"];
const OTHER_ANALYSES = [".dc", ".noise", ".tf", ".sens", ".disto", ".pz", ".sp", ".hb", ".four"];
const OUTPUT = [".print", ".plot", ".save", ".probe", ".meas", ".measure", ".width", ".title", ".csparam"];
const FOREIGN = [".include", ".inc", ".incl", ".lib", ".spiceinclude", ".load"];
const STRUCTURE = [".param", ".params", ".model", ".subckt", ".ends", ".global", ".control", ".endc"];

const definition = (name: string, card: Card | null, ports: readonly string[]): Definition => ({
  name,
  card,
  ports,
  parameters: new Map(),
  models: new Map(),
  subcircuits: new Map(),
  elements: [],
});

/**
 * @param where what the text is called in errors
 * @throws OhmletError SPICE-SIZE, SPICE-SYNTAX, SPICE-CARD, SPICE-INCLUDE, SPICE-DUPLICATE
 */
export function readNetlist(text: string, where: string): Netlist {
  const { title, cards } = cardsOf(new Source(where, text));
  const top = definition("", null, []);
  const open: Definition[] = [top];
  const analyses: Card[] = [];
  const global = new Set<string>();
  const notes: string[] = [];
  const passed = new Set<string>();
  let control: Card | null = null;
  for (const card of cards) {
    const [{ text: word }] = card.tokens;
    const current = open[open.length - 1];
    if (control !== null) {
      if (word === ".endc") control = null;
      continue;
    }
    if (!word.startsWith(".")) {
      if (FOREIGN.includes(`.${word}`)) throw foreign(card, word);
      current.elements.push(card);
    } else if (word === ".control") {
      control = card;
      passed.add(".control … .endc");
    } else if (word === ".param" || word === ".params") collect(card, 1, current.parameters);
    else if (word === ".model") readModel(card, current);
    else if (word === ".subckt") open.push(readSubcircuit(card, current));
    else if (word === ".ends") {
      if (open.length === 1)
        throw card.fault(
          "SPICE-SYNTAX",
          ".ends closes no subcircuit",
          0,
          "take it out, or begin one:  .subckt name a b",
        );
      open.pop();
    } else if (word === ".global") card.tokens.slice(1).forEach(({ text: node }) => global.add(node));
    else if (ANALYSES.includes(word)) analyses.push(card);
    else if (OTHER_ANALYSES.includes(word)) passed.add(word);
    else if (FOREIGN.includes(word)) throw foreign(card, word);
    else if (!OUTPUT.includes(word)) throw unknown(card, word);
  }
  const unclosed = control ?? (open.length > 1 ? open[open.length - 1].card : null);
  if (unclosed !== null)
    throw unclosed.fault(
      "SPICE-SYNTAX",
      control === null ? "the subcircuit is not closed" : "the control block is not closed",
      0,
      `write  ${control === null ? ".ends" : ".endc"}  where it ends`,
    );
  if (passed.size > 0) notes.push(`passed over: ${[...passed].join(", ")}`);
  return { title, top, analyses, global, notes };
}

function foreign(card: Card, word: string): OhmletError {
  return card.fault(
    "SPICE-INCLUDE",
    `${word} names another file, and a netlist reads none`,
    0,
    "put the lines of that file in its place",
  );
}

function unknown(card: Card, word: string): OhmletError {
  const near = nearest(word.slice(0, 60), [...STRUCTURE, ...ANALYSES]);
  return card.fault(
    "SPICE-CARD",
    `"${word.slice(0, 60)}" is no line that is known`,
    0,
    near === null
      ? "take it out: there are .param, .model, .subckt, .op, .tran, .ic and .options"
      : `did you mean "${near}"?`,
  );
}

/** NAME TYPE (key=value …), with or without brackets. */
function readModel(card: Card, into: Definition): void {
  const [, name, type] = card.tokens;
  if (name === undefined || type === undefined || name.kind !== "word" || type.kind !== "word")
    throw card.fault(
      "SPICE-SYNTAX",
      "a model needs a name and a type",
      0,
      "write  .model DM D(IS=1e-14 N=1)",
    );
  taken(into.models, name, card, "model");
  const values = new Map<string, Written>();
  collect(card, 3, values);
  into.models.set(name.text, { card, type: type.text, values });
}

/** NAME ports [params:] [key=value …]. */
function readSubcircuit(card: Card, into: Definition): Definition {
  const name = card.tokens[1];
  if (name === undefined || name.kind !== "word")
    throw card.fault("SPICE-SYNTAX", "a subcircuit needs a name", 0, "write  .subckt name a b");
  taken(into.subcircuits, name, card, "subcircuit");
  const first = card.tokens.findIndex((_, i) => i > 1 && isKey(card, i) !== null);
  const until = first < 0 ? card.tokens.length : first;
  const ports = card.tokens.slice(2, until).filter(({ text }) => text !== "params:" && text !== "params");
  for (const [i, port] of ports.entries()) {
    if (port.kind !== "word")
      throw card.fault("SPICE-SYNTAX", "a name of a node is expected", port, "name its nodes");
    if (ports.findIndex(({ text }) => text === port.text) < i)
      throw card.fault(
        "SPICE-DUPLICATE",
        `the node "${port.text}" is named twice`,
        port,
        "give each its own name",
      );
  }
  const made = definition(
    name.text,
    card,
    ports.map(({ text }) => text),
  );
  if (first > 0) collect(card, first, made.parameters);
  into.subcircuits.set(name.text, made);
  return made;
}

function taken(names: ReadonlyMap<string, unknown>, name: Token, card: Card, kind: string): void {
  if (names.has(name.text))
    throw card.fault(
      "SPICE-DUPLICATE",
      `there are two ${kind}s "${name.text}"`,
      name,
      "give one another name",
    );
}

/** Whether `key = value` begins at a token: the place of its value. */
function isKey(card: Card, i: number): number | null {
  const [key, sign] = [card.tokens[i], card.tokens[i + 1]];
  return key?.kind === "word" && sign?.text === "=" && sign.kind === "sign" ? i + 2 : null;
}

/**
 * Every `key = value` from a token on; a value goes as far as the next key. Brackets around all of them are left
 * out.
 * @throws SPICE-SYNTAX, SPICE-DUPLICATE
 */
export function collect(card: Card, from: number, into: Map<string, Written>): void {
  const { tokens } = card;
  let i = from;
  // The brackets of  .model DM D(IS=…).
  const bracketed = tokens[i]?.text === "(" && isKey(card, i + 1) !== null;
  if (bracketed) i++;
  const last = bracketed && tokens[tokens.length - 1].text === ")" ? tokens.length - 1 : tokens.length;
  while (i < last) {
    const at = isKey(card, i);
    if (at === null)
      throw card.fault(
        "SPICE-SYNTAX",
        `"${tokens[i].text.slice(0, 40)}" is no parameter with its value`,
        tokens[i],
        "write  name=value  or  name={expression}",
      );
    let end = at;
    while (end < last && isKey(card, end) === null) end++;
    if (end === at)
      throw card.fault("SPICE-SYNTAX", `"${tokens[i].text}" has no value`, tokens[i], "write  name=value");
    if (into.has(tokens[i].text))
      throw card.fault("SPICE-DUPLICATE", `"${tokens[i].text}" is set twice`, tokens[i], "take one out");
    into.set(tokens[i].text, spanOf(card, tokens.slice(at, end)));
    i = end;
  }
}

/** The part of a line that tokens take; what is within braces or quotes, where they are one such. */
export function spanOf(card: Card, tokens: readonly Token[]): Written {
  const [first, last] = [tokens[0], tokens[tokens.length - 1]];
  const braced = tokens.length === 1 && first.kind === "expression";
  return { card, start: first.start + (braced ? 1 : 0), end: last.end - (braced ? 1 : 0) };
}
