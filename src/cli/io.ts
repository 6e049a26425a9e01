/**
 * What a verb sees of the terminal. Text for people goes through `print` and `note`, data for machines through `emit`;
 * `--json` silences the first and enables the second, so a verb may call both and never asks which is wanted.
 */
import { ProgressLine, type Progress } from "./progress";

export interface Io {
  /** True with `--json`. */
  readonly json: boolean;
  /** How the program was called, for texts that say what to type next: "ohmlet", or "npm run --silent ohmlet --". */
  readonly program: string;
  /** A line (or lines) on stdout. Nothing with `--json`. */
  print(text: string): void;
  /** One line of JSON on stdout. Only with `--json`. */
  emit(value: unknown): void;
  /** A line on stderr, for what is not the result: warnings, where files went. Nothing with `--json`. */
  note(text: string): void;
  /** A line that shows how far the work is; silent where stderr is no terminal and with `--json`. */
  progress(): Progress;
  /**
   * From this call on there is something to save: the first Ctrl-C aborts the returned signal instead of ending the process, so
   * that a verb may keep what it has; the second ends it. For verbs that say `saves`.
   */
  interruption(): AbortSignal;
  /** The same, for work that awaits nothing: true at once, where the signal waits for a moment to be heard in. */
  readonly stop: { readonly aborted: boolean };
}

export interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export class ProcessIo implements Io {
  readonly #streams: Streams;
  readonly #line: ProgressLine;
  readonly stop: Io["stop"];
  #controller: AbortController | null = null;

  constructor(streams: Streams, readonly json: boolean, readonly program: string) {
    this.#streams = streams;
    const controller = (): AbortController | null => this.#controller;
    this.stop = {
      get aborted() {
        return controller()?.signal.aborted === true;
      },
    };
    this.#line = new ProgressLine(streams.stderr, !json && streams.stderr.isTTY === true);
  }

  print(text: string): void {
    if (!this.json) this.#line.around(() => this.#streams.stdout.write(`${text}\n`));
  }

  emit(value: unknown): void {
    if (this.json) this.#streams.stdout.write(`${JSON.stringify(value)}\n`);
  }

  note(text: string): void {
    if (!this.json) this.#line.around(() => this.#streams.stderr.write(`${text}\n`));
  }

  progress(): Progress {
    return this.#line;
  }

  interruption(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** @returns whether the verb takes care of it */
  interrupt(): boolean {
    this.#line.end();
    if (this.#controller === null || this.#controller.signal.aborted) return false;
    this.#controller.abort();
    this.note("stopping; press Ctrl-C again to end at once");
    return true;
  }
}
