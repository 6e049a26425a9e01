/**
 * What a text of settings comes down to before anything is known about its meaning: scalars, lists and maps,
 * each with its place in the text. Plain data without a text become the same, so that both are checked by the
 * same schema.
 */
import { specOf } from "../device/spec";
import { OhmletError, type Place } from "../errors";

/** A text of settings and what to call it. */
export interface Source {
  /** A path as the user would type it: "configs/default.yaml". */
  readonly where: string;
  readonly text: string;
}

/** Where a node begins: offset into the text of its source; nothing for plain data. */
export interface Mark {
  readonly source: Source;
  readonly offset: number;
}

/** What every node has: its place. */
export interface Marked {
  readonly mark?: Mark;
  /** Keys that lead here: "estimator.points", "projections[2].synapse". Empty at the top. */
  readonly path: string;
}

/** A number, a text, a flag or null. */
export interface Scalar extends Marked {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
}
/** A list of nodes. */
export interface List extends Marked {
  readonly kind: "list";
  readonly items: readonly Node[];
}
/** A key of a map with what it holds. */
export interface Entry {
  readonly key: string;
  readonly mark?: Mark;
  readonly value: Node;
}
/** A map from keys to nodes. */
export interface Mapping extends Marked {
  readonly kind: "map";
  /** Keys are unique. */
  readonly entries: readonly Entry[];
}
/** A part of a text of settings, with its place. */
export type Node = Scalar | List | Mapping;

export const under = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`);

/** Levels of lists and maps within each other. */
export const DEEPEST = 32;

/**
 * Plain data as nodes; devices that were read are their specs. What JSON cannot say (functions, undefined in
 * lists) becomes null, which every schema refuses.
 * @throws OhmletError CONFIG-DEPTH, for what holds itself too
 */
export function nodeOf(value: unknown, path = "", depth = 0): Node {
  if (depth > DEEPEST)
    throw new OhmletError({
      code: "CONFIG-DEPTH",
      fact: `lists and maps are nested more than ${DEEPEST} deep`,
      place: placeOf(undefined, clip(path)),
      remedy: "nest less",
    });
  if (Array.isArray(value))
    return {
      kind: "list",
      path,
      items: Array.from(value, (item, i) => nodeOf(item, `${path}[${i}]`, depth + 1)),
    };
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(specOf(value) as object).filter(([, field]) => field !== undefined);
    return {
      kind: "map",
      path,
      entries: entries.map(([key, field]) => ({ key, value: nodeOf(field, under(path, key), depth + 1) })),
    };
  }
  return {
    kind: "scalar",
    path,
    value:
      typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null,
  };
}

/** The place of an error: file, line, column, the line itself, and the keys that lead there. */
export function placeOf(mark: Mark | undefined, path: string, where = "config"): Place {
  if (mark === undefined) return { where, path };
  const { text, where: file } = mark.source;
  const offset = Math.min(mark.offset, text.length);
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", start);
  const line = text.slice(0, start).split("\n").length;
  return {
    where: file,
    line,
    column: offset - start + 1,
    excerpt: text.slice(start, end < 0 ? undefined : end).replace("\r", ""),
    path,
  };
}

/** What a node is, for people: "a list", "the text "abc"". */
export function describeNode(node: Node): string {
  if (node.kind !== "scalar") return node.kind === "list" ? "a list" : "a map of keys";
  if (node.value === null) return "nothing";
  return typeof node.value === "string" ? `the text ${JSON.stringify(clip(node.value))}` : String(node.value);
}

export const clip = (text: string): string => (text.length <= 40 ? text : `${text.slice(0, 40)}…`);
