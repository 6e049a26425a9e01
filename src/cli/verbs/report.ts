/** `ohmlet report`: rebuilds the report of a run. */
import type { Io } from "../io";
import { refuseIdle } from "../unused-options";
import { COMMON, defineVerb, IDLE } from "../verb";

export const report = defineVerb({
  name: "report",
  summary: "rebuild the report of a run from its folder alone",
  description:
    "Writes report.html anew, and each of its pictures into figures/, from what the folder of a run " +
    "or of a study holds: the config, the events or the journal, the weights, the mistakes. Also " +
    "where it was stopped or is still going on. No data are read, but those that --data names.",
  positionals: { name: "RUN", help: "a folder that train or study wrote", least: 1 },
  options: {
    data: {
      type: "string",
      value: "FOLDER",
      help:
        "the data of a run on files: shows what the chip gets wrong where the run was stopped before it " +
        "looked",
    },
    json: COMMON.json,
    ...IDLE,
  },
  examples: [{ command: "report runs/2026-11-21T03-46-01-train-seed1", what: "its report.html, anew" }],
  async run({ options: { data }, positionals: [path], given }, io) {
    const { isStudyFolder } = await import("../../runs/studying/folder");
    if (isStudyFolder(path)) {
      refuseIdle(given, [{ name: "data", idle: true, why: "the report of a study needs no data" }]);
      const { rebuildStudyReport } = await import("../../runs/studying/rebuild");
      return told(path, await rebuildStudyReport(path), io);
    }
    const { rebuildRunReport } = await import("../../runs/training/rebuild");
    return told(path, await rebuildRunReport(path, data), io);
  },
});

function told(folder: string, rebuilt: { readonly report: string }, io: Io): number {
  io.print(rebuilt.report);
  io.emit({ folder, ...rebuilt });
  return 0;
}
