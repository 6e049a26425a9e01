/** A worker that is ended between an answer and the next question is gone, as one ended at any other time. */
import { ChildProcess } from "node:child_process";
import { afterEach, expect, it, vi } from "vitest";
import { WorkerGone, workerProcess } from "../../src/executors/processes";
import { jobs, MODULE, TASK } from "./toy";

afterEach(() => vi.restoreAllMocks());

it("says that it is gone", async () => {
  const worker = workerProcess(MODULE);
  const emit = ChildProcess.prototype.emit as (...heard: unknown[]) => boolean;
  vi.spyOn(ChildProcess.prototype, "emit").mockImplementation(function (
    this: ChildProcess,
    ...heard: unknown[]
  ) {
    const known = emit.apply(this, heard);
    if (heard[0] === "message") worker.end();
    return known;
  });
  await expect(worker.carryOut(TASK, jobs(1)[0], 60)).rejects.toThrow(WorkerGone);
});
