/**
 * What a worker process writes on stderr never reaches the terminal by itself: it is a warning of the process
 * that has it.
 */
import { join } from "node:path";
import { expect, it } from "vitest";
import { WorkerGone, workerProcess } from "../../src/executors/processes";
import type { Job, Task } from "../../src/study";

it("is told as warnings, line by line", async () => {
  const heard: string[] = [];
  const hear = ({ name, message }: Error): void => void (name === "worker process" && heard.push(message));
  process.on("warning", hear);
  try {
    const worker = workerProcess(join(__dirname, "talking-worker.ts"));
    await expect(worker.carryOut({} as Task, {} as Job, 60)).rejects.toThrow(WorkerGone);
    await expect.poll(() => heard).toEqual(["\\u001b[2JFATAL ERROR", "more"]);
  } finally {
    process.off("warning", hear);
  }
});
