/** Workers and conductors over one Redis, with a version of their own, and so a queue of their own. */
import type { RedisServer } from "../../bench/redis";
import { bullmqExecutor, redisAddress, serveQueue, type QueueWorkerEvent } from "../../src/executors";
import type { Job, JobResult } from "../../src/study";
import { MODULE, TASK } from "./toy";

export interface WorkerSettings {
  readonly version?: string;
  readonly data?: string;
  readonly patience?: number;
  readonly grace?: number;
  readonly idle?: number;
}

export interface ConductSettings {
  readonly patience?: number;
  readonly jobLimit?: number;
  readonly signal?: AbortSignal;
  readonly heard?: () => void;
}

let sites = 0;

export function siteAt(server: RedisServer) {
  const { url } = server;
  const address = redisAddress(url);
  const own = `9.0.${++sites}`;
  return {
    server,
    url,
    version: own,
    /** In this process; `stop` waits for its end. */
    worker({ version = own, ...more }: WorkerSettings = {}) {
      const events: QueueWorkerEvent[] = [];
      const end = new AbortController();
      const over = serveQueue(
        {
          address,
          version,
          module: MODULE,
          workers: 1,
          lock: 1,
          note: () => {},
          tell: (event) => events.push(event),
          ...more,
        },
        end.signal,
      );
      over.catch(() => {}); // for those who look later
      const kinds = (): string[] => events.map(({ kind }) => kind);
      return { kinds, over, stop: (): Promise<void> => (end.abort(), over) };
    },
    async conduct(
      asked: readonly Job[],
      { patience, jobLimit, signal, heard = () => {} }: ConductSettings = {},
    ) {
      const notes: string[] = [];
      const results: JobResult[] = [];
      const executor = bullmqExecutor({
        address,
        version: own,
        note: (text) => notes.push(text),
        patience,
        jobLimit,
      });
      await executor.run(
        TASK,
        asked,
        (result) => {
          results.push(result);
          heard();
        },
        signal,
      );
      return { notes, results };
    },
  };
}
