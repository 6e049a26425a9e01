/** What a row of the table says, and short ways to make one. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Place } from "../../src/errors";
import { ohmlet } from "../cli/run";

export interface Kind {
  /** What is wrong, in words; the list in docs/errors.md shows it. */
  readonly what: string;
  readonly code: string;
  /** What the place must name. */
  readonly at: RegExp;
  /**
   * Makes what is needed in an empty folder; what it returns must be refused, and must leave the folder as it
   * is.
   */
  readonly make: (here: string) => () => unknown;
  /** The folder may have more in it afterwards: a download that can go on, a run that can be resumed. */
  readonly leavesMore?: true;
}

/** The parts of an error that every row is asked for. */
export interface Refusal {
  readonly code: string;
  readonly fact: string;
  readonly place?: Place;
  readonly remedy?: string;
}

/** A row whose fault is in what a function is given. */
export const given = (what: string, code: string, at: RegExp, read: () => unknown): Kind => ({
  what,
  code,
  at,
  make: () => read,
});

type Files = Readonly<Record<string, Uint8Array | string>>;

export function write(here: string, files: Files): void {
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(here, name)), { recursive: true });
    writeFileSync(join(here, name), bytes);
  }
}

/** A row whose fault is in files. */
export const within = (
  what: string,
  code: string,
  at: RegExp,
  files: Files,
  read: (here: string) => unknown,
): Kind => ({
  what,
  code,
  at,
  make: (here) => {
    write(here, files);
    return () => read(here);
  },
});

/** A command that must be refused: throws what it says under --json. */
export async function refusedCommand(...words: readonly string[]): Promise<void> {
  const { code, out } = await ohmlet(...words, "--json");
  if (code === 0) return;
  const last = out.trim().split("\n").at(-1) ?? "";
  throw Object.assign(new Error(last), (JSON.parse(last) as { readonly error: Refusal }).error);
}
