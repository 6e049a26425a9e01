/**
 * Workers of studies over BullMQ that stand by while the study's conductor is killed, and are replaced when
 * they are.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import { PROGRAM } from "../../tools/program";

export interface Crew {
  /** Processes to kill: each worker alone, and (negative) with what it started. */
  readonly targets: () => number[];
  /** Ends all. */
  stop(): void;
}

/** Seconds after which another takes the jobs of a worker that died. */
const LOCK = 2;

/** @param redis where they take their jobs from */
export function startCrew(redis: string, workers: number): Crew {
  const all = new Set<ChildProcess>();
  let over = false;
  const stop = (): void => {
    over = true;
    for (const { pid } of all) kill(pid);
  };
  const start = (): void => {
    const child = spawn(
      process.execPath,
      [PROGRAM, "worker", "--redis", redis, "--workers", "1", "--lock", String(LOCK)],
      { cwd: resolve(__dirname, "../.."), stdio: "ignore", detached: true },
    );
    all.add(child);
    child.on("exit", () => {
      all.delete(child);
      if (!over) start();
    });
  };
  for (let i = 0; i < workers; i++) start();
  process.once("exit", stop);
  return {
    targets: () => [...all].flatMap(({ pid }) => (pid === undefined ? [] : [pid, -pid])),
    stop() {
      process.off("exit", stop);
      stop();
    },
  };
}

/** With all that it started. */
function kill(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // it is gone already
  }
}
