/**
 * What does an order on this machine: tasks, fetched once and checked, and the processes that carry them out.
 */
import { OhmletError } from "../../errors";
import type { Task } from "../../study";
import { JOB_LIMIT, WorkerGone, workerProcess, type WorkerProcess } from "../processes";
import type { Redis } from "./packages";
import { broke, digestOf, LARGEST_TASK, taskFrom, taskKey, type Order, type Outcome } from "./messages";

export interface HandsOptions {
  readonly client: Redis;
  readonly version: string;
  readonly module: string;
  /** What this worker is called in outcomes. */
  readonly name: string;
  /** Folder of data that this machine's user named, whatever the study says. */
  readonly data?: string;
}

export interface Hands {
  /** @throws WorkerGone where the process died */
  carryOut(order: Order): Promise<Outcome>;
  /** Ends all processes, at once. */
  end(): void;
}

/** Tasks that are kept. */
const KEPT = 8;

export function handsOf({ client, version, module, name, data }: HandsOptions): Hands {
  const tasks = new Map<string, Task>();
  const all = new Set<WorkerProcess>();
  const free: WorkerProcess[] = [];

  /** Null where whoever conducts the study is gone, or asks for something else than what lies there. */
  const taskOf = async ({ study, task: digest }: Order): Promise<Task | null> => {
    const known = tasks.get(digest);
    if (known !== undefined) return (await client.exists(taskKey(study))) === 1 ? known : null;
    // bytes: UTF-8 takes at most four a character
    const text = await client.getrange(taskKey(study), 0, 4 * LARGEST_TASK);
    const found = digestOf(version, text) === digest ? taskFrom(text) : null;
    if (found === null) return null;
    const task = data === undefined ? found : { ...found, data };
    if (tasks.size >= KEPT) tasks.clear();
    tasks.set(digest, task);
    return task;
  };
  /** One that has the task already, if there is one: reading data takes time. */
  const take = (task: Task): WorkerProcess => {
    const at = free.findIndex((each) => each.knows(task));
    const [found = workerProcess(module)] = free.splice(at < 0 ? free.length - 1 : at, 1);
    all.add(found);
    return found;
  };
  return {
    async carryOut(order) {
      const task = await taskOf(order);
      if (task === null) return { kind: "left" };
      const process = take(task);
      try {
        return { ...(await process.carryOut(task, order.job, order.limit ?? JOB_LIMIT)), worker: name };
      } catch (error) {
        if (error instanceof WorkerGone) throw error;
        return error instanceof OhmletError
          ? { kind: "refused", error: error.toJSON(), worker: name }
          : broke(error, name);
      } finally {
        free.push(process);
      }
    },
    end: () => all.forEach((each) => each.end()),
  };
}
