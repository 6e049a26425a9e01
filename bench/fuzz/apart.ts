/**
 * A process for cases that may hang, fill the memory or die. It is started when there is a case for it, ended
 * where a case takes too long or too much, and started again.
 */
import { fork, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Attempt } from "./attempt";
import type { Memory } from "./memory";

export type Asked =
  | { readonly kind: "prepare"; readonly target: string; readonly folder: string }
  | {
      readonly kind: "case";
      readonly target: string;
      readonly seed: number;
      readonly number: number;
      readonly folder: string;
    }
  | { readonly kind: "memory" };
export type Answer = Attempt | Memory | "ready" | { readonly unprepared: string };
type Told = Exclude<Answer, "ready">;

/**
 * Milliseconds after which no answer is waited for, to a case and to what comes before the first; and bytes
 * of memory after which none is.
 */
const [PATIENCE, PREPARATION] = [10_000, 120_000];
const MOST_MEMORY = 2 ** 31;

interface Limits {
  readonly patience: number;
  readonly memory: number;
}

export class Apart {
  #child: ChildProcess | null = null;
  readonly #ready = new Set<string>();

  /** @param module what the process runs; it answers as apart-process.ts does */
  constructor(
    private readonly module = join(__dirname, "apart-process.ts"),
    private readonly limits: Limits = { patience: PATIENCE, memory: MOST_MEMORY },
  ) {}

  async attempt(target: string, seed: number, number: number, folder: string): Promise<Attempt> {
    const child = (this.#child ??= await started(this.module));
    if (!this.#ready.has(target)) {
      const prepared = await ask(
        child,
        { kind: "prepare", target, folder },
        { ...this.limits, patience: PREPARATION },
      );
      if (typeof prepared === "string" || "unprepared" in prepared)
        throw new Error(`${target} cannot be prepared: ${JSON.stringify(prepared)}`);
      this.#ready.add(target);
    }
    const answer = await ask(child, { kind: "case", target, seed, number, folder }, this.limits);
    if (typeof answer !== "string") return answer as Attempt;
    this.end();
    return { code: null, wrong: answer, ms: this.limits.patience };
  }

  /** Null where nothing runs. */
  async memory(): Promise<Memory | null> {
    if (this.#child === null) return null;
    const answer = await ask(this.#child, { kind: "memory" }, this.limits);
    return typeof answer === "string" ? null : (answer as Memory);
  }

  end(): void {
    this.#child?.kill("SIGKILL");
    this.#child = null;
    this.#ready.clear();
  }
}

async function started(module: string): Promise<ChildProcess> {
  const child = fork(module, [], {
    execArgv: ["-r", require.resolve("ts-node/register"), "--max-old-space-size=1024"],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  await new Promise((ready) => child.once("message", ready).once("exit", ready));
  return child;
}

/** @returns the answer, or in words why there is none */
function ask(child: ChildProcess, asked: Asked, { patience, memory }: Limits): Promise<Told | string> {
  return new Promise((resolve) => {
    const over = (answer: Told | string): void => {
      clearTimeout(late);
      clearInterval(watch);
      child.removeAllListeners();
      resolve(answer);
    };
    const late = setTimeout(() => over(`no answer in ${patience / 1000} s`), patience);
    const watch = setInterval(() => {
      if (residentOf(child) > memory) over(`more than ${memory / 2 ** 20} MB of memory`);
    }, 100);
    child.on("message", (answer: Told) => over(answer));
    child.on("exit", (code, by) => over(`the process died (${by ?? `exit code ${code}`})`));
    if (child.exitCode !== null || child.signalCode !== null) over("the process died before");
    else child.send(asked, () => {});
  });
}

/** As Linux tells it; elsewhere the time must do. */
function residentOf({ pid }: ChildProcess): number {
  try {
    return 4096 * Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
  } catch {
    return 0;
  }
}
