/**
 * A worker process: it takes a task, then jobs, one after the other, and ends with the process that started
 * it.
 */
import { OhmletError, Stopped } from "../errors";
import { systemFault } from "../io/system-fault";
import type { Experiment, Task } from "../study";
import type { FromWorker, ToWorker } from "./messages";

export function serveJobs(experimentOf: (task: Task) => Experiment): void {
  let experiment: Experiment | null = null;
  const say = (message: FromWorker): void => void process.send?.(message);
  const answer = async (message: ToWorker): Promise<void> => {
    if (message.kind === "task") {
      experiment = experimentOf(message.task);
      return say({ kind: "ready" });
    }
    if (experiment === null) throw new Error("a job came before its task");
    const { id, trials } = message.job;
    const began = performance.now();
    const results = await experiment(trials);
    say({ kind: "done", id, results, seconds: (performance.now() - began) / 1000 });
  };
  process.on("message", (message: ToWorker) => {
    answer(message).catch((error: unknown) => {
      if (error instanceof Stopped) process.exit(1);
      const known = error instanceof OhmletError ? error : systemFault(error);
      say(
        known !== null
          ? { kind: "refused", error: known.toJSON() }
          : {
              kind: "broke",
              message: String(error instanceof Error ? (error.stack ?? error.message) : error),
            },
      );
    });
  });
  // Whoever started it is gone: what would be measured now, nobody would hear of.
  process.on("disconnect", () => process.exit(0));
  // Ctrl-C reaches the whole group, and so does what ends a service; the parent decides when to end.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => {});
}
