/** Runs the command line as a process, as a user does. */
import { spawn } from "node:child_process";
import { resolve } from "node:path";

export const ROOT = resolve(__dirname, "../..");

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end, without a terminal and without standard input. */
export function execute(file: string, args: readonly string[], options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {}): Promise<Finished> {
  return new Promise((finished, failed) => {
    const child = spawn(file, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], ...options });
    const text = { out: "", err: "" };
    child.stdout.on("data", (chunk: Buffer) => (text.out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (text.err += chunk.toString()));
    child.on("error", failed);
    child.on("close", (code) => finished({ code, ...text }));
  });
}

/** `ohmlet ARGS`, from the sources. */
export const ohmlet = (...args: readonly string[]): Promise<Finished> => execute(process.execPath, ["-r", "ts-node/register", "src/cli/main.ts", ...args]);
