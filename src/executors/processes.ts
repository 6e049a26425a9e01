/**
 * A worker process as its owner sees it: it is started when there is work, takes a task once and then job
 * after job, and is started again after it died. Both executors run jobs in such processes, so that a chip
 * that takes one down takes no more.
 */
import { fork, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { OhmletError } from "../errors";
import { oneLine } from "../printable";
import type { Job, Task } from "../study";
import { isAnswerTo, tooLong, type Done, type FromWorker, type ToWorker } from "./messages";

/** Workers that one job may take down before nobody tries it again. */
export const MOST_DEATHS = 3;

/** Seconds that a job may take, where nobody says: a day. */
export const JOB_LIMIT = 86_400;
/** Milliseconds: later, timers go off at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** A process ended before it had answered. */
export class WorkerGone extends Error {}

export interface WorkerProcess {
  /** Whether it need not be told this task first. */
  knows(task: Task): boolean;
  /**
   * @param limit seconds that the job may take
   * @throws WorkerGone, OhmletError STUDY-TIME and what the worker met, or an Error where the worker has a
   *   bug
   */
  carryOut(task: Task, job: Job, limit: number): Promise<Done>;
  /** Ends the process, at once; a job under way is gone. */
  end(): void;
}

/** @param module file that the process runs; it calls `serveJobs` */
export function workerProcess(module: string): WorkerProcess {
  let child: ChildProcess | null = null;
  let known: Task | null = null;
  const end = (): void => {
    child?.kill("SIGKILL");
    [child, known] = [null, null];
  };
  return {
    end,
    knows: (task) => known === task,
    async carryOut(task, job, limit) {
      let late = false;
      const timer = setTimeout(
        () => {
          late = true;
          end();
        },
        Math.min(1000 * limit, LONGEST_TIMER),
      );
      try {
        // Ours by name: `end` may come between an answer and what follows it, and takes `child` away.
        const ours = (child ??= start(module));
        if (known !== task) await ask(ours, { kind: "task", task });
        if (child === ours) known = task;
        const answer = await ask(ours, { kind: "job", job });
        if (!isAnswerTo(job, task, answer))
          throw new Error(`a worker answered something else than was asked: ${answer.kind}`);
        return answer;
      } catch (error) {
        // Of what a worker knows after a fault, nothing is certain.
        end();
        throw late ? tooLong(job.id, limit) : error;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** What to say where a job has taken down as many workers as it may. */
export function workersGone(where: string, by: string): OhmletError {
  return new OhmletError({
    code: "STUDY-WORKER",
    fact: `a worker process ended without an answer (${by})`,
    place: { where: where.slice(0, 120) },
    remedy:
      "look for what ends processes here (memory?), use fewer workers, and give the same command or " +
      "make the same call again: what was measured is kept",
    category: "run",
  });
}

/** Of what a worker process says, characters of a line that are told. */
const LONGEST_LINE = 2000;

/** From the sources, a worker needs the compiler that this process has. */
function start(module: string): ChildProcess {
  const execArgv = module.endsWith(".ts")
    ? ["-r", createRequire(__filename).resolve("ts-node/register")]
    : [];
  const child = fork(module, [], { execArgv, stdio: ["ignore", "ignore", "pipe", "ipc"] });
  // What V8 says as it dies, or a package as it warns, is told as a warning of this process: it never writes
  // to a terminal itself.
  createInterface({ input: child.stderr!, crlfDelay: Infinity }).on(
    "line",
    (line) => line !== "" && process.emitWarning(oneLine(line.slice(0, LONGEST_LINE)), "worker process"),
  );
  return child;
}

/** Sends a message and waits for its answer. @throws WorkerGone, or what the worker met */
function ask(child: ChildProcess, message: ToWorker): Promise<FromWorker> {
  return new Promise((resolve, reject) => {
    const over = (settle: () => void): void => {
      child.removeAllListeners("message").removeAllListeners("exit").removeAllListeners("error");
      child.on("error", () => {}); // a channel that closes late has nothing to say
      settle();
    };
    child.on("message", (answer: FromWorker) =>
      over(() => {
        if (answer.kind === "refused") reject(new OhmletError(answer.error));
        else if (answer.kind === "broke") reject(new Error(answer.message));
        else resolve(answer);
      }),
    );
    child.on("exit", (code, by) => over(() => reject(new WorkerGone(by ?? `exit code ${code}`))));
    child.on("error", (error) => over(() => reject(new WorkerGone(error.message))));
    if (child.exitCode !== null || child.signalCode !== null)
      over(() => reject(new WorkerGone(child.signalCode ?? `exit code ${child.exitCode}`)));
    else child.send(message);
  });
}
