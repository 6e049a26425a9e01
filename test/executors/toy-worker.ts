/** A worker process whose chips take as long as they are told, and die or fail where their knobs say so. */
import { setTimeout } from "node:timers/promises";
import { serveJobs } from "../../src/executors/worker";
import { OhmletError } from "../../src/errors";

serveJobs(({ data }) => async (trials) => {
  const results = [];
  for (const { key, values, seed } of trials) {
    if (typeof values.wait === "number") await setTimeout(values.wait);
    if (values.end === "killed") process.kill(process.pid, "SIGKILL");
    if (values.end === "refused")
      throw new OhmletError({ code: "CONFIG-DATA", fact: "toy", place: { where: "toy" } });
    results.push({ key, measures: { seed, data: data === undefined ? 0 : 1 } });
  }
  return results;
});
