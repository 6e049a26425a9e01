/**
 * A worker: takes jobs from the queue and has them done by processes of this machine. A process that dies
 * costs its job an attempt. Should this one die, its jobs go to another as soon as their locks have run out.
 */
import { hostname } from "node:os";
import type { Job } from "bullmq";
import { OhmletError } from "../../errors";
import type { Stop } from "../../study";
import type { RedisAddress } from "./address";
import { openRedis } from "./connection";
import { handsOf } from "./job-runner";
import { loadBullmq } from "./packages";
import { replyFault } from "./reply-fault";
import { restTimer } from "./idle-timer";
import { BEAT, sayGone, sayHere } from "./heartbeats";
import { isOrder, PREFIX, queueOf, type Outcome } from "./messages";

export interface QueueWorkerOptions {
  readonly address: RedisAddress;
  /** Of Ohmlet. */
  readonly version: string;
  /** File that a worker process runs; it calls `serveJobs`. */
  readonly module: string;
  /** Jobs side by side, each in a process. */
  readonly workers: number;
  /** Folder of data, whatever the study says. */
  readonly data?: string;
  /** Seconds without a job after which to end. Default: never. */
  readonly idle?: number;
  /** Seconds after which the jobs of a worker that died go to another. Default 30. */
  readonly lock?: number;
  /** Seconds that Redis may be gone. Default 60. */
  readonly patience?: number;
  /**
   * Seconds that jobs have to their end once the worker is told to stop; then they go back to the queue.
   * Default 2.
   */
  readonly grace?: number;
  readonly note: (text: string) => void;
  /** Hears what happens. */
  readonly tell: (event: QueueWorkerEvent) => void;
}

export type QueueWorkerEvent =
  | { readonly kind: "joined"; readonly name: string }
  | { readonly kind: "did"; readonly trials: number; readonly seconds: number }
  /** A job that nobody waits for any more. */
  | { readonly kind: "dropped" }
  | { readonly kind: "failed"; readonly why: string }
  | { readonly kind: "idle" };

/**
 * Workers that may leave a job behind before it is given up. More than processes that it may take down: a
 * machine that is taken away, as cheap ones are, says nothing of the job.
 */
const MOST_STALLS = 10;

/** Works until it is told to stop or has been idle. @throws OhmletError REDIS-… */
export async function serveQueue(
  {
    address,
    version,
    module,
    workers,
    data,
    idle,
    lock = 30,
    patience,
    grace = 2,
    note,
    tell,
  }: QueueWorkerOptions,
  signal: Stop,
): Promise<void> {
  const [{ Worker, WaitingError, UnrecoverableError }, { client, lost, up, close }] = await Promise.all([
    loadBullmq(),
    openRedis(address, { note, patience }),
  ]);
  const name = `${hostname()} ${process.pid}`.slice(0, 200);
  const hands = handsOf({ client, version, module, name, data });
  let fail: (fault: OhmletError) => void = () => {};
  const refused = new Promise<never>((_, reject) => (fail = reject));
  refused.catch(() => {});
  const presence = { name, version, v8: process.versions.v8, lanes: workers };
  let returning = false;
  const rest = restTimer(idle, () => tell({ kind: "idle" }));
  const carryOut = async (job: Job<unknown>, token?: string): Promise<Outcome> => {
    if (!isOrder(job.data)) throw new UnrecoverableError("this is no job of Ohmlet");
    rest.begin();
    try {
      return await hands.carryOut(job.data);
    } catch (error) {
      if (!returning) throw error;
      await job.moveToWait(token);
      throw new WaitingError();
    } finally {
      rest.end();
    }
  };
  const queue = new Worker<unknown, Outcome>(queueOf(version), carryOut, {
    connection: client,
    prefix: PREFIX,
    skipVersionCheck: true,
    name,
    concurrency: workers,
    lockDuration: 1000 * lock,
    stalledInterval: 500 * lock,
    maxStalledCount: MOST_STALLS,
    runRetryDelay: 1000,
  });
  queue.on("error", (error) => {
    const { message } = error;
    const fault = /lock/i.test(message) ? null : replyFault(error, address.shown);
    if (fault !== null) return fail(fault);
    // whether the connection stands is watched elsewhere
    if (!up() || /connection|socket|ECONN|EPIPE/i.test(message)) return;
    note(
      /Missing (key|lock)|renew lock/.test(message)
        ? "Redis knows nothing of a job that is done here any more: its study hands it out again"
        : `BullMQ: ${message.slice(0, 300)}`,
    );
  });
  queue.on("completed", (_, outcome) => tell(eventOf(outcome)));
  queue.on("failed", (_, error) => tell({ kind: "failed", why: error.message }));
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", resolve, { once: true });
  });
  const beat = setInterval(() => void sayHere(client, presence).catch(() => {}), BEAT);
  try {
    await sayHere(client, presence);
    tell({ kind: "joined", name });
    await Promise.race([stopped, rest.over, lost, refused]);
  } catch (error) {
    throw replyFault(error, address.shown) ?? error;
  } finally {
    clearInterval(beat);
    rest.stop();
    const late = setTimeout(() => {
      returning = true;
      hands.end();
    }, 1000 * grace);
    const closed = up()
      ? Promise.allSettled([sayGone(client, presence), queue.close()])
      : queue.close(true).catch(() => {});
    if (up()) await Promise.race([closed, lost.catch(() => {})]);
    clearTimeout(late);
    hands.end();
    close();
  }
}

function eventOf(outcome: Outcome): QueueWorkerEvent {
  switch (outcome.kind) {
    case "done":
      return { kind: "did", trials: outcome.results.length, seconds: outcome.seconds };
    case "left":
      return { kind: "dropped" };
    case "refused":
      return { kind: "failed", why: new OhmletError(outcome.error).message };
    case "broke":
      return { kind: "failed", why: outcome.message };
  }
}
