/**
 * An executor whose jobs are done by `ohmlet worker` on any number of machines: they take them from a queue
 * of BullMQ.
 */
import type { Executor } from "../../study";
import type { RedisAddress } from "./address";
import { conduct } from "./conduct";
import { openRedis } from "./connection";
import { JOB_LIMIT } from "../processes";
import { openQueue } from "./queue";
import { replyFault } from "./reply-fault";

export interface BullmqOptions {
  readonly address: RedisAddress;
  /** Of Ohmlet: only workers of the same take the jobs. */
  readonly version: string;
  /** Tells the user what is waited for. */
  readonly note: (text: string) => void;
  /** Seconds that Redis may be gone. Default 60. */
  readonly patience?: number;
  /** Seconds that a job may take. Default: a day. */
  readonly jobLimit?: number;
}

/** Milliseconds for taking back what waits in the queue. */
const TIDY = 3000;

/** Its `run` throws REDIS-… where the server cannot be reached, or not again. */
export function bullmqExecutor({
  address,
  version,
  note,
  patience,
  jobLimit = JOB_LIMIT,
}: BullmqOptions): Executor {
  return {
    name: "bullmq",
    async run(task, jobs, done, signal) {
      const link = await openRedis(address, { note, patience });
      const queue = await Promise.race([openQueue(link.client, version), link.lost]).catch(
        (error: unknown) => {
          link.close();
          throw replyFault(error, address.shown) ?? error;
        },
      );
      const end = new AbortController();
      const stop = (): void => end.abort();
      if (signal?.aborted === true) stop();
      signal?.addEventListener("abort", stop, { once: true });
      const work = conduct(task, jobs, done, {
        client: link.client,
        queue,
        version,
        shown: address.shown,
        jobLimit,
        note,
        signal: end.signal,
      });
      // Commands wait for a server that is gone. Whoever stops, or has given it up, waits for it no longer
      // than tidying takes.
      const stopped = new Promise<void>((resolve) =>
        end.signal.addEventListener("abort", () => setTimeout(resolve, link.up() ? TIDY : 0).unref(), {
          once: true,
        }),
      );
      try {
        await Promise.race([work, link.lost, stopped]);
      } catch (error) {
        throw replyFault(error, address.shown) ?? error;
      } finally {
        stop();
        signal?.removeEventListener("abort", stop);
        await Promise.race([work.catch(() => {}), stopped]);
        const closed = queue.close();
        if (link.up()) await closed; // else it would wait for a server that is gone
        link.close();
      }
    },
  };
}
