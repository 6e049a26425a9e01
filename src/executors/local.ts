/**
 * Jobs on all cores of this machine, in worker processes: a chip that takes its process down takes no other, and what
 * was measured is not lost. A job whose worker dies is given to another, and refused when it has taken down three.
 */
import { fork, type ChildProcess } from "node:child_process";
import { availableParallelism } from "node:os";
import { OhmletError } from "../errors";
import { isResult, type Executor, type Job, type JobResult } from "../study";
import type { FromWorker, ToWorker } from "./messages";

export interface LocalOptions {
  /** File that a worker process runs; it calls `serveJobs`. */
  readonly module: string;
  /** Default: as many as the machine runs at once. */
  readonly workers?: number;
}

/** Workers that one job may take down. */
const MOST_DEATHS = 3;

export function localExecutor({ module, workers = availableParallelism() }: LocalOptions): Executor {
  return {
    name: "local",
    async run(task, jobs, done, signal) {
      const waiting = [...jobs].reverse();
      const deaths = new Map<string, number>();
      const children = new Set<ChildProcess>();
      let failed = false;
      const over = (): boolean => failed || signal?.aborted === true;
      const stop = (): void => children.forEach((child) => void child.kill("SIGKILL"));
      const lane = async (worker: string): Promise<void> => {
        while (waiting.length > 0 && !over()) {
          const child = startWorker(module);
          children.add(child);
          let job: Job | undefined;
          try {
            await ask(child, { kind: "task", task });
            while (!over() && (job = waiting.pop()) !== undefined) await done(resultOf(job, await ask(child, { kind: "job", job }), worker));
          } catch (error) {
            if (!(error instanceof WorkerGone)) throw error;
            if (over()) return; // we ended it ourselves
            if (job === undefined) throw gone("worker", error);
            deaths.set(job.id, (deaths.get(job.id) ?? 0) + 1);
            if (deaths.get(job.id) === MOST_DEATHS) throw gone(job.id, error);
            waiting.push(job);
          } finally {
            child.kill("SIGKILL");
            children.delete(child);
          }
        }
      };
      signal?.addEventListener("abort", stop, { once: true });
      try {
        const lanes = Array.from({ length: Math.min(workers, jobs.length) }, (_, i) => lane(`local ${i + 1}`).catch((error: unknown) => {
          failed = true;
          stop();
          throw error;
        }));
        // All have ended before a fault is told: nothing is written after it.
        for (const end of await Promise.allSettled(lanes)) if (end.status === "rejected") throw end.reason;
      } finally {
        signal?.removeEventListener("abort", stop);
        stop();
      }
    },
  };
}

class WorkerGone extends Error {}

function gone(where: string, error: Error): OhmletError {
  return new OhmletError({ code: "STUDY-WORKER", fact: `a worker process ended without an answer (${error.message})`, place: { where: where.slice(0, 120) }, remedy: "look for what ends processes here (memory?), use fewer  --workers,  and give the same command again: what was measured is kept", category: "run" });
}

/** From the sources, a worker needs the compiler that this process has. */
function startWorker(module: string): ChildProcess {
  const execArgv = module.endsWith(".ts") ? ["-r", require.resolve("ts-node/register")] : [];
  return fork(module, [], { execArgv, stdio: ["ignore", "ignore", "inherit", "ipc"] });
}

/** Sends a message and waits for its answer. @throws WorkerGone, or the OhmletError that the worker met */
function ask(child: ChildProcess, message: ToWorker): Promise<FromWorker> {
  return new Promise((resolve, reject) => {
    const over = (settle: () => void): void => {
      child.removeAllListeners("message").removeAllListeners("exit").removeAllListeners("error");
      child.on("error", () => {}); // a channel that closes late has nothing to say
      settle();
    };
    child.on("message", (answer: FromWorker) => over(() => {
      if (answer.kind === "refused") reject(new OhmletError(answer.error));
      else if (answer.kind === "broke") reject(new Error(answer.message));
      else resolve(answer);
    }));
    child.on("exit", (code, by) => over(() => reject(new WorkerGone(by ?? `exit code ${code}`))));
    child.on("error", (error) => over(() => reject(new WorkerGone(error.message))));
    if (child.exitCode !== null || child.signalCode !== null) over(() => reject(new WorkerGone(child.signalCode ?? `exit code ${child.exitCode}`)));
    else child.send(message);
  });
}

function resultOf(job: Job, answer: FromWorker, worker: string): JobResult {
  if (answer.kind !== "done" || answer.id !== job.id || !answer.results.every(isResult) || answer.results.some((result, i) => result.key !== job.trials[i]?.key)) throw new Error(`a worker answered something else than was asked: ${answer.kind}`);
  return { id: job.id, results: answer.results, seconds: answer.seconds, worker };
}
