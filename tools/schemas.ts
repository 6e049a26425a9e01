/** The JSON Schemas of all kinds of config files, as they lie in schemas/: a test holds them true. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { jsonSchemaOf, KINDS, type Kind } from "../src/config/json-schema";

export const SCHEMAS = resolve(__dirname, "../schemas");

/** File name to text. */
export const schemaFiles = (): ReadonlyMap<string, string> =>
  new Map(
    (Object.keys(KINDS) as Kind[]).map((kind) => [
      `${kind}.json`,
      `${JSON.stringify(jsonSchemaOf(kind), null, 2)}\n`,
    ]),
  );

export function writeSchemas(): void {
  mkdirSync(SCHEMAS, { recursive: true });
  for (const [name, text] of schemaFiles()) writeFileSync(join(SCHEMAS, name), text);
}
