/**
 * The queue as a conductor sees it: orders go in, what became of each comes out, and what is done with goes
 * away.
 */
import { MOST_DEATHS } from "../processes";
import { loadBullmq, type Redis } from "./packages";
import {
  isOutcome,
  LARGEST_OUTCOME,
  PREFIX,
  queueOf,
  strangeReply,
  type Order,
  type Outcome,
} from "./messages";

/**
 * What became of an order: it waits or is worked at, Redis knows nothing of it, it took down all workers that
 * it may, or it is over.
 */
export type Found =
  | Outcome
  | { readonly kind: "open"; readonly taken?: Taken }
  | { readonly kind: "unknown" }
  | { readonly kind: "deadly"; readonly reason: string };

/** By whom an order was taken, and when by that machine's clock. */
export interface Taken {
  readonly by: string;
  readonly at: number;
}

export interface JobQueue {
  /** Calls for an order that may be over; it may tell of one that is not, and keep silent of one that is. */
  listen(heard: (id: string) => void): void;
  add(id: string, order: Order): Promise<void>;
  /** @throws OhmletError REDIS-REPLY where Redis holds what no worker of Ohmlet wrote */
  find(id: string): Promise<Found>;
  /** One that a worker has at the moment stays. */
  remove(id: string): Promise<void>;
  close(): Promise<void>;
}

/** Seconds for which the outcome of an order lies there that nobody fetches. */
const KEPT = 3600;
/** Events that Redis keeps, with what came back: who hears none of them looks. */
const EVENTS = 1000;

export async function openQueue(client: Redis, version: string): Promise<JobQueue> {
  const { Queue, QueueEvents } = await loadBullmq();
  const options = { connection: client, prefix: PREFIX, skipVersionCheck: true };
  const queue = new Queue<Order, unknown>(queueOf(version), {
    ...options,
    defaultJobOptions: {
      attempts: MOST_DEATHS,
      backoff: { type: "fixed", delay: 250 },
      removeOnComplete: { age: KEPT },
      removeOnFail: { age: KEPT },
      stackTraceLimit: 1,
    },
    streams: { events: { maxLen: EVENTS } },
  });
  const events = new QueueEvents(queueOf(version), options);
  // Whether the connection stands is watched elsewhere; commands that fail otherwise are thrown.
  queue.on("error", () => {});
  events.on("error", () => {});
  await events.waitUntilReady();
  return {
    listen(heard) {
      events.on("completed", ({ jobId }) => heard(jobId)).on("failed", ({ jobId }) => heard(jobId));
    },
    async add(id, order) {
      await queue.add("trials", order, { jobId: id });
    },
    async find(id) {
      if ((await client.hstrlen(queue.toKey(id), "returnvalue")) > LARGEST_OUTCOME) throw strangeReply(id);
      const job = await queue.getJob(id);
      if (job === undefined) return { kind: "unknown" };
      if (job.finishedOn === undefined)
        return {
          kind: "open",
          ...(job.processedOn !== undefined && {
            taken: { by: String(job.processedBy ?? "unknown").slice(0, 200), at: job.processedOn },
          }),
        };
      if (job.failedReason) return { kind: "deadly", reason: job.failedReason.slice(0, 200) };
      if (!isOutcome(job.returnvalue)) throw strangeReply(id);
      return job.returnvalue;
    },
    async remove(id) {
      await queue.remove(id);
    },
    async close() {
      await Promise.allSettled([events.close(), queue.close()]);
    },
  };
}
