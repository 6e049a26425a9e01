/** Runs the command line: as a process, as a user does, or in this one, which takes a tenth of the time. */
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { ProcessIo } from "../../src/cli/io";
import { runProgram } from "../../src/cli/program";

export const ROOT = resolve(__dirname, "../..");

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end, without a terminal and without standard input. */
export function execute(file: string, args: readonly string[]): Promise<Finished> {
  return new Promise((finished, failed) => {
    const child = spawn(file, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
    const text = { out: "", err: "" };
    child.stdout.on("data", (chunk: Buffer) => (text.out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (text.err += chunk.toString()));
    child.on("error", failed);
    child.on("close", (code) => finished({ code, ...text }));
  });
}

/** `ohmlet ARGS` as a process, from the sources. */
export const ohmletProcess = (...args: readonly string[]): Promise<Finished> =>
  execute(process.execPath, ["build/main.js", ...args]);

/** Streams that keep what is written; `isTTY` makes them terminals of 60 columns. */
export function keptStreams(isTTY = false) {
  const text = { out: "", err: "" };
  const to = (name: "out" | "err") =>
    ({
      isTTY,
      columns: 60,
      write: (s: string) => ((text[name] += s), true),
    }) as unknown as NodeJS.WriteStream;
  return { text, streams: { stdout: to("out"), stderr: to("err") } };
}

/** `ohmlet ARGS` in this process. */
export async function ohmlet(...args: readonly string[]): Promise<Finished> {
  const { text, streams } = keptStreams();
  const code = await runProgram(
    args,
    new ProcessIo(streams, args.includes("--json"), "ohmlet"),
    (line) => void (text.err += `${line}\n`),
  );
  return { code, ...text };
}
