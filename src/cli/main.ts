#!/usr/bin/env node
/** The process around the command line: streams, signals, exit code. */
import { faultOf } from "./fault";
import { adoptConsole, ProcessIo } from "./io";
import { runProgram } from "./program";

const INTERRUPTED = 130;
const TERMINATED = 143;

const argv = process.argv.slice(2);
const program = process.env.npm_lifecycle_event === "ohmlet" ? "npm run --silent ohmlet --" : "ohmlet";
const io = new ProcessIo(process, argv.includes("--json"), program);
adoptConsole((...lines) => io.complain(...lines));
const stderr = (text: string): void => io.note(...text.split("\n"));

/** Leaves once everything written has left: workers of an engine must not hold the process back. */
function leave(code: number): void {
  process.stdout.write("", () => process.exit(code));
}

function unexpected(thrown: unknown): void {
  const fault = faultOf(thrown, argv.includes("--debug"));
  if (io.json) io.emit({ error: fault.data });
  else stderr(fault.text);
  leave(fault.code);
}

for (const stream of [process.stdout, process.stderr]) {
  // Whoever reads has left, as `head` does: nothing more to say, and no fault.
  stream.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
}
process.on("SIGINT", () => io.interrupt() || process.exit(INTERRUPTED));
process.on("SIGTERM", () => io.interrupt() || process.exit(TERMINATED));
process.on("uncaughtException", unexpected);
process.on("unhandledRejection", unexpected);

void runProgram(argv, io, stderr).then(leave);
