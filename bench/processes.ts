/** Runs programs that print JSON, one object a line, each in a process of its own. */
import { spawn } from "node:child_process";
import { resolve } from "node:path";

export type Line = Readonly<Record<string, unknown>>;

export interface Finished {
  readonly code: number | null;
  readonly lines: readonly Line[];
  /** The end of what it wrote on stderr. */
  readonly complaint: string;
}

/** Runs a program to its end. A program that cannot be started finishes with code null. */
export function runProcess(file: string, args: readonly string[]): Promise<Finished> {
  return new Promise((finished) => {
    const child = spawn(file, args, { cwd: resolve(__dirname, ".."), stdio: ["ignore", "pipe", "pipe"] });
    const text = { out: "", err: "" };
    child.stdout.on("data", (chunk: Buffer) => (text.out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (text.err += chunk.toString()));
    child.on("error", (error) => finished({ code: null, lines: [], complaint: error.message }));
    child.on("close", (code) =>
      finished({ code, lines: linesOf(text.out), complaint: text.err.trim().split("\n").at(-1) ?? "" }),
    );
  });
}

/** A benchmark of this folder. */
export function runOwn(args: readonly string[]): Promise<Finished> {
  return runProcess(process.execPath, ["-r", "ts-node/register", "bench/main.ts", ...args, "--json"]);
}

/** The JSON objects among the lines; anything else that a program prints is passed over. */
export function linesOf(text: string): Line[] {
  return text.split("\n").flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line);
      return typeof value === "object" && value !== null ? [value as Line] : [];
    } catch {
      return [];
    }
  });
}

/** A figure of a line, NaN where it has none. */
export const figure = (line: Line | undefined, name: string): number =>
  typeof line?.[name] === "number" ? line[name] : Number.NaN;
