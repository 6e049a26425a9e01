/**
 * A small language of schemas. One value says what a setting may be, and from it come three things: its type,
 * the check with places and remedies, and the JSON Schema for editors. Shapes only: whether names are known
 * elsewhere, units fit and equations hold is for those who use the values.
 */
import { nearest } from "../equations/functions";
import { OhmletError } from "../errors";
import { clip, describeNode, placeOf, type Mapping, type Node } from "./node";

/** A JSON Schema, as JSON. */
export type JsonSchema = { readonly [key: string]: unknown };
/** Definitions that a JSON Schema refers to, by name. */
export type Definitions = Record<string, JsonSchema>;

/** Where the parts of a value stood, for faults that are found later. */
export type Origins = WeakMap<object, Node>;

/**
 * What a setting may be: read with places and remedies, and told as JSON Schema. `T` is what is read, `G` what code
 * may give: without what has a value of its own.
 */
export interface Schema<T, G = T> {
  /** For the compiler alone: never there. */
  readonly given?: readonly [G];
  /** What fits, in a few words: "a whole number from 1 to 64". */
  readonly wanted: string;
  /** Which kinds of node it can be at all: forms of a union differ by it. */
  readonly shapes: readonly ("text" | "number" | "flag" | "list" | "map")[];
  /** For maps: the key whose value (or whose presence) tells this form from others. */
  readonly tag?: { readonly key: string; readonly value?: string };
  /** The value that a node holds. @throws OhmletError CONFIG-KEY, CONFIG-TYPE, CONFIG-RANGE, CONFIG-CHOICE, CONFIG-MISSING */
  read(node: Node, origins: Origins): T;
  /** The JSON Schema of it; parts with names go into the definitions. */
  json(definitions: Definitions): JsonSchema;
}

/** What a schema gives. */
export type Infer<S> = S extends Schema<infer T, unknown> ? T : never;
/** What code may give it. */
export type Given<S> = S extends Schema<unknown, infer G> ? G : never;

export function fault(node: Node, code: string, fact: string, remedy: string): OhmletError {
  return new OhmletError({ code, fact, place: placeOf(node.mark, node.path), remedy });
}

export function wrongType(node: Node, wanted: string, remedy = `write ${wanted}`): OhmletError {
  return fault(node, "CONFIG-TYPE", `${describeNode(node)} stands where ${wanted} is expected`, remedy);
}

export interface Bounds {
  readonly min?: number;
  /** Exclusive lower bound. */
  readonly above?: number;
  readonly max?: number;
}

export function number(
  { min, above, max }: Bounds = {},
  kind: "number" | "integer" = "number",
): Schema<number> {
  const range =
    above === undefined
      ? min === undefined
        ? max === undefined
          ? ""
          : ` up to ${max}`
        : max === undefined
          ? ` of at least ${min}`
          : ` from ${min} to ${max}`
      : ` above ${above}${max === undefined ? "" : `, up to ${max}`}`;
  const wanted = `${kind === "integer" ? "a whole number" : "a number"}${range}`;
  return {
    wanted,
    shapes: ["number"],
    read(node) {
      if (node.kind !== "scalar" || typeof node.value !== "number" || !Number.isFinite(node.value))
        throw wrongType(node, wanted);
      const { value } = node;
      if (kind === "integer" && !Number.isInteger(value))
        throw fault(node, "CONFIG-RANGE", `${value} is not a whole number`, `write ${wanted}`);
      if (value < (min ?? -Infinity) || value <= (above ?? -Infinity) || value > (max ?? Infinity))
        throw fault(node, "CONFIG-RANGE", `${value} is out of range`, `write ${wanted}`);
      return value;
    },
    json: () => ({
      type: kind,
      ...(min !== undefined && { minimum: min }),
      ...(above !== undefined && { exclusiveMinimum: above }),
      ...(max !== undefined && { maximum: max }),
    }),
  };
}

export const integer = (bounds: Bounds): Schema<number> => number(bounds, "integer");

export const flag: Schema<boolean> = {
  wanted: "true or false",
  shapes: ["flag"],
  read(node) {
    if (node.kind === "scalar" && typeof node.value === "boolean") return node.value;
    throw wrongType(node, "true or false");
  },
  json: () => ({ type: "boolean" }),
};

/** A text; `known` values are offered by editors, others are allowed. */
export function text(
  wanted: string,
  { longest = 200, known }: { readonly longest?: number; readonly known?: readonly string[] } = {},
): Schema<string> {
  return {
    wanted,
    shapes: ["text"],
    read(node) {
      if (node.kind !== "scalar" || typeof node.value !== "string")
        throw wrongType(
          node,
          wanted,
          node.kind === "scalar" && node.value !== null
            ? `write ${wanted}; in quotes, it is a text`
            : undefined,
        );
      if ([...node.value].length > longest)
        throw fault(node, "CONFIG-RANGE", `the text has more than ${longest} characters`, "write less");
      if (node.value === "") throw fault(node, "CONFIG-RANGE", "the text is empty", `write ${wanted}`);
      return node.value;
    },
    json: () =>
      known === undefined
        ? { type: "string", minLength: 1, maxLength: longest }
        : { anyOf: [{ enum: [...known] }, { type: "string", minLength: 1, maxLength: longest }] },
  };
}

export function choice<const C extends string>(choices: readonly C[]): Schema<C> {
  const wanted = choices.length === 1 ? `"${choices[0]}"` : `one of ${choices.join(", ")}`;
  return {
    wanted,
    shapes: ["text"],
    read(node) {
      if (node.kind !== "scalar" || typeof node.value !== "string") throw wrongType(node, wanted);
      const { value } = node;
      const found = choices.find((each) => each === value);
      if (found !== undefined) return found;
      const near = nearest(value.slice(0, 60), choices);
      throw fault(
        node,
        "CONFIG-CHOICE",
        `"${clip(value)}" is not known here`,
        `${near === null ? "" : `did you mean "${near}"? `}choices: ${choices.join(", ")}`,
      );
    },
    json: () => (choices.length === 1 ? { const: choices[0] } : { enum: [...choices] }),
  };
}

export function list<T, G>(
  of: Schema<T, G>,
  { least = 0, most = 1000 }: { readonly least?: number; readonly most?: number } = {},
): Schema<readonly T[], readonly G[]> {
  const wanted = `a list${least === most ? ` of ${least}` : ` of ${least} to ${most}`}, each ${of.wanted}`;
  return {
    wanted,
    shapes: ["list"],
    read(node, origins) {
      if (node.kind !== "list") throw wrongType(node, wanted, `write  [ …, … ],  each ${of.wanted}`);
      const { length } = node.items;
      if (length < least || length > most)
        throw fault(node, "CONFIG-RANGE", `the list has ${length} entries`, `write ${wanted}`);
      const items = node.items.map((item) => of.read(item, origins));
      origins.set(items, node);
      return items;
    },
    json: (definitions) => ({ type: "array", items: of.json(definitions), minItems: least, maxItems: most }),
  };
}

/** Keys of the user's own choice: letters, digits, spaces and `_ . : / -`, beginning with a letter. */
const RECORD_KEY = "^[A-Za-z][A-Za-z0-9_.:/>() -]{0,129}$";

export function record<T, G>(
  of: Schema<T, G>,
  most = 100,
): Schema<Readonly<Record<string, T>>, Readonly<Record<string, G>>> {
  const wanted = "a map from names to values";
  return {
    wanted,
    shapes: ["map"],
    read(node, origins) {
      const { entries } = expectMap(node, wanted);
      if (entries.length > most)
        throw fault(node, "CONFIG-RANGE", `there are more than ${most} entries`, "write fewer");
      const out = Object.create(null) as Record<string, T>;
      for (const { key, mark, value } of entries) {
        if (!new RegExp(RECORD_KEY).test(key))
          throw fault(
            { ...value, mark },
            "CONFIG-KEY",
            `"${clip(key)}" cannot be a name`,
            "use a letter, then letters, digits, spaces, _ . : / and -",
          );
        out[key] = of.read(value, origins);
      }
      origins.set(out, node);
      return out;
    },
    json: (definitions) => ({
      type: "object",
      additionalProperties: of.json(definitions),
      propertyNames: { pattern: RECORD_KEY },
      maxProperties: most,
    }),
  };
}

export function expectMap(node: Node, wanted: string): Mapping {
  if (node.kind === "map") return node;
  throw wrongType(node, wanted);
}

/** A schema that others refer to by name in the JSON Schema. */
export function named<T, G>(name: string, schema: Schema<T, G>): Schema<T, G> {
  return {
    ...schema,
    json(definitions) {
      if (!Object.hasOwn(definitions, name)) {
        definitions[name] = {}; // stands while it is written, for schemas that contain themselves
        definitions[name] = schema.json(definitions);
      }
      return { $ref: `#/$defs/${name}` };
    },
  };
}
