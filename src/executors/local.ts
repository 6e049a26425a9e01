/**
 * Jobs on all cores of this machine, in worker processes: a chip that takes its process down takes no other,
 * and what was measured is not lost. A job whose worker dies is given to another, and refused when it has
 * taken down three.
 */
import { availableParallelism } from "node:os";
import type { Executor } from "../study";
import { OhmletError } from "../errors";
import { tooLong } from "./messages";
import { JOB_LIMIT, MOST_DEATHS, WorkerGone, workerProcess, workersGone } from "./processes";

export interface LocalOptions {
  /** File that a worker process runs; it calls `serveJobs`. */
  readonly module: string;
  /** Default: as many as the machine runs at once. */
  readonly workers?: number;
  /** Seconds that a job may take. Default: a day. */
  readonly jobLimit?: number;
}

export function localExecutor({
  module,
  workers = availableParallelism(),
  jobLimit = JOB_LIMIT,
}: LocalOptions): Executor {
  return {
    name: "local",
    async run(task, jobs, done, signal) {
      const waiting = [...jobs].reverse();
      const deaths = new Map<string, number>();
      const lanes = Array.from({ length: Math.min(workers, jobs.length) }, () => workerProcess(module));
      let failed = false;
      const over = (): boolean => failed || signal?.aborted === true;
      const stop = (): void => lanes.forEach((lane) => lane.end());
      const work = async (lane: (typeof lanes)[number], worker: string): Promise<void> => {
        for (let job = waiting.pop(); job !== undefined && !over(); job = waiting.pop()) {
          try {
            const { id, results, seconds } = await lane.carryOut(task, job, jobLimit);
            await done({ id, results, seconds, worker });
          } catch (error) {
            if (!(error instanceof WorkerGone))
              throw error instanceof OhmletError && error.code === "STUDY-TIME"
                ? tooLong(`worker ${worker}: ${job.id}`, jobLimit)
                : error;
            if (over()) return; // we ended it ourselves
            deaths.set(job.id, (deaths.get(job.id) ?? 0) + 1);
            if (deaths.get(job.id) === MOST_DEATHS) throw workersGone(job.id, error.message);
            waiting.push(job);
          }
        }
      };
      signal?.addEventListener("abort", stop, { once: true });
      try {
        const ends = await Promise.allSettled(
          lanes.map((lane, i) =>
            work(lane, `local ${i + 1}`).catch((error: unknown) => {
              failed = true;
              stop();
              throw error;
            }),
          ),
        );
        // All have ended before a fault is told: nothing is written after it.
        for (const end of ends) if (end.status === "rejected") throw end.reason;
      } finally {
        signal?.removeEventListener("abort", stop);
        stop();
      }
    },
  };
}
