/**
 * What a setting is, by its dotted path into a config: the description that the schema gives it. For people
 * who read results.
 */
import { jsonSchemaOf, type Kind } from "./json-schema";

type Tree = Readonly<Record<string, unknown>>;

const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const own = (tree: unknown, key: string): unknown =>
  typeof tree === "object" && tree !== null && Object.hasOwn(tree, key) ? (tree as Tree)[key] : undefined;

/**
 * What a setting is, in the words of the schema.
 * @param path dotted, such as "estimator.amplitude"
 * @param config tells which alternative of the schema holds
 * @returns undefined where the schema says nothing: names that are the user's own have no description
 */
export function describePath(kind: Kind, path: string, config: unknown): string | undefined {
  const root: Tree = jsonSchemaOf(kind);
  let here: readonly Tree[] = resolve(root, root);
  let value = config;
  for (const key of path.split(".")) {
    const [fitting, others] = [here.filter((one) => fits(one, value)), here];
    const found = [fitting, others]
      .map((all) => all.flatMap((one) => partsOf(root, one, key)))
      .find((all) => all.length > 0);
    if (found === undefined) return undefined;
    here = found;
    value = own(value, key);
  }
  const about = here.map((one) => one.description).find((text) => typeof text === "string");
  return about as string | undefined;
}

/** The schema of a part; what stands beside a reference goes before what it leads to. */
function partsOf(root: Tree, schema: Tree, key: string): readonly Tree[] {
  const named = own(schema.properties, key);
  const part =
    named ??
    (isTree(schema.additionalProperties) ? schema.additionalProperties : undefined) ??
    (isTree(schema.items) && /^\d+$/.test(key) ? schema.items : undefined);
  return isTree(part) ? [part, ...resolve(root, part)] : [];
}

/** A schema, or what it stands for: the target of a reference, each of several. */
function resolve(root: Tree, schema: Tree): readonly Tree[] {
  const { $ref, anyOf } = schema;
  if (typeof $ref === "string") {
    const target = own(root.$defs, $ref.replace("#/$defs/", ""));
    return isTree(target) ? resolve(root, target) : [];
  }
  return Array.isArray(anyOf) ? anyOf.filter(isTree).flatMap((one) => resolve(root, one)) : [schema];
}

/** Whether a value is of the kind that an alternative names: equal where the schema allows one value only. */
function fits(schema: Tree, value: unknown): boolean {
  return (
    isTree(schema.properties) &&
    Object.entries(schema.properties).every(([key, part]) => {
      const only =
        isTree(part) && Array.isArray(part.enum) && part.enum.length === 1
          ? part.enum[0]
          : own(part, "const");
      return only === undefined || own(value, key) === only;
    })
  );
}
