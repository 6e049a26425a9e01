/** Maps with known keys, each with a schema of its own. */
import { nearest } from "../equations/functions";
import { clip, type Mapping, type Node } from "./node";
import { expectMap, fault, type JsonSchema, type Schema } from "./schema";

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
      expectKnown(map, keys);
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

/** @throws OhmletError CONFIG-KEY, with the key that may have been meant */
function expectKnown(map: Mapping, keys: readonly string[]): void {
  const odd = map.entries.find(({ key }) => !keys.includes(key));
  if (odd === undefined) return;
  const near = nearest(odd.key.slice(0, 60), keys);
  throw fault(
    { ...odd.value, mark: odd.mark ?? odd.value.mark },
    "CONFIG-KEY",
    `there is no key "${clip(odd.key)}" here`,
    `${near === null ? "" : `did you mean "${near}"? `}keys: ${keys.join(", ")}`,
  );
}

/** The value of a key, where it is there. */
export function fieldOf(node: Mapping, key: string): Node | undefined {
  return node.entries.find((entry) => entry.key === key)?.value;
}
