/**
 * Which workers are there. Each says so every few seconds, by the server's clock; who is silent for longer is
 * not counted.
 */
import type { Redis } from "./packages";
import { PREFIX } from "./messages";

export interface Presence {
  /** Host and process. */
  readonly name: string;
  /** Of Ohmlet. */
  readonly version: string;
  /** Its version: it rounds as it likes, and numbers agree to the last digit where it is the same. */
  readonly v8: string;
  /** Jobs that it does side by side. */
  readonly lanes: number;
}

const KEY = `${PREFIX}:workers`;
/** Milliseconds between two words of a worker. */
export const BEAT = 5000;
/** Milliseconds after which it counts as gone. */
const SILENT = 20_000;
/** Most that are counted. */
const MOST = 10_000;

export async function sayHere(client: Redis, presence: Presence): Promise<void> {
  const now = await serverTime(client);
  const done = await client
    .multi()
    .zadd(KEY, now, JSON.stringify(presence))
    .zremrangebyscore(KEY, 0, now - SILENT)
    .pexpire(KEY, 10 * SILENT)
    .exec();
  const fault = done?.find(([error]) => error !== null)?.[0];
  if (fault) throw fault;
}

export const sayGone = (client: Redis, presence: Presence): Promise<unknown> =>
  client.zrem(KEY, JSON.stringify(presence));

/** Counts the processes that work for a version, and tells the user whenever that is news. */
export function rollCall(
  client: Redis,
  version: string,
  shown: string,
  note: (text: string) => void,
): () => Promise<number> {
  let told = "";
  const odd = new Set<string>();
  return async () => {
    const all = await whoIsHere(client);
    const ours = all.filter((worker) => worker.version === version);
    const lanes = ours.reduce((sum, worker) => sum + worker.lanes, 0);
    const others = [
      ...new Set(all.filter((worker) => worker.version !== version).map((worker) => worker.version)),
    ].sort();
    const text =
      ours.length > 0
        ? `${ours.length} ${ours.length === 1 ? "worker" : "workers"} with ${lanes} ` +
          `${lanes === 1 ? "process" : "processes"} at ${shown}`
        : `no worker of version ${version} is at ` +
          `${shown}${others.length > 0 ? ` (there are some of ${others.join(", ").slice(0, 200)})` : ""}; ` +
          "start some with  ohmlet worker --redis URL";
    if (text !== told) note((told = text));
    for (const { name, v8 } of ours) {
      if (v8 === process.versions.v8 || odd.has(v8)) continue;
      odd.add(v8);
      note(
        `worker ${name} runs on V8 ${v8}, this on ${process.versions.v8}: last digits may differ; use ` +
          "one version of Node for all",
      );
    }
    return lanes;
  };
}

async function whoIsHere(client: Redis): Promise<readonly Presence[]> {
  const now = await serverTime(client);
  const found = await client.zrangebyscore(KEY, now - SILENT, "+inf", "LIMIT", 0, MOST);
  return found.flatMap((text) => presenceOf(text) ?? []);
}

/** Milliseconds. */
async function serverTime(client: Redis): Promise<number> {
  const [seconds, microseconds] = await client.time();
  return 1000 * Number(seconds) + Math.floor(Number(microseconds) / 1000);
}

function presenceOf(text: string): Presence | null {
  if (text.length > 1000) return null;
  try {
    const { name, version, v8, lanes } = JSON.parse(text) as Record<string, unknown>;
    return typeof name === "string" &&
      typeof version === "string" &&
      typeof v8 === "string" &&
      Number.isSafeInteger(lanes) &&
      (lanes as number) > 0 &&
      (lanes as number) <= 1024
      ? { name, version, v8, lanes: lanes as number }
      : null;
  } catch {
    return null;
  }
}
