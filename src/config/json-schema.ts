/** The JSON Schema (draft 2020-12) of what a file may hold. */
import { circuit } from "./circuit-schema";
import { device } from "./device-schema";
import { run } from "./run-schema";
import type { Definitions, JsonSchema, Schema } from "./schema";
import { study } from "./study";
import { weakest } from "./weakest";

/** The schemas of all kinds of files, by kind: what `jsonSchemaOf` writes as JSON Schema. */
export const KINDS = { run, circuit, device, study, weakest } as const;
/** What a file can hold: a run, a circuit, a device, a study, or a search for the weakest point. */
export type Kind = keyof typeof KINDS;

const TITLES: Readonly<Record<Kind, string>> = {
  run: "A run of Ohmlet: circuit, data, and how it learns",
  circuit: "A circuit of Ohmlet",
  device: "A device of Ohmlet",
  study: "A study of Ohmlet: a run, what is varied, what is measured",
  weakest: "A search for the weakest point of a run of Ohmlet",
};

/** The whole schema, with its definitions. */
export function jsonSchemaOf(kind: Kind): JsonSchema {
  const definitions: Definitions = {};
  const top: Schema<unknown> = KINDS[kind];
  const reference = top.json(definitions);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: TITLES[kind],
    ...reference,
    $defs: definitions,
  };
}
