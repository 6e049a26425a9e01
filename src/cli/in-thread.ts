/** The program as a thread runs it: what it says goes to the thread that has the terminal. See thread.ts. */
import { parentPort, workerData } from "node:worker_threads";
import { adoptConsole, type Io } from "./io";
import type { Caution, Progress } from "../runs/listener";
import { runProgram } from "./program";
import { faultOf } from "./report-error";
import { HEARD, SAVES, STOP, type Said, type ThreadData } from "./thread";

const say = (...said: Said): void => parentPort?.postMessage(said);

class ThreadIo implements Io {
  readonly json: boolean;
  readonly program: string;
  readonly stop: Io["stop"];
  readonly #words: Int32Array;
  readonly #controller = new AbortController();
  readonly #progress: Progress = {
    update: (fraction, text) => say("update", fraction, text),
    end: () => say("end"),
  };

  constructor({ words, json, program }: ThreadData) {
    this.#words = words;
    this.json = json;
    this.program = program;
    this.stop = {
      get aborted() {
        if (Atomics.load(words, STOP) === 0) return false;
        Atomics.store(words, HEARD, 1);
        return true;
      },
    };
    parentPort?.on("message", () => this.stop.aborted && this.#controller.abort());
    parentPort?.unref();
  }

  print(...lines: readonly string[]): void {
    say("print", ...lines);
  }

  emit(value: unknown): void {
    // As it will be written: what is sent must be plain data.
    if (this.json) say("emit", JSON.parse(JSON.stringify(value)));
  }

  note(...lines: readonly string[]): void {
    say("note", ...lines);
  }

  warn(...cautions: readonly Caution[]): void {
    for (const { code, text } of cautions) this.note(`${code}  ${text}`);
  }

  progress(): Progress {
    return this.#progress;
  }

  interruption(): AbortSignal {
    Atomics.store(this.#words, SAVES, 1);
    return this.#controller.signal;
  }
}

const io = new ThreadIo(workerData as ThreadData);
adoptConsole((...lines) => say("aside", ...lines));
const argv = process.argv.slice(2);

function unexpected(thrown: unknown): void {
  const { text, data, code } = faultOf(thrown, argv.includes("--debug"));
  io.progress().end();
  io.emit({ error: data });
  if (!io.json) say("fault", text);
  say("exit", code);
}

process.on("uncaughtException", unexpected);
process.on("unhandledRejection", unexpected);
void runProgram(argv, io, (text) => say("fault", text)).then((code) => say("exit", code));
