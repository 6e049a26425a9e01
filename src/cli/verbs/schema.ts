/** `ohmlet schema`: the JSON Schema of config files, for editors and other programs. */
import { choose } from "../look-up";
import { COMMON, IDLE, defineVerb } from "../verb";

const KINDS = ["run", "circuit", "device", "study", "weakest"] as const;

export const schema = defineVerb({
  name: "schema",
  summary: "print the JSON Schema of a config file: of a run, a circuit, a device, a study or a search",
  description:
    "JSON Schema, draft 2020-12, made from the code that reads the files. Keep it beside your configs " +
    "and point your editor at it: a first line  # yaml-language-server: $schema=ohmlet.schema.json  " +
    "gives completion and descriptions in editors with a YAML language server.",
  positionals: { name: "KIND", help: "run, circuit, device, study or weakest (default: run)" },
  options: { json: { ...COMMON.json, help: "the schema on one line" }, ...IDLE },
  examples: [
    { command: "schema > ohmlet.schema.json", what: "the schema of runs, for an editor" },
    { command: "schema device", what: "of one device" },
  ],
  async run({ positionals: [name = "run"] }, io) {
    const kind = choose(name, "schema", new Map(KINDS.map((each) => [each as string, each])));
    const { jsonSchemaOf } = await import("../../config/json-schema");
    const found = jsonSchemaOf(kind);
    io.print(...JSON.stringify(found, null, 2).split("\n"));
    io.emit(found);
    return 0;
  },
});
