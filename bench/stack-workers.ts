/** The workers of `bench stack`, told what to do together; both sides take turns. */
import { once } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Order } from "./stack-worker";
import type { Kind, Side, StackingRequest } from "./stacking";

export interface Stacked {
  /** Milliseconds of each round, by side. */
  readonly ms: Readonly<Record<Side, readonly number[]>>;
  /** Milliseconds of CPU time a round, mean: what does not depend on other work beside. */
  readonly cpu: Readonly<Record<Side, number>>;
  /** CPU time over wall time, by side: how many cores were busy. */
  readonly busy: Readonly<Record<Side, number>>;
}

export interface StackingMeasured {
  readonly kinds: Readonly<Record<Kind, Stacked>>;
  /** Whether both sides gave the same numbers. */
  readonly same: boolean;
}

const SIDES: readonly Side[] = ["stacked", "single"];

export async function measureStacking(
  request: Omit<StackingRequest, "worker">,
  repeats: number,
): Promise<StackingMeasured> {
  const workers = Array.from(
    { length: request.workers },
    (_, worker) =>
      new Worker(join(__dirname, "stack-worker.ts"), {
        workerData: { ...request, worker },
        execArgv: ["-r", "ts-node/register"],
      }),
  );
  const answers = (): Promise<boolean[]> =>
    Promise.all(workers.map(async (worker) => ((await once(worker, "message")) as [boolean])[0]));
  const tell = (order: Order): Promise<boolean[]> => {
    const all = answers();
    for (const worker of workers) worker.postMessage(order);
    return all;
  };
  const take = async (kind: Kind): Promise<Stacked> => {
    const ms: Record<Side, number[]> = { stacked: [], single: [] };
    const cpu: Record<Side, number> = { stacked: 0, single: 0 };
    for (let round = 0; round <= repeats; round++) {
      for (const [k, side] of SIDES.entries()) {
        const [before, started] = [process.cpuUsage(), performance.now()];
        await tell({ side, kind, next: k === 0 });
        const [wall, spent] = [performance.now() - started, process.cpuUsage(before)];
        // The first round compiles and does not count.
        if (round === 0) continue;
        ms[side].push(wall);
        cpu[side] += (spent.user + spent.system) / 1000;
      }
    }
    const busy = (side: Side): number => cpu[side] / ms[side].reduce((sum, t) => sum + t, 0);
    return {
      ms,
      cpu: { stacked: cpu.stacked / repeats, single: cpu.single / repeats },
      busy: { stacked: busy("stacked"), single: busy("single") },
    };
  };
  try {
    await answers();
    const same = (await tell({ side: "stacked", kind: "whole", compare: true })).every(Boolean);
    return {
      kinds: { again: await take("again"), anew: await take("anew"), whole: await take("whole") },
      same,
    };
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
