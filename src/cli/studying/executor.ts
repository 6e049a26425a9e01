/**
 * Who does the jobs of a study, as the command line says: processes of this machine, or workers that a Redis
 * leads to.
 */
import { extname, join } from "node:path";
import { OhmletError } from "../../errors";
import { bullmqExecutor, localExecutor, reachRedis, redisAddress, type RedisAddress } from "../../executors";
import type { Executor } from "../../study";
import { refuseIdle } from "../unused-options";
import type { Io } from "../io";
import { version } from "../version";

/** The file that worker processes run: beside this one in the sources and in every build (tools/bundle.ts). */
export const WORKER = join(__dirname, `worker${extname(__filename)}`);

export interface ExecutorOptions {
  readonly executor: "local" | "bullmq";
  readonly redis?: string;
  readonly workers?: number;
  readonly "job-limit"?: number;
}

/**
 * @param given names of the options that were typed
 * @throws OhmletError CLI-IDLE, REDIS-URL, and where the server cannot be reached
 */
export async function executorOf(
  { executor, redis, workers, "job-limit": jobLimit }: ExecutorOptions,
  given: ReadonlySet<string>,
  io: Io,
): Promise<Executor> {
  const local = executor === "local";
  refuseIdle(given, [
    { name: "redis", idle: local, why: "it is for  --executor bullmq" },
    { name: "workers", idle: !local, why: "each worker is told how many processes it has" },
  ]);
  if (local) return localExecutor({ module: WORKER, workers, jobLimit });
  const address = addressOf(redis);
  await reachRedis(address);
  return bullmqExecutor({ address, version: await version(), note: (text) => io.note(text), jobLimit });
}

/**
 * The variable that names a server where none is typed: whoever lists processes sees what is typed, passwords
 * too.
 */
const VARIABLE = "OHMLET_REDIS";

/** @throws OhmletError REDIS-URL */
export function addressOf(typed: string | undefined): RedisAddress {
  const text = typed ?? process.env[VARIABLE];
  if (text === undefined || text === "")
    throw new OhmletError({
      code: "REDIS-URL",
      fact: "nothing says where Redis is",
      place: { where: "--redis" },
      remedy:
        `write  --redis redis://HOST:PORT,  or set the variable ${VARIABLE}, which keeps a password out ` +
        "of the list of processes",
    });
  return redisAddress(text);
}
