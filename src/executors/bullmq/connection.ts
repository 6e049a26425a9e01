/**
 * A connection to Redis that is known to work, and is watched from then on: when it breaks it is made again,
 * with a word to the user, and given up after a bounded time.
 */
import { OhmletError } from "../../errors";
import type { RedisAddress } from "./address";
import { replyFault } from "./reply-fault";
import { loadIoredis, type Redis } from "./packages";

export interface RedisLink {
  readonly client: Redis;
  /** Rejects with REDIS-LOST once the server was gone for longer than patience; never resolves. */
  readonly lost: Promise<never>;
  /** Whether the server answered when last heard of. */
  up(): boolean;
  close(): void;
}

export interface LinkOptions {
  /** Tells the user. */
  readonly note: (text: string) => void;
  /** Seconds that a server may be gone. Default 60. */
  readonly patience?: number;
}

/** Milliseconds for a first answer. A refusal takes no time, a host that swallows packets all of it. */
const CONNECT = 5000;
/**
 * Milliseconds without an answer after which a connection is made anew. Above the 10 s for which BullMQ asks
 * Redis to wait.
 */
const SILENCE = 30_000;
/** The oldest Redis that BullMQ calls good. */
const OLDEST = [6, 2];

/** @throws OhmletError REDIS-CONNECT, REDIS-AUTH, REDIS-VERSION, REDIS-DATABASE, REDIS-PACKAGE */
export async function openRedis(
  { url, shown }: RedisAddress,
  { note, patience = 60 }: LinkOptions,
): Promise<RedisLink> {
  const { Redis } = await loadIoredis();
  // BullMQ makes connections of its own like this one: they end with it.
  let open = false;
  const client = new Redis(url, {
    lazyConnect: true,
    socketTimeout: SILENCE,
    // What was asked while the server was gone is asked again when it is back; how long that may take is
    // decided below.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (open ? Math.min(100 * times, 2000) : null),
  });
  let complaint: Error | null = null;
  client.on("error", (error: Error) => (complaint ??= error));
  const mute = setTimeout(() => {
    // It took the connection and answers only that it is not ready.
    complaint ??=
      client.status === "connect"
        ? new Error("LOADING, or no Redis")
        : Object.assign(new Error("silent"), { code: `silent for ${CONNECT / 1000} s` });
    client.disconnect();
  }, CONNECT);
  try {
    await client.connect();
    checkVersion(await client.info("server"), shown);
    await choose(client, Number(new URL(url).pathname.slice(1)), shown);
  } catch (error) {
    client.disconnect();
    throw error instanceof OhmletError ? error : refused(complaint ?? (error as Error), shown);
  } finally {
    clearTimeout(mute);
  }
  open = true;
  const link = watched(client, shown, note, patience);
  return {
    ...link,
    close() {
      open = false;
      link.close();
    },
  };
}

/** Whether a server can be reached, before anything is made that would need it. @throws the same */
export async function reachRedis(address: RedisAddress): Promise<void> {
  (await openRedis(address, { note: () => {} })).close();
}

function watched(client: Redis, shown: string, note: (text: string) => void, patience: number): RedisLink {
  let since: NodeJS.Timeout | null = null;
  let give: (error: OhmletError) => void = () => {};
  const lost = new Promise<never>((_, reject) => (give = reject));
  lost.catch(() => {}); // whoever waits hears of it; whoever does not, need not
  const back = (): void => {
    if (since === null) return;
    clearTimeout(since);
    since = null;
    note("Redis is back");
  };
  const gone = (): void => {
    if (since !== null) return;
    note(`Redis at ${shown} does not answer any more; trying again for ${patience} s`);
    since = setTimeout(
      () =>
        give(
          new OhmletError({
            code: "REDIS-LOST",
            fact: `the server was gone for more than ${patience} s`,
            place: { where: shown },
            remedy: "start it again, then give the same command again: what was measured is kept",
            category: "run",
          }),
        ),
      1000 * patience,
    );
  };
  client.on("close", gone).on("ready", back);
  return {
    client,
    lost,
    up: () => since === null,
    close() {
      client.off("close", gone).off("ready", back);
      if (since !== null) clearTimeout(since);
      client.disconnect();
    },
  };
}

/**
 * Chooses the database again: where the server has none of that number, the client would stay on 0 without a
 * word.
 */
async function choose(client: Redis, database: number, shown: string): Promise<void> {
  if (database === 0) return;
  await client.select(database).catch((error: Error) => {
    if (!error.message.startsWith("ERR")) throw error;
    throw new OhmletError({
      code: "REDIS-DATABASE",
      fact: `the server has no database ${database} (${error.message.slice(0, 200)})`,
      place: { where: shown },
      remedy: `name one that it has:  ${shown.replace(/\/\d+$/, "")}/0,  /1, …; most servers have 16`,
    });
  });
}

function refused(error: Error, shown: string): OhmletError {
  const fault = replyFault(error, shown);
  if (fault !== null) return new OhmletError({ ...fault.toJSON(), category: "input" });
  const text = error.message.slice(0, 300);
  const cause = "code" in error ? String(error.code) : text;
  return new OhmletError({
    code: "REDIS-CONNECT",
    fact: `no Redis answers there (${cause})`,
    place: { where: shown },
    remedy:
      "check host and port, that  redis-server  runs and may be reached from here, and  rediss://  " +
      "where it speaks TLS",
  });
}

/** @param info what INFO tells */
function checkVersion(info: string, shown: string): void {
  const [, major = "0", minor = "0"] = /^redis_version:(\d+)\.(\d+)/m.exec(info) ?? [];
  if (Number(major) > OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) >= OLDEST[1])) return;
  throw new OhmletError({
    code: "REDIS-VERSION",
    fact: `this is Redis ${major}.${minor}`,
    place: { where: shown },
    remedy: `use Redis ${OLDEST.join(".")} or later, or a server that says it is one`,
  });
}
