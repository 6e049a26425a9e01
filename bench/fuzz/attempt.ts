/** One case: run, timed, and judged. Whatever is not a coded error with a place and a remedy is wrong. */
import { readFileSync, writeFileSync } from "node:fs";
import { OhmletError } from "../../src/errors";
import { Dice } from "./random";
import type { Target } from "./target";

/**
 * Longest time that a case may take, ms: by the clock and by the processor, so that other programs make no
 * case fail.
 */
const LIMIT = 2000;
/** Most memory that a case may take beyond what was taken before, bytes, where the system tells. */
const MOST_MEMORY = 2 ** 29;
/** Codes that say that Ohmlet is at fault. */
const OUR_FAULT = ["INTERNAL", "ENGINE-PROGRAM"];

export interface Attempt {
  /** Of the coded error that was thrown. */
  readonly code: string | null;
  readonly wrong: string | null;
  readonly ms: number;
}

const ready = new Set<Target>();

/** What a target needs before its first case in this process. */
export async function prepareFor(target: Target, folder: string): Promise<void> {
  if (!ready.has(target)) await target.prepare?.(folder);
  ready.add(target);
}

export async function attempt(
  { name, attempt: run }: Target,
  seed: number,
  number: number,
  folder: string,
): Promise<Attempt> {
  const before = peakFromNow();
  let [started, busy] = [performance.now(), process.cpuUsage()];
  const begin = (): void => void ([started, busy] = [performance.now(), process.cpuUsage()]);
  const { code, wrong } = await judged(() => run(new Dice(seed, name, number), folder, begin));
  const { user, system } = process.cpuUsage(busy);
  const ms = Math.min(performance.now() - started, (user + system) / 1000);
  const grown = peak("VmHWM") - before;
  return {
    code,
    wrong:
      wrong ??
      (ms > LIMIT
        ? `${Math.round(ms)} ms`
        : grown > MOST_MEMORY
          ? `${Math.round(grown / 1e6)} MB of memory`
          : null),
    ms,
  };
}

async function judged(action: () => unknown): Promise<Pick<Attempt, "code" | "wrong">> {
  try {
    await action();
    return { code: null, wrong: null };
  } catch (error) {
    if (!(error instanceof OhmletError))
      return {
        code: null,
        wrong:
          "no coded error: " +
          `${error instanceof Error ? (error.stack ?? error.message).split("\n").slice(0, 3).join(" ") : String(error)}`,
      };
    const { code, place, remedy } = error;
    const lacks = OUR_FAULT.includes(code)
      ? "says that Ohmlet is at fault"
      : place === undefined
        ? "has no place"
        : remedy === undefined || remedy === ""
          ? "has no remedy"
          : null;
    return { code, wrong: lacks === null ? null : `${code} ${lacks}: ${error.message.slice(0, 200)}` };
  }
}

/** Linux forgets the peak of a process when asked; elsewhere memory is not looked at case by case. */
function peakFromNow(): number {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    return Infinity;
  }
  return peak("VmRSS");
}

function peak(of: "VmHWM" | "VmRSS"): number {
  try {
    return (
      1024 *
      Number(
        new RegExp(`^${of}:\\s*(\\d+) kB`, "m").exec(readFileSync("/proc/self/status", "utf8"))?.[1] ??
          Number.NaN,
      )
    );
  } catch {
    return Number.NaN;
  }
}
