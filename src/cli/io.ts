/**
 * What a verb sees of the terminal, and the only place that writes to it. Text for people goes through
 * `print` and `note`, data for machines through `emit`; `--json` silences the first and enables the second,
 * so a verb may call both and never asks which is wanted. Whatever the texts hold, a terminal shows it and
 * does not obey it (src/printable.ts): only the progress line sends what moves a cursor.
 */
import { format } from "node:util";
import { manyLines, printableJson } from "../printable";
import type { Caution, Listener, Progress } from "../runs/listener";
import { ProgressLine } from "./progress";

/**
 * A listener (src/runs/listener.ts) that shows what it hears: `print` on stdout, `note` and `warn` on stderr,
 * none of it with `--json`. A line break within a line is shown, not made: no name in it can pass for a line
 * of ours. Progress is a line that is redrawn, silent where stderr is no terminal that can redraw one. From a
 * call of `interruption` on the first Ctrl-C aborts the signal instead of ending the process, and the second
 * ends it: for verbs that say `saves`.
 */
export interface Io extends Listener {
  /** True with `--json`. */
  readonly json: boolean;
  /** How the program was called: "ohmlet", or "npm run --silent ohmlet --". */
  readonly program: string;
  /** One line of JSON on stdout. Only with `--json`. */
  emit(value: unknown): void;
}

export interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** TERM is "dumb" where a terminal only appends. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export class ProcessIo implements Io {
  readonly #streams: Streams;
  readonly #line: ProgressLine;
  readonly #controller = new AbortController();

  constructor(
    streams: Streams,
    readonly json: boolean,
    readonly program: string,
  ) {
    this.#streams = streams;
    this.#line = new ProgressLine(
      streams.stderr,
      !json && streams.stderr.isTTY === true && streams.env?.TERM !== "dumb",
    );
  }

  print(...lines: readonly string[]): void {
    if (!this.json) this.#write("stdout", lines);
  }

  emit(value: unknown): void {
    if (this.json) this.#streams.stdout.write(`${printableJson(value)}\n`);
  }

  note(...lines: readonly string[]): void {
    if (!this.json) this.#write("stderr", lines);
  }

  warn(...cautions: readonly Caution[]): void {
    for (const { code, text } of cautions) this.note(`${code}  ${text}`);
  }

  progress(): Progress {
    return this.#line;
  }

  get stop(): AbortSignal {
    return this.#controller.signal;
  }

  interruption(): AbortSignal {
    return this.stop;
  }

  /** What a first Ctrl-C does to a verb in a thread (in-thread.ts); without one, signals end the process. */
  interrupt(): void {
    this.#controller.abort();
  }

  /** Lines on stderr of packages that speak for themselves, with `--json` too. */
  aside(...lines: readonly string[]): void {
    this.#write("stderr", lines);
  }

  #write(to: "stdout" | "stderr", lines: readonly string[]): void {
    this.#line.around(() => this.#streams[to].write(`${manyLines(lines)}\n`));
  }
}

/**
 * Packages that speak for themselves, and Node's warnings, are heard through `say`, and no more obeyed than a
 * name.
 */
export function adoptConsole(say: (...lines: readonly string[]) => void): void {
  const tell = (...said: readonly unknown[]): void => say(...format(...said).split("\n"));
  Object.assign(console, { log: tell, info: tell, debug: tell, warn: tell, error: tell, trace: tell });
  if (process.listenerCount("warning") === 0) return; // as with --no-warnings
  process.removeAllListeners("warning");
  process.on("warning", ({ name, message }) => tell(`${name}: ${message}`));
}
