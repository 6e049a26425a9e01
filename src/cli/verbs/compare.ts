/** `ohmlet compare`: runs side by side. */
import { COMMON, defineVerb, IDLE } from "../verb";

export const compare = defineVerb({
  name: "compare",
  summary: "put runs side by side: results, curves, and what differs in their configs",
  description:
    "Prints a table of results and the settings in which the runs differ, and writes a folder with a " +
    "page of their curves over each other, beside the runs.",
  positionals: { name: "RUN", help: "folders that train wrote, two or more", least: 2, most: 16 },
  options: {
    out: {
      type: "string",
      default: "runs",
      value: "FOLDER",
      help: "where the folder of the comparison goes; or a file, such as pages/two.html",
    },
    json: COMMON.json,
    ...IDLE,
  },
  examples: [
    {
      command: "compare runs/2026-11-21T03-46-01-train-seed1 runs/2026-11-21T03-46-01-train-seed2",
      what: "two runs over each other",
    },
  ],
  async run({ options, positionals }, io) {
    const [{ compareRuns, writeComparison }, { commandLine }, { tellComparison }] = await Promise.all([
      import("../../runs/training/compare"),
      import("../command-line"),
      import("../training/comparison-text"),
    ]);
    const comparison = await compareRuns(positionals);
    const page = await writeComparison(comparison.report(commandLine(io.program)), options.out);
    tellComparison(comparison, page, io);
    return 0;
  },
});
