/** Unions of forms that differ by their shape, or by a key. */
import { nearest } from "../equations/functions";
import { fieldOf } from "./composites";
import { clip, type Mapping, type Node } from "./node";
import { fault, wrongType, type Given, type Infer, type Schema } from "./schema";

type Form = Schema<unknown>;
type Tag = NonNullable<Form["tag"]>;

/**
 * One of several forms. A node's shape picks among them; among maps, the tag: so that a fault is told about
 * the one form that was meant, and not about all.
 */
export function oneOf<const S extends readonly Form[]>(forms: S): Schema<Infer<S[number]>, Given<S[number]>> {
  type T = Infer<S[number]>;
  const wanted = [...new Set(forms.map((form) => form.wanted))].join(", or ");
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

function shapeOf(node: Node): Form["shapes"][number] | null {
  if (node.kind !== "scalar") return node.kind;
  if (typeof node.value === "boolean") return "flag";
  return node.value === null ? null : typeof node.value === "string" ? "text" : "number";
}

/** The form of a map that its tag tells; without a tag, the last form. */
function pick(map: Mapping, forms: readonly Form[]): Form {
  const tags = forms.flatMap(({ tag }) => tag ?? []);
  const given = forms.filter(({ tag }) => tag !== undefined && fieldOf(map, tag.key) !== undefined);
  const meant = given.find(({ tag }) => tells(tag as Tag, map));
  if (meant !== undefined) return meant;
  if (given.length > 0) throw unknownChoice(map, (given[0].tag as Tag).key, tags);
  const last = forms[forms.length - 1];
  if (forms.length === 1 || last.tag === undefined) return last;
  throw missingTag(map, tags);
}

/** Whether a map says of itself that it is of a form: by a key's value, or by having the key. */
function tells({ key, value }: Tag, map: Mapping): boolean {
  const found = fieldOf(map, key);
  return value === undefined || (found?.kind === "scalar" && found.value === value);
}

const choicesOf = (key: string, tags: readonly Tag[]): string[] =>
  tags.flatMap((tag) => (tag.key === key && tag.value !== undefined ? [tag.value] : []));

function unknownChoice(map: Mapping, key: string, tags: readonly Tag[]): Error {
  const value = fieldOf(map, key) as Node;
  const choices = choicesOf(key, tags);
  const text = value.kind === "scalar" ? String(value.value) : null;
  const near =
    value.kind === "scalar" && typeof value.value === "string"
      ? nearest(value.value.slice(0, 60), choices)
      : null;
  return fault(
    value,
    "CONFIG-CHOICE",
    `${text === null ? "this" : `"${clip(text)}"`} is not known here`,
    `${near === null ? "" : `did you mean "${near}"? `}choices: ${choices.join(", ")}`,
  );
}

function missingTag(map: Mapping, tags: readonly Tag[]): Error {
  const [first, ...others] = new Set(tags.map(({ key }) => key));
  return fault(
    map,
    "CONFIG-MISSING",
    `the key ${[`"${first}" is missing`, ...others.map((key) => `"${key}"`)].join(", or ")}`,
    `add  ${first}:  ${choicesOf(first, tags).join(", ")}`,
  );
}
