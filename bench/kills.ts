/**
 * Kills training runs at random moments, resumes them, and holds what they come to against a run that nobody disturbed,
 * byte for byte: weights, curves without their times, mistakes. SIGKILL leaves a process no last word.
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { streamOf, uniform } from "../src/random";

export interface KillOptions {
  /** Times that a process is killed, over all runs. */
  readonly kills: number;
  /** Where run folders go: an empty folder. */
  readonly folder: string;
  /** Arguments of `ohmlet train`, without --out. */
  readonly args: readonly string[];
  readonly seed: number;
}

export interface KillCount {
  /** Runs that were killed at least once and finished all the same. */
  readonly runs: number;
  readonly kills: number;
  /** Kills that fell before there was a run folder. */
  readonly early: number;
  /** Kills of a process that was resuming. */
  readonly whileResuming: number;
  /** What was not as it should be; empty where all held. */
  readonly faults: readonly string[];
}

export async function killRuns({ kills, folder, args, seed }: KillOptions): Promise<KillCount> {
  const whole = join(folder, "whole");
  // The second time counts: the first one fills the caches of the system.
  await ohmlet(["train", ...args, "--out", join(folder, "warm")]);
  const { ms } = await ohmlet(["train", ...args, "--out", whole]);
  const expected = figuresOf(runIn(whole) ?? "");
  const faults: string[] = [];
  let [runs, killed, early, whileResuming] = [0, 0, 0, 0];
  while (killed < kills && faults.length === 0) {
    const root = join(folder, `run-${runs}`);
    for (let finished = false; !finished; ) {
      const path = runIn(root);
      const command = path === null ? ["train", ...args, "--out", root] : ["resume", path];
      const patience = killed < kills ? ms * (0.3 + 0.7 * uniform(seed, streamOf("kills"), 0, killed)) : null;
      const { code, signal, complaint } = await ohmlet(command, patience);
      if (signal === "SIGKILL") {
        killed++;
        if (path !== null) whileResuming++;
        else if (runIn(root) === null) early++;
        continue;
      }
      // Killed after the last word was written: nothing was left to do.
      finished = true;
      if (code !== 0 && !complaint.includes("RUN-COMPLETE")) faults.push(`${command.join(" ")}: ${complaint}`);
    }
    const path = runIn(root);
    const found = path === null ? { folder: "missing" } : figuresOf(path);
    for (const [file, digest] of Object.entries(expected)) if ((found as Record<string, string>)[file] !== digest) faults.push(`${path}: ${file} is not as in the run that nobody disturbed`);
    runs++;
  }
  return { runs, kills: killed, early, whileResuming, faults };
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly complaint: string;
  readonly ms: number;
}

function ohmlet(args: readonly string[], killAfter: number | null = null): Promise<Ended> {
  return new Promise((ended) => {
    const started = performance.now();
    const child = spawn(process.execPath, ["-r", "ts-node/register", "src/cli/main.ts", ...args], { cwd: resolve(__dirname, ".."), stdio: ["ignore", "ignore", "pipe"] });
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
    const timer = killAfter === null ? null : setTimeout(() => child.kill("SIGKILL"), killAfter);
    child.on("close", (code, signal) => {
      if (timer !== null) clearTimeout(timer);
      ended({ code, signal, complaint, ms: performance.now() - started });
    });
  });
}

/** The one run folder in a folder; folders that are being made are hidden. */
function runIn(root: string): string | null {
  const [name] = existsSync(root) ? readdirSync(root).filter((each) => !each.startsWith(".")) : [];
  return name === undefined ? null : join(root, name);
}

/** Everything that is not a time, by file. */
function figuresOf(path: string): Record<string, string> {
  const read = (file: string): string => (existsSync(join(path, file)) ? readFileSync(join(path, file), "latin1") : "missing");
  const { result, warnings, outcome } = JSON.parse(read("run.json")) as Record<string, unknown>;
  const untimed = (text: string): string => {
    const rows = text.trimEnd().split("\r\n").map((row) => row.split(","));
    return rows.map((row) => row.filter((_, column) => !rows[0][column].endsWith("_seconds")).join(",")).join("\n");
  };
  return { "weights.npz": read("weights.npz"), "config.yaml": read("config.yaml"), "mistakes.json": read("mistakes.json"), "curves.csv": untimed(read("curves.csv")), "run.json": JSON.stringify({ result, warnings, outcome }) };
}
