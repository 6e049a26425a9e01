/**
 * YAML 1.2 and JSON to nodes with places. Values are plain: texts, finite numbers, true, false, lists and
 * maps with unique names as keys. No aliases, tags, merges or dates; nothing becomes an object of JavaScript
 * here.
 */
import { isMap, isScalar, LineCounter, parseDocument, type ParsedNode, type YAMLError } from "yaml";
import { OhmletError } from "../errors";
import { check, optionsOf } from "../options";
import { guard } from "./guard";
import { clip, placeOf, under, type Entry, type Mark, type Node, type Source } from "./node";

/** Keys that mean something on every JavaScript object. */
const RESERVED = new Set(["__proto__", "constructor", "prototype"]);

const readSource = optionsOf<Source>("config", { needs: { where: check.text, text: check.text } });

/** What the parser's codes mean to a person, and what to do. */
const SYNTAX: Readonly<Record<string, readonly [fact: string, remedy: string]>> = {
  BAD_DQ_ESCAPE: [
    "there is an escape that means nothing",
    "write \\\\ for a backslash, or use single quotes",
  ],
  BAD_INDENT: [
    "the indentation does not fit the lines above",
    "keys of one map begin in one column; check that no bracket is left open",
  ],
  BAD_SCALAR_START: ["a plain text cannot begin with this sign", "put the text into quotes"],
  BLOCK_AS_IMPLICIT_KEY: [
    "a nested map stands where one value is expected",
    "begin a new line, indented, or put the text into quotes",
  ],
  BLOCK_IN_FLOW: ["a block stands within brackets", "write all of it within brackets, or none"],
  DUPLICATE_KEY: ["this key occurs twice", "keep one of the two"],
  MISSING_CHAR: [
    "a sign is missing: a closing bracket, quote, comma or colon",
    "close what is open; is the end of the file missing?",
  ],
  MULTILINE_IMPLICIT_KEY: [
    "a key goes over several lines",
    "check the quotes and colons of this line and the one before",
  ],
  TAB_AS_INDENT: ["a line is indented with a tab", "indent with spaces"],
  UNEXPECTED_TOKEN: ["this cannot stand here", "check brackets, quotes and indentation"],
};

/**
 * Reads a text; JSON (held to JSON's own rules) where the name ends in .json.
 * @throws OhmletError CONFIG-SYNTAX, CONFIG-DUPLICATE, CONFIG-NUMBER, CONFIG-KEY, CONFIG-EMPTY and those of
 *   guard.ts
 */
export function parseConfig(source: Source): Node {
  guard(readSource(source));
  if (source.where.endsWith(".json")) expectJson(source);
  const document = parseDocument(source.text, {
    version: "1.2",
    schema: "core",
    merge: false,
    uniqueKeys: true,
    strict: true,
    prettyErrors: false,
    lineCounter: new LineCounter(),
  });
  const [error] = document.errors;
  if (error !== undefined) throw syntaxError(source, error);
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null))
    throw new OhmletError({
      code: "CONFIG-EMPTY",
      fact: "the file is empty",
      place: { where: source.where },
      remedy: "see  ohmlet schema  or the shipped configs for what to write",
    });
  return convert(source, contents, "");
}

function convert(source: Source, node: ParsedNode | null, path: string, fallback = 0): Node {
  const mark: Mark = { source, offset: node?.range?.[0] ?? fallback };
  const fail = (at: Mark, code: string, fact: string, remedy: string): never => {
    throw new OhmletError({ code, fact, place: placeOf(at, path), remedy });
  };
  if (node === null) return { kind: "scalar", value: null, mark, path };
  if (isScalar(node)) {
    const { value } = node;
    if (typeof value === "number" && !Number.isFinite(value))
      fail(
        mark,
        "CONFIG-NUMBER",
        `${clip(String(node.source))} is not a finite number`,
        "write a number that is finite",
      );
    return {
      kind: "scalar",
      value:
        typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null,
      mark,
      path,
    };
  }
  if (!isMap(node)) {
    if (!("items" in node))
      return fail(mark, "CONFIG-ALIAS", "aliases are not followed", "write the value again");
    return {
      kind: "list",
      mark,
      path,
      items: (node.items as ParsedNode[]).map((item, i) =>
        convert(source, item, `${path}[${i}]`, mark.offset),
      ),
    };
  }
  const entries = node.items.map(({ key, value }): Entry => {
    const at: Mark = { source, offset: key?.range?.[0] ?? mark.offset };
    if (!isScalar(key) || typeof key.value !== "string")
      return fail(
        at,
        "CONFIG-KEY",
        "a key must be a name",
        "write a name; put it into quotes if it looks like a number",
      );
    if (key.value === "<<") fail(at, "CONFIG-KEY", "maps are not merged", "write the keys themselves");
    if (RESERVED.has(key.value))
      fail(at, "CONFIG-KEY", `"${key.value}" cannot be a key`, "choose another name");
    return { key: key.value, mark: at, value: convert(source, value, under(path, key.value), key.range[1]) };
  });
  return { kind: "map", mark, path, entries };
}

function syntaxError(source: Source, { code, pos, message }: YAMLError): OhmletError {
  const duplicate = code === "DUPLICATE_KEY";
  const [fact, remedy] = Object.hasOwn(SYNTAX, code)
    ? SYNTAX[code]
    : [`this is not YAML: ${clip(message.toLowerCase())}`, "check brackets, quotes and indentation"];
  return new OhmletError({
    code: duplicate ? "CONFIG-DUPLICATE" : "CONFIG-SYNTAX",
    fact,
    place: placeOf({ source, offset: pos[0] }, ""),
    remedy,
  });
}

/**
 * JSON has no comments, no trailing commas and no single quotes; what follows reads it as the YAML that it
 * also is.
 */
function expectJson(source: Source): void {
  try {
    JSON.parse(source.text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const at = /at position (\d+)/.exec(message)?.[1];
    const offset = at === undefined ? source.text.trimEnd().length : Number(at);
    throw new OhmletError({
      code: "CONFIG-SYNTAX",
      fact: offset >= source.text.trimEnd().length ? "the JSON ends too early" : "this is not JSON",
      place: placeOf({ source, offset }, ""),
      remedy:
        "JSON has double quotes, no comments and no comma before a closing bracket; name the file " +
        ".yaml to write YAML",
    });
  }
}
