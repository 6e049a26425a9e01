/** A worker of studies on the command line: says what it does, and ends when it is told to. */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { serveQueue, type QueueWorkerEvent } from "../../executors";
import { linesWithin } from "../../printable";
import type { Io } from "../io";
import { version } from "../../runs/version";
import { WORKER } from "../../runs/studying/worker-file";
import { addressOf } from "./executor";

export interface WorkOptions {
  readonly redis?: string;
  readonly workers?: number;
  readonly data?: string;
  readonly idle?: number;
  readonly lock: number;
  /** The same command with a folder of data, for studies that need one. */
  readonly again: string;
}

/** @returns the exit code */
export async function work(
  { redis, workers = availableParallelism(), data, idle, lock, again }: WorkOptions,
  io: Io,
): Promise<number> {
  const address = addressOf(redis);
  const ohmlet = await version();
  let [jobs, trials] = [0, 0];
  const tell = (event: QueueWorkerEvent): void => {
    if (event.kind === "did") {
      jobs++;
      trials += event.trials;
    }
    io.print(...textOf(event));
    io.emit(event);
  };
  const textOf = (event: QueueWorkerEvent): string[] => {
    switch (event.kind) {
      case "joined":
        return [
          `worker ${event.name}: ${workers} ${workers === 1 ? "process" : "processes"}, version ` +
            `${ohmlet}, at ${address.shown}`,
        ];
      case "dropped":
        return ["dropped a job that nobody waits for any more"];
      case "did":
        return [
          `${event.trials} ${event.trials === 1 ? "trial" : "trials"} in ${event.seconds.toFixed(1)} s`,
        ];
      case "failed":
        return [
          ...linesWithin(`a job failed: ${event.why}`),
          ...(data === undefined && event.why.startsWith("CONFIG-DATA") ? [`  here:  ${again}`] : []),
        ];
      case "idle":
        return ["nothing to do"];
    }
  };
  await serveQueue(
    {
      address,
      version: ohmlet,
      module: WORKER,
      workers,
      data: data === undefined ? undefined : resolve(data),
      idle,
      lock,
      note: (text) => io.note(text),
      tell,
    },
    io.interruption(),
  );
  io.print(`done: ${jobs} jobs, ${trials} trials`);
  io.emit({ kind: "done", jobs, trials });
  return 0;
}
