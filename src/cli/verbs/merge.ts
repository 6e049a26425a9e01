/** `ohmlet merge`: the shards of a study, joined. */
import { COMMON, defineVerb, IDLE } from "../verb";

export const merge = defineVerb({
  name: "merge",
  summary: "join the shards of a study",
  description:
    "Takes the folders that  study --shard K/N  wrote, checks that they are of one study and that no " +
    "trial is missing, and writes a folder with the same results, byte for byte, as the study in one " +
    "piece.",
  positionals: {
    name: "FOLDER",
    help: "folders that study wrote, all shards of one study",
    least: 1,
    most: 10_000,
  },
  options: {
    out: {
      type: "string",
      default: "runs/merged",
      value: "FOLDER",
      help: "where the whole goes: a folder that is not there yet",
    },
    json: COMMON.json,
    ...IDLE,
  },
  examples: [
    {
      command: "merge runs/precision-1 runs/precision-2 --out runs/precision",
      what: "two shards as one study",
    },
  ],
  async run({ options, positionals }, io) {
    const [{ mergeStudies }, { told }] = await Promise.all([
      import("../../runs/studying/merge"),
      import("../studying/ended"),
    ]);
    return told(await mergeStudies(positionals, options.out, io), io);
  },
});
