/**
 * Kills work at random moments, goes on with it, kills that, until it is done, and holds what it comes to
 * against what came of the same work when nobody disturbed it, byte for byte.
 */
import { join } from "node:path";
import { streamOf, uniform } from "../../src/random";
import { ohmlet, type Strike, type Victim } from "./process";
import type { Subject } from "./target";

export interface KillOptions {
  readonly subject: Subject;
  /** Processes that are killed, over all that is done again and again. */
  readonly kills: number;
  /** Where folders go: an empty folder. */
  readonly folder: string;
  readonly seed: number;
  /** Told after each that was done. */
  readonly onDone?: (count: KillCount) => void;
}

export interface KillCount {
  readonly what: string;
  /** How often the work was done in spite of kills. */
  readonly done: number;
  readonly kills: number;
  readonly victims: Readonly<Partial<Record<Victim, number>>>;
  /** Kills that fell before there was a folder. */
  readonly early: number;
  /** Kills of what was going on after a kill. */
  readonly whileResuming: number;
  /** Milliseconds of the work when nobody disturbs it. */
  readonly undisturbed: number;
  /** What was not as it should be; empty where all held. */
  readonly faults: readonly string[];
}

/**
 * Workers that one job may lose is less than three: more would be a fault of the machine, and told as one.
 */
const MOST_WORKERS = 2;

export async function killWork({ subject, kills, folder, seed, onDone }: KillOptions): Promise<KillCount> {
  const stream = streamOf(`kills of a ${subject.what}`);
  const whole = join(folder, "whole");
  const { ms, code: ended, complaint: trouble } = await ohmlet(subject.begin(whole));
  const path = subject.folderIn(whole);
  if (ended !== 0 || path === null)
    throw new Error(`${subject.begin(whole).join(" ")} ends with ${ended}: ${trouble}`);
  const expected = subject.figuresOf(path);
  const faults = subject.faultsOf(path);
  const victims: Partial<Record<Victim, number>> = {};
  let [done, killed, drawn, early, whileResuming] = [0, 0, 0, 0, 0];
  const count = (): KillCount => ({
    what: subject.what,
    done,
    kills: killed,
    victims: { ...victims },
    early,
    whileResuming,
    undisturbed: ms,
    faults,
  });
  while (killed < kills && faults.length === 0) {
    const root = join(folder, `again-${done}`);
    for (let over = false; !over;) {
      const before = subject.folderIn(root);
      let workers = 0;
      const strike = (): Strike | null => {
        if (killed + workers >= kills) return null;
        const [when, whom, which] = [0, 1, 2].map((k) => uniform(seed, stream, k, drawn));
        drawn++;
        const victim = subject.victims[Math.floor(whom * subject.victims.length)];
        return victim === "worker" && workers++ >= MOST_WORKERS
          ? null
          : { after: ms * (0.1 + 0.9 * when), victim, which };
      };
      const words =
        before === null ? subject.begin(root) : subject.goOn(root, before, uniform(seed, stream, 3, drawn));
      const { code, signal, complaint, struck } = await ohmlet(words, strike, subject.workers);
      for (const victim of struck) victims[victim] = (victims[victim] ?? 0) + 1;
      killed += struck.length;
      if (before !== null) whileResuming += struck.length;
      else if (struck.length > 0 && subject.folderIn(root) === null) early++;
      if (signal === "SIGKILL") continue;
      // Killed after the last word was written: nothing was left to do.
      over = true;
      if (code !== 0 && !complaint.includes("RUN-COMPLETE")) faults.push(`${words.join(" ")}: ${complaint}`);
    }
    const found = subject.folderIn(root);
    faults.push(
      ...(found === null
        ? [`${root}: there is no folder`]
        : differences(expected, subject.figuresOf(found))
            .concat(subject.faultsOf(found))
            .map((fault) => `${found}: ${fault}`)),
    );
    done++;
    onDone?.(count());
  }
  return count();
}

function differences(
  expected: Readonly<Record<string, string>>,
  found: Readonly<Record<string, string>>,
): string[] {
  const files = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
  return files
    .filter((file) => expected[file] !== found[file])
    .map((file) => `${file} is not as in the work that nobody disturbed`);
}
