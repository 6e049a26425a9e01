/** What a worker process of a study loads: tasks become experiments, jobs results. The executor speaks with it. */
import { parseConfig, runFrom } from "../../config";
import type { Stop } from "../../errors";
import { serveJobs } from "../../executors/worker";
import type { Experiment, Task } from "../../study";
import { checkDataOf } from "./data";
import { experimentOf } from "./experiment";

const parent = process.ppid;
let asked = 0;
/** Whether whoever started this process is gone. Amid a phase no message would tell. */
const orphaned: Stop = {
  get aborted() {
    return ++asked % 64 === 0 && process.ppid !== parent;
  },
};

/** The experiment of a task, as any machine makes it. */
export function experimentOfTask(task: Task): Experiment {
  const { measures, train, data } = task;
  const run = runFrom(parseConfig({ where: "study.json", text: JSON.stringify(task.run) }));
  const { attempt } = experimentOf(run, { measures, train, data, threads: 1, stop: orphaned });
  let checked: Promise<void> | undefined;
  return async (trials) => {
    await (checked ??= checkDataOf(task, run));
    return attempt(trials);
  };
}

if (require.main === module) serveJobs(experimentOfTask);
