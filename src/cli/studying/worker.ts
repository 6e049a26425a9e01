/** What a worker process of a study loads: tasks become experiments, jobs results. The executor speaks with it. */
import { parseConfig, runFrom } from "../../config";
import { serveJobs } from "../../executors/worker";
import type { Experiment, Task } from "../../study";
import { experimentOf } from "./experiment";

/** The experiment of a task, as any machine makes it. */
export function experimentOfTask({ run, measures, train, data }: Task): Experiment {
  const where = "study.json";
  return experimentOf(runFrom(parseConfig({ where, text: JSON.stringify(run) })), { measures, train, data, threads: 1 }).attempt;
}

if (require.main === module) serveJobs(experimentOfTask);
