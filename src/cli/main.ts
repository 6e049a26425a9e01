#!/usr/bin/env node
/**
 * The process around the command line: streams, signals, exit code. A verb that has nothing to save runs here, and a signal ends it as
 * it ends any program. One that has runs in a thread: the first signal lets it save, the second ends the process, and so
 * does time, where the thread does not hear. In the end the process dies of its signal, so that a shell's loop stops too.
 */
import { constants } from "node:os";
import { faultOf } from "./fault";
import { ProcessIo } from "./io";
import { runProgram, savesWork } from "./program";
import { startThread, threadsFit, type ProgramThread } from "./thread";

/** Milliseconds for the thread to hear that it should stop: longer than any step that is looked between. */
const PATIENCE = 1500;
const SIGNALS = ["SIGINT", "SIGTERM"] as const;
/** What the death of SIGPIPE looks like to a shell; Node ignores the signal itself. */
const NOBODY_READS = 128 + constants.signals.SIGPIPE;

const argv = process.argv.slice(2);
const program = process.env.npm_lifecycle_event === "ohmlet" ? "npm run --silent ohmlet --" : "ohmlet";
const io = new ProcessIo(process, argv.includes("--json"), program);
const stderr = (text: string): unknown => process.stderr.write(`${text}\n`);
let thread: ProgramThread | null = null;
/** What the process ends by, once it is to end before its work is done. */
let ending: (() => void) | null = null;

/** Leaves once everything written has left: workers of an engine must not hold the process back. */
function leave(code: number): void {
  process.stdout.write("", () => process.exit(code));
}

function dieOf(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/** Lets the thread save what it has, where it has something, and then ends; or ends at once. */
function stop(end: () => void, why: string | null): void {
  for (const signal of SIGNALS) process.removeAllListeners(signal);
  if (ending !== null || thread?.stop() !== true) return end();
  ending = end;
  if (why !== null) io.note(why);
  setTimeout(() => thread?.heard === true || end(), PATIENCE).unref();
}

function unexpected(thrown: unknown): void {
  const fault = faultOf(thrown, argv.includes("--debug"));
  io.progress().end();
  if (io.json) io.emit({ error: fault.data });
  else stderr(fault.text);
  leave(fault.code);
}

async function run(): Promise<number> {
  if (!(await savesWork(argv)) || !threadsFit()) return runProgram(argv, io, stderr);
  for (const signal of SIGNALS) process.on(signal, () => stop(() => dieOf(signal), "stopping; press Ctrl-C again to end at once"));
  thread = startThread(argv, io, stderr);
  const code = await thread.ended;
  for (const signal of SIGNALS) process.removeAllListeners(signal);
  return code;
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // Whoever reads has left, as `head` does.
  if (error.code === "EPIPE") return stop(() => process.exit(NOBODY_READS), null);
  if (ending !== null) return;
  stderr(faultOf(Object.assign(error, { path: "standard output" }), false).text);
  stop(() => process.exit(1), null);
});
// Notes that nobody reads are no reason to stop.
process.stderr.on("error", () => {});
process.on("uncaughtException", unexpected);
process.on("unhandledRejection", unexpected);

void run().then((code) => {
  if (ending === null || code === 0) return leave(code);
  process.stdout.write("", () => ending?.());
}, unexpected);
