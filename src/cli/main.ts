#!/usr/bin/env node
/**
 * The process around the command line: streams, signals, exit code. A verb that has nothing to save runs
 * here, and a signal ends it as it ends any program. One that has runs in a thread: the first signal lets it
 * save, the second ends the process, and so does time, where the thread does not hear. In the end the process
 * dies of its signal, so that a shell's loop stops too.
 */
import { DONE, FAILED, faultOf } from "./report-error";
import { adoptConsole, ProcessIo } from "./io";
import { runProgram, savesWork } from "./program";
import { startThread, threadsFit, type ProgramThread } from "./thread";

/** Milliseconds for the thread to hear that it should stop: longer than any step that is looked between. */
const PATIENCE = 1500;
const SIGNALS = ["SIGINT", "SIGTERM"] as const;
/** What the death of SIGPIPE looks like to a shell; Node ignores the signal itself. */
const NOBODY_READS = 141;

const argv = process.argv.slice(2);
const program = process.env.npm_lifecycle_event === "ohmlet" ? "npm run --silent ohmlet --" : "ohmlet";
const io = new ProcessIo(process, argv.includes("--json"), program);
adoptConsole((...lines) => io.aside(...lines));
const stderr = (text: string): void => io.note(...text.split("\n"));
let thread: ProgramThread | null = null;
/** How the process is to end, and why, once that is before its work is done. */
let ending: { readonly by: () => void; readonly cause: NodeJS.Signals | "EPIPE" | "output" } | null = null;

/** Leaves once everything written has left: workers of an engine must not hold the process back. */
function leave(by: () => void): void {
  process.stdout.write("", (error) => (error ? unwritten(error) : by()));
}

function dieOf(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/**
 * Lets the thread save what it has, where it has something, and then ends; or ends at once. From now on
 * signals end it at once.
 */
function stop(cause: NodeJS.Signals | "EPIPE" | "output", by: () => void): void {
  for (const signal of SIGNALS) process.removeAllListeners(signal);
  if (ending !== null || thread?.stop() !== true) return by();
  ending = { by, cause };
  setTimeout(() => thread?.heard === true || by(), PATIENCE).unref();
}

function hear(signal: NodeJS.Signals): void {
  stop(signal, () => dieOf(signal));
  io.note("stopping; press Ctrl-C again to end at once");
}

function unwritten(error: NodeJS.ErrnoException): void {
  if (ending !== null) return;
  // Whoever reads has left, as `head` does.
  if (error.code === "EPIPE") return stop("EPIPE", () => process.exit(NOBODY_READS));
  stderr(faultOf(Object.assign(error, { path: "standard output" }), false).text);
  stop("output", () => process.exit(FAILED));
}

function unexpected(thrown: unknown): void {
  const fault = faultOf(thrown, argv.includes("--debug"));
  io.progress().end();
  if (io.json) io.emit({ error: fault.data });
  else stderr(fault.text);
  leave(() => process.exit(fault.code));
}

async function run(): Promise<number> {
  if (!(await savesWork(argv)) || !threadsFit()) return runProgram(argv, io, stderr);
  for (const signal of SIGNALS) process.on(signal, hear);
  thread = startThread(argv, io, stderr);
  const code = await thread.ended;
  for (const signal of SIGNALS) process.removeAllListeners(signal);
  return code;
}

process.stdout.on("error", unwritten);
// Notes that nobody reads are no reason to stop.
process.stderr.on("error", () => {});
process.on("uncaughtException", unexpected);
process.on("unhandledRejection", unexpected);

function end(code: number): void {
  // SIGTERM is how a service is ended: what then comes to its end has done what it was asked.
  if (ending === null || (ending.cause === "SIGTERM" && code === DONE)) leave(() => process.exit(code));
  else if (ending.cause === "EPIPE" || ending.cause === "output") ending.by();
  else leave(ending.by);
}

void run().then(end, unexpected);
