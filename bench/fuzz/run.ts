/** The loop of a fuzz run: case after case, each timed and judged, in this process or apart. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Apart } from "./apart";
import { attempt, prepareFor } from "./attempt";
import { memoryNow, type Memory } from "./memory";
import type { Target } from "./target";

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
  /**
   * Those that were still right, by target: none would mean that the samples of a target are wrong
   * themselves.
   */
  readonly acceptedBy: Readonly<Record<string, number>>;
  /** How often each code came. */
  readonly codes: Readonly<Record<string, number>>;
  readonly failures: readonly Failure[];
  readonly slowest: { readonly target: string; readonly number: number; readonly ms: number };
  /** After a tenth of the cases, half of them, all. */
  readonly memory: readonly Memory[];
  /** The same of the process apart, where there was one. */
  readonly memoryApart: readonly Memory[];
}

export async function fuzz({ targets, cases, seed, from = 0, failed }: FuzzRequest): Promise<FuzzCount> {
  const root = mkdtempSync(join(tmpdir(), "ohmlet-fuzz-"));
  const codes = new Map<string, number>();
  const acceptedBy = Object.fromEntries(targets.map(({ name }) => [name, 0]));
  const failures: Failure[] = [];
  const [memory, memoryApart]: [Memory[], Memory[]] = [[], []];
  const away = new Apart();
  let [refused, slowest] = [0, { target: "", number: 0, ms: 0 }];
  try {
    for (const { name } of targets) mkdirSync(join(root, name));
    for (let i = 0; i < cases; i++) {
      // Node lets go of buffers and of zlib's memory between turns only
      if (i % 100 === 0) await setImmediate();
      const [target, number] = [targets[i % targets.length], from + Math.floor(i / targets.length)];
      const { name, apart } = target;
      const folder = join(root, name);
      if (!apart) await prepareFor(target, folder);
      const { code, wrong, ms } = apart
        ? await away.attempt(name, seed, number, folder)
        : await attempt(target, seed, number, folder);
      if (ms > slowest.ms) slowest = { target: name, number, ms };
      if (code !== null) {
        refused++;
        codes.set(code, (codes.get(code) ?? 0) + 1);
      } else if (wrong === null) acceptedBy[name]++;
      if (wrong !== null) {
        failures.push({ target: name, number, fact: wrong });
        failed?.(failures[failures.length - 1]);
      }
      if ([Math.ceil(cases / 10), Math.ceil(cases / 2), cases].includes(i + 1)) {
        memory.push(await memoryNow());
        const there = await away.memory();
        if (there !== null) memoryApart.push(there);
      }
    }
  } finally {
    away.end();
    rmSync(root, { recursive: true, force: true });
  }
  return {
    cases,
    refused,
    accepted: Object.values(acceptedBy).reduce((sum, n) => sum + n, 0),
    acceptedBy,
    codes: Object.fromEntries([...codes].sort(([, a], [, b]) => b - a)),
    failures,
    slowest,
    memory,
    memoryApart,
  };
}
