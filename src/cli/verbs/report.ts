/** `ohmlet report`: rebuilds the report of a run. */
import { COMMON, defineVerb, IDLE } from "../verb";

export const report = defineVerb({
  name: "report",
  summary: "rebuild the report of a run from its folder alone",
  description: "Writes report.html anew from what the run folder holds: run.json, config.yaml, events.jsonl, weights.npz and mistakes.json. Also for runs that were stopped or are still going on.",
  positionals: { name: "RUN", help: "a folder that train wrote", least: 1 },
  options: { json: COMMON.json, ...IDLE },
  examples: [{ command: "report runs/2026-11-21T03-46-01-train-seed1", what: "its report.html, anew" }],
  async run({ positionals: [path] }, io) {
    const { rebuildReport } = await import("../training/rebuild");
    return rebuildReport(path, io);
  },
});
