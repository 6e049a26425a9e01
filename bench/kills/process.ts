/** Processes of the command line that are struck down in the middle. SIGKILL leaves them no last word. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { PROGRAM } from "../../tools/program";

/**
 * Who is killed: the process that was started, it with all that it started, or one of those that it started.
 */
export type Victim = "process" | "group" | "worker";

export interface Strike {
  /** Milliseconds from the start, or from the strike before. */
  readonly after: number;
  readonly victim: Victim;
  /** Which of the workers, in [0, 1). */
  readonly which: number;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it wrote on stderr. */
  readonly complaint: string;
  readonly ms: number;
  /** Who was killed; a worker where there was one, else the process. */
  readonly struck: readonly Victim[];
}

/**
 * Runs `ohmlet`, as users start it (tools/program.ts), as the leader of a group of its own.
 * @param next asked for the first strike, and after a worker was killed for the one that follows; null: none
 * @param workersOf a process: what is killed where a worker is; a negative number is a group
 */
export function ohmlet(
  args: readonly string[],
  next: () => Strike | null = () => null,
  workersOf: (pid: number) => number[] = childrenOf,
): Promise<Ended> {
  return new Promise((ended) => {
    const started = performance.now();
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      cwd: resolve(__dirname, "../.."),
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    });
    const pid = child.pid ?? 0;
    const struck: Victim[] = [];
    let complaint = "";
    let timer: NodeJS.Timeout | undefined;
    const killGroup = (): void => kill(-pid);
    const expect = (strike: Strike | null): void => {
      if (strike === null) return;
      timer = setTimeout(() => {
        const workers = workersOf(pid);
        if (strike.victim === "worker" && workers.length > 0) {
          struck.push("worker");
          kill(workers[Math.floor(strike.which * workers.length)]);
          return expect(next());
        }
        const victim = strike.victim === "group" ? "group" : "process";
        struck.push(victim);
        kill(victim === "group" ? -pid : pid);
      }, strike.after);
    };
    process.once("exit", killGroup);
    child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
    const over = (code: number | null, signal: NodeJS.Signals | null): void => {
      clearTimeout(timer);
      process.off("exit", killGroup);
      // Struck at its last moment, and faster.
      if (signal === null && struck.at(-1) !== "worker") struck.pop();
      ended({ code, signal, complaint, ms: performance.now() - started, struck });
    };
    // Workers that outlive a killed conductor for a moment hold its stderr open: nobody waits for them.
    child.on("exit", (code, signal) => signal !== null && over(code, signal));
    child.on("close", (code, signal) => signal === null && over(code, signal));
    expect(next());
  });
}

/** One that is gone already was faster. */
function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // nobody lives there
  }
}

/** As Linux tells them; nobody elsewhere. */
function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
      .split(" ")
      .filter((text) => text.trim() !== "")
      .map(Number);
  } catch {
    return [];
  }
}
