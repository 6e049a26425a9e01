/** A task as any machine makes an experiment of it: in a worker process, or here for one trial. */
import { parseConfig, runFrom } from "../../config";
import { choices } from "../../config/choices";
import type { Node } from "../../config/node";
import type { Stop } from "../../errors";
import type { Experiment, Task } from "../../study";
import { dataUnnamed, readsFiles } from "../training/data";
import { checkDataOf } from "./data";
import { experimentOf } from "./experiment";

const parent = process.ppid;
/** Milliseconds between two looks: a step may take a microsecond. */
const LOOK = 200;
let looked = 0;
/** Whether whoever started this process is gone. Amid a phase no message would tell. */
const orphaned: Stop = {
  get aborted() {
    const now = performance.now();
    if (now - looked < LOOK) return false;
    looked = now;
    return process.ppid !== parent;
  },
};

export function experimentOfTask(task: Task): Experiment {
  const { measures, train, data } = task;
  const read = (part: object): Node => parseConfig({ where: "study.json", text: JSON.stringify(part) });
  const run = {
    ...runFrom(read(task.run)),
    ...(task.choices && { choices: choices.read(read(task.choices), new WeakMap()) }),
  };
  // Whatever else a task says of where they are: each machine's user names the data.
  if (data === undefined && (task.expected !== undefined || readsFiles(run)))
    throw dataUnnamed("data", "study", "ohmlet worker --data FOLDER");
  const { attempt } = experimentOf(run, { measures, train, data, threads: 1, stop: orphaned });
  let checked: Promise<void> | undefined;
  return async (trials) => {
    await (checked ??= checkDataOf(task, run));
    return attempt(trials);
  };
}
