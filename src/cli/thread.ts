/**
 * The program in a thread of its own, for verbs that have something to save: however busy it is, this thread
 * stays free to hear signals. Three shared words say at once, without a message, that there is something to
 * save, that the work should stop, and that it has heard so.
 */
import { existsSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { Worker } from "node:worker_threads";
import type { ProcessIo } from "./io";

/** What the words say once they are not zero. */
export const [SAVES, STOP, HEARD] = [0, 1, 2];
const WORDS = 3;

export interface ThreadData {
  readonly words: Int32Array;
  readonly json: boolean;
  readonly program: string;
}

/** What the thread says: a method of the Io and its arguments, a fault's text, or its exit code. */
export type Said =
  | readonly ["print" | "note" | "aside", ...lines: string[]]
  | readonly ["fault", string]
  | readonly ["emit", unknown]
  | readonly ["update", number, string]
  | readonly ["end"]
  | readonly ["exit", number];

export interface ProgramThread {
  /** The exit code; rejects where the thread could not go on. */
  readonly ended: Promise<number>;
  /** Tells it to stop. @returns false where it has nothing to save, or was told before */
  stop(): boolean;
  /** Whether it has heard that it should. */
  readonly heard: boolean;
}

/**
 * Bytes of addresses, and files open at once, below which a thread might not start, which would end the
 * process.
 */
const ROOMY: Readonly<Record<string, number>> = { "Max address space": 2 ** 32, "Max open files": 64 };

/** Whether this process may use as many addresses and files as a thread takes. */
export function threadsFit(): boolean {
  const limits = "/proc/self/limits";
  return !existsSync(limits) || limitsFit(readFileSync(limits, "utf8"));
}

/** @param text as the kernel writes /proc/self/limits */
export function limitsFit(text: string): boolean {
  return Object.entries(ROOMY).every(([name, least]) => {
    const found = new RegExp(`^${name}\\s+(\\d+)`, "m").exec(text);
    return found === null || Number(found[1]) >= least;
  });
}

export function startThread(
  argv: readonly string[],
  io: ProcessIo,
  stderr: (text: string) => void,
): ProgramThread {
  const words = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  const data: ThreadData = { words, json: io.json, program: io.program };
  const thread = new Worker(join(__dirname, `in-thread${extname(__filename)}`), {
    argv: [...argv],
    workerData: data,
  });
  const ended = new Promise<number>((resolve, reject) => {
    thread.on("message", (said: Said) => {
      switch (said[0]) {
        case "print":
          return io.print(...said.slice(1));
        case "note":
          return io.note(...said.slice(1));
        case "aside":
          return io.aside(...said.slice(1));
        case "emit":
          return io.emit(said[1]);
        case "update":
          return io.progress().update(said[1], said[2]);
        case "end":
          return io.progress().end();
        case "fault":
          return stderr(said[1]);
        case "exit":
          return resolve(said[1]);
      }
    });
    thread.on("error", reject);
    thread.on("exit", resolve);
  });
  return {
    ended,
    stop() {
      if (Atomics.load(words, SAVES) === 0 || Atomics.exchange(words, STOP, 1) !== 0) return false;
      thread.postMessage("stop");
      return true;
    },
    get heard() {
      return Atomics.load(words, HEARD) !== 0;
    },
  };
}
