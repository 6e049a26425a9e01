/** Schemas made of others: maps with known keys, and unions of forms that differ by shape or by a key. */
import { nearest } from "../equations/functions";
import { clip, type Mapping, type Node } from "./node";
import { expectMap, fault, wrongType, type Given, type Infer, type JsonSchema, type Schema } from "./schema";

export interface Field<T, G = T> {
  readonly schema: Schema<T>;
  /** What code may give, for the compiler alone: never there. */
  readonly given?: readonly [G];
  /** One line for editors. */
  readonly about: string;
  readonly required: boolean;
  readonly fallback?: T;
}
type Fields = Readonly<Record<string, Field<unknown>>>;
type FieldValue<F> = F extends Field<infer T, unknown> ? T : never;
/** Values by key; a field without a default may be undefined. */
export type Values<F extends Fields> = {
  readonly [K in keyof F as undefined extends FieldValue<F[K]> ? never : K]: FieldValue<F[K]>;
} & { readonly [K in keyof F as undefined extends FieldValue<F[K]> ? K : never]?: FieldValue<F[K]> };

/** What code may give: as above, and what has a value of its own may be left out. */
export type GivenValues<F extends Fields> = {
  readonly [K in keyof F as undefined extends GivenValue<F[K]> ? never : K]: GivenValue<F[K]>;
} & { readonly [K in keyof F as undefined extends GivenValue<F[K]> ? K : never]?: GivenValue<F[K]> };
type GivenValue<F> = F extends Field<unknown, infer G> ? G : never;

export const required = <T, G>(about: string, schema: Schema<T, G>): Field<T, G> => ({
  schema: schema as unknown as Schema<T>,
  about,
  required: true,
});
export const optional = <T, G>(about: string, schema: Schema<T, G>): Field<T | undefined, G | undefined> => ({
  schema: schema as unknown as Schema<T | undefined>,
  about,
  required: false,
});
/** A field with a value of its own where it is left out. */
export const preset = <T, G>(
  about: string,
  schema: Schema<T, G>,
  fallback: NoInfer<T>,
): Field<T, G | undefined> => ({
  schema: schema as unknown as Schema<T>,
  about,
  required: false,
  fallback,
});

/**
 * A map with known keys and no others.
 * @param tag key that tells this form from the others of a union, by its one value or by being there
 */
export function object<const F extends Fields>(
  fields: F,
  tag?: { readonly key: string; readonly value?: string },
): Schema<Values<F>, GivenValues<F>> {
  const keys = Object.keys(fields);
  const wanted = `a map of ${keys.slice(0, 6).join(", ")}${keys.length > 6 ? ", …" : ""}`;
  return {
    wanted,
    shapes: ["map"],
    ...(tag !== undefined && { tag }),
    read(node, origins) {
      const map = expectMap(node, wanted);
      for (const { key, mark, value } of map.entries) {
        if (Object.hasOwn(fields, key)) continue;
        const near = nearest(key.slice(0, 60), keys);
        throw fault(
          { ...value, mark: mark ?? value.mark },
          "CONFIG-KEY",
          `there is no key "${clip(key)}" here`,
          near === null ? `keys: ${keys.join(", ")}` : `did you mean "${near}"? keys: ${keys.join(", ")}`,
        );
      }
      const out: Record<string, unknown> = {};
      for (const key of keys) {
        const { schema, required: needed, fallback, about } = fields[key];
        const value = fieldOf(map, key);
        if (value !== undefined) out[key] = schema.read(value, origins);
        else if (needed)
          throw fault(
            map,
            "CONFIG-MISSING",
            `the key "${key}" is missing`,
            `add  ${key}:  ${schema.wanted} (${about})`,
          );
        else if (fallback !== undefined) out[key] = fallback;
      }
      origins.set(out, node);
      return out as Values<F>;
    },
    json(definitions) {
      const properties = keys.map((key): [string, JsonSchema] => {
        const { schema, about, fallback } = fields[key];
        return [
          key,
          {
            ...schema.json(definitions),
            description: about,
            ...(fallback !== undefined && { default: fallback }),
          },
        ];
      });
      return {
        type: "object",
        properties: Object.fromEntries(properties),
        required: keys.filter((key) => fields[key].required),
        additionalProperties: false,
      };
    },
  };
}

/** The value of a key, where it is there. */
export function fieldOf(node: Mapping, key: string): Node | undefined {
  return node.entries.find((entry) => entry.key === key)?.value;
}

/**
 * One of several forms. A node's shape picks among them; among maps, the tag: so that a fault is told about
 * the one form that was meant, and not about all.
 */
export function oneOf<const S extends readonly Schema<unknown>[]>(
  forms: S,
): Schema<Infer<S[number]>, Given<S[number]>> {
  type T = Infer<S[number]>;
  const wanted = forms
    .map((form) => form.wanted)
    .filter((each, i, all) => all.indexOf(each) === i)
    .join(", or ");
  return {
    wanted,
    shapes: forms.flatMap((form) => form.shapes),
    read(node, origins) {
      const shape = shapeOf(node);
      const fitting = forms.filter((form) => shape !== null && form.shapes.includes(shape));
      if (fitting.length === 0) throw wrongType(node, wanted);
      return (node.kind === "map" ? pick(node, fitting) : fitting[0]).read(node, origins) as T;
    },
    json: (definitions) => ({ anyOf: forms.map((form) => form.json(definitions)) }),
  };
}

function shapeOf(node: Node): Schema<unknown>["shapes"][number] | null {
  if (node.kind !== "scalar") return node.kind;
  if (typeof node.value === "boolean") return "flag";
  return node.value === null ? null : typeof node.value === "string" ? "text" : "number";
}

/** The form of a map that its tag tells; without a tag, the last form. */
function pick(map: Mapping, forms: readonly Schema<unknown>[]): Schema<unknown> {
  const tagged = forms.filter((form) => form.tag !== undefined && fieldOf(map, form.tag.key) !== undefined);
  const found = tagged.find(({ tag }) => {
    const value = fieldOf(map, tag!.key)!;
    return tag!.value === undefined || (value.kind === "scalar" && value.value === tag!.value);
  });
  if (found !== undefined) return found;
  if (tagged.length > 0) {
    const key = tagged[0].tag!.key;
    const value = fieldOf(map, key)!;
    const choices = tagged.flatMap(({ tag }) =>
      tag!.key === key && tag!.value !== undefined ? [tag!.value] : [],
    );
    const near =
      value.kind === "scalar" && typeof value.value === "string"
        ? nearest(value.value.slice(0, 60), choices)
        : null;
    throw fault(
      value,
      "CONFIG-CHOICE",
      `${value.kind === "scalar" ? `"${clip(String(value.value))}"` : "this"} is not known here`,
      `${near === null ? "" : `did you mean "${near}"? `}choices: ${choices.join(", ")}`,
    );
  }
  const last = forms[forms.length - 1];
  if (forms.length === 1 || last.tag === undefined) return last;
  const keys = forms
    .flatMap(({ tag }) => (tag === undefined ? [] : [tag.key]))
    .filter((key, i, all) => all.indexOf(key) === i);
  throw fault(
    map,
    "CONFIG-MISSING",
    `the key "${keys[0]}" is missing${
      keys.length > 1
        ? `, or ${keys
            .slice(1)
            .map((key) => `"${key}"`)
            .join(", or ")}`
        : ""
    }`,
    `add  ${keys[0]}:  ` +
      `${forms.flatMap(({ tag }) => (tag?.key === keys[0] && tag.value !== undefined ? [tag.value] : [])).join(", ")}`,
  );
}
