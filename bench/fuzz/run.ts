/** The loop of a fuzz run: case after case, each timed; whatever is not a coded error with a place and a remedy is a failure. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { OhmletError } from "../../src/errors";
import { Dice } from "./dice";
import type { Target } from "./target";

/** Longest time that a case may take, ms: by the clock and by the processor, so that other programs make no case fail. */
const LIMIT = 1000;
/** Codes that say that Ohmlet is at fault. */
const OUR_FAULT = ["INTERNAL", "ENGINE-PROGRAM"];

export interface FuzzRequest {
  readonly targets: readonly Target[];
  readonly cases: number;
  readonly seed: number;
  /** Number of the first case of each target. */
  readonly from?: number;
  readonly failed?: (failure: Failure) => void;
}

export interface Failure {
  readonly target: string;
  readonly number: number;
  readonly fact: string;
}

export interface FuzzCount {
  readonly cases: number;
  readonly refused: number;
  readonly accepted: number;
  /** Those that were still right, by target: none would mean that the samples of a target are wrong themselves. */
  readonly acceptedBy: Readonly<Record<string, number>>;
  /** How often each code came. */
  readonly codes: Readonly<Record<string, number>>;
  readonly failures: readonly Failure[];
  readonly slowest: { readonly target: string; readonly number: number; readonly ms: number };
  /** MB once garbage is collected, after a tenth of the cases, half of them, all: what is kept, and the resident set around it. */
  readonly memory: readonly { readonly kept: number; readonly resident: number }[];
}

export async function fuzz({ targets, cases, seed, from = 0, failed }: FuzzRequest): Promise<FuzzCount> {
  const root = mkdtempSync(join(tmpdir(), "ohmlet-fuzz-"));
  const codes = new Map<string, number>();
  const acceptedBy = Object.fromEntries(targets.map(({ name }) => [name, 0]));
  const failures: Failure[] = [];
  const memory: { kept: number; resident: number }[] = [];
  let [refused, slowest] = [0, { target: "", number: 0, ms: 0 }];
  try {
    for (const { name } of targets) mkdirSync(join(root, name));
    for (let i = 0; i < cases; i++) {
      if (i % 100 === 0) await setImmediate(); // Node lets go of buffers and of zlib's memory between turns only
      const [{ name, attempt }, number] = [targets[i % targets.length], from + Math.floor(i / targets.length)];
      const [started, busy] = [performance.now(), process.cpuUsage()];
      const fault = await faultOf(() => attempt(new Dice(seed, name, number), join(root, name)));
      const { user, system } = process.cpuUsage(busy);
      const ms = Math.min(performance.now() - started, (user + system) / 1000);
      if (ms > slowest.ms) slowest = { target: name, number, ms };
      if (fault.code === null) {
        if (fault.wrong === null) acceptedBy[name]++;
      } else {
        refused++;
        codes.set(fault.code, (codes.get(fault.code) ?? 0) + 1);
      }
      const fact = fault.wrong ?? (ms > LIMIT ? `${Math.round(ms)} ms` : null);
      if (fact !== null) {
        failures.push({ target: name, number, fact });
        failed?.(failures[failures.length - 1]);
      }
      if ([Math.ceil(cases / 10), Math.ceil(cases / 2), cases].includes(i + 1)) memory.push(await memoryNow());
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  return { cases, refused, accepted: Object.values(acceptedBy).reduce((sum, n) => sum + n, 0), acceptedBy, codes: Object.fromEntries([...codes].sort(([, a], [, b]) => b - a)), failures, slowest, memory };
}

/** Node collects when asked by a flag that can be set late; the resident set may stay as large as it once was. */
async function memoryNow(): Promise<{ kept: number; resident: number }> {
  await setImmediate();
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  await setImmediate();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { kept: Math.round((heapUsed + external) / 1e6), resident: Math.round(rss / 1e6) };
}

/** The code of what was thrown, and what is wrong with it. */
async function faultOf(action: () => unknown): Promise<{ readonly code: string | null; readonly wrong: string | null }> {
  try {
    await action();
    return { code: null, wrong: null };
  } catch (error) {
    if (!(error instanceof OhmletError)) return { code: null, wrong: `no coded error: ${error instanceof Error ? (error.stack ?? error.message).split("\n").slice(0, 3).join(" ") : String(error)}` };
    const { code, place, remedy } = error;
    const lacks = OUR_FAULT.includes(code) ? "says that Ohmlet is at fault" : place === undefined ? "has no place" : remedy === undefined || remedy === "" ? "has no remedy" : null;
    return { code, wrong: lacks === null ? null : `${code} ${lacks}: ${error.message.slice(0, 200)}` };
  }
}
