/** The JSON Schema (draft 2020-12) of what a file may hold. */
import { circuit } from "./circuit-schema";
import { device } from "./device-schema";
import { run, type CompleteRunConfig, type RunConfig } from "./run-schema";
import type { Definitions, JsonSchema, Schema } from "./schema";
import { study, type CompleteStudyConfig, type StudyConfig } from "./study";
import { weakest, type CompleteWeakestConfig, type WeakestConfig } from "./weakest";

/** The schemas of all kinds of files, by kind: what `jsonSchemaOf` writes as JSON Schema. */
export const KINDS: {
  readonly run: Schema<CompleteRunConfig, RunConfig>;
  readonly circuit: typeof circuit;
  readonly device: typeof device;
  readonly study: Schema<CompleteStudyConfig, StudyConfig>;
  readonly weakest: Schema<CompleteWeakestConfig, WeakestConfig>;
} = { run, circuit, device, study, weakest };
/** What a file can hold: a run, a circuit, a device, a study, or a search for the weakest point. */
export type Kind = keyof typeof KINDS;

const TITLES: Readonly<Record<Kind, string>> = {
  run: "A run of Ohmlet: circuit, data, and how it learns",
  circuit: "A circuit of Ohmlet",
  device: "A device of Ohmlet",
  study: "A study of Ohmlet: a run, what is varied, what is measured",
  weakest: "A search for the weakest point of a run of Ohmlet",
};

/** Where a schema is found by its name: the file of it in the published package. */
const ADDRESS = "https://unpkg.com/ohmlet/schemas/";

/** The whole schema, with its definitions. */
export function jsonSchemaOf(kind: Kind): JsonSchema {
  const definitions: Definitions = {};
  const top: Schema<unknown> = KINDS[kind];
  const reference = top.json(definitions);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `${ADDRESS}${kind}.json`,
    title: TITLES[kind],
    ...reference,
    $defs: definitions,
  };
}
