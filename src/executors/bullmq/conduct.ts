/**
 * Conducts a study: hands out jobs, few at a time, and takes in what comes back, until all is done. Redis is
 * trusted with nothing: a job that it forgot is handed out again, and what was taken in is removed.
 */
import { randomBytes } from "node:crypto";
import { OhmletError } from "../../errors";
import type { Executor, Job, Stop, Task } from "../../study";
import { isAnswerTo, tooLong } from "../messages";
import { workersGone } from "../processes";
import { bell } from "./wake-up";
import type { Redis } from "./packages";
import type { Found, JobQueue, Taken } from "./queue";
import { rollCall } from "./heartbeats";
import { digestOf, strangeReply, taskKey, textOfTask, type Outcome } from "./messages";

export interface Conducting {
  readonly client: Redis;
  readonly queue: JobQueue;
  readonly version: string;
  /** Where Redis is, for notes. */
  readonly shown: string;
  /** Seconds that a job may take. */
  readonly jobLimit: number;
  readonly note: (text: string) => void;
  readonly signal: Stop;
}

/**
 * Milliseconds between looks at all that is under way: events tell of single jobs sooner, but may be lost.
 */
const LOOK = 2000;
/**
 * Milliseconds between signs of life, and seconds for which one lasts: workers drop jobs of a conductor that
 * gives none.
 */
const SIGN = 5000;
const LIFE = 30;
/** Seconds that a worker may be late to say that a job took too long. */
const LATE = 30;
/**
 * Times that a job may come back undone, or be forgotten: a machine sleeps, a server starts anew, but not so
 * often over one job.
 */
const MOST_RETURNS = 20;
/** Jobs in Redis: so many for each process that works, within bounds. */
const AHEAD = 4;
const [LEAST_AHEAD, MOST_AHEAD] = [16, 1000];

export async function conduct(
  task: Task,
  jobs: readonly Job[],
  done: Parameters<Executor["run"]>[2],
  { client, queue, version, shown, jobLimit, note, signal }: Conducting,
): Promise<void> {
  const text = textOfTask(task);
  const study = randomBytes(12).toString("hex");
  const digest = digestOf(version, text);
  const waiting = [...jobs];
  const out = new Map<string, Job>();
  /** Since when, by this clock, a job has been with whom. */
  const held = new Map<string, Taken & { readonly since: number }>();
  /** How often it was handed out again. */
  const returns = new Map<string, number>();
  const heard = new Set<string>();
  const news = bell();
  signal.addEventListener("abort", news.ring, { once: true });
  queue.listen((id) => {
    if (!out.has(id)) return; // of another study
    heard.add(id);
    news.ring();
  });
  const countLanes = rollCall(client, version, shown, note);
  let [handed, signed, looked, room] = [0, -Infinity, performance.now(), 0];

  const giveSign = async (): Promise<void> => {
    signed = performance.now();
    await client.set(taskKey(study), text, "EX", LIFE);
    room = Math.min(MOST_AHEAD, Math.max(LEAST_AHEAD, AHEAD * (await countLanes())));
  };
  const handOut = async (id: string, job: Job): Promise<void> => {
    out.set(id, job);
    await queue.add(id, { study, task: digest, job, limit: jobLimit });
  };
  const handOutAgain = async (id: string, job: Job, why: string): Promise<void> => {
    const times = (returns.get(id) ?? 0) + 1;
    if (times > MOST_RETURNS) throw comesBack(job, times, why, shown);
    returns.set(id, times);
    held.delete(id);
    await handOut(id, job);
  };
  /** The worker ends a job in time by itself; but it may hang, or be none of ours. */
  const expectSoon = (id: string, job: Job, taken: Taken | undefined): void => {
    const known = held.get(id);
    if (taken === undefined) held.delete(id);
    else if (known?.at !== taken.at) held.set(id, { ...taken, since: performance.now() });
    else if (performance.now() - known.since > 1000 * (jobLimit + LATE))
      throw tooLong(`worker ${taken.by}: ${job.id}`, jobLimit);
  };
  const takeIn = async (id: string, job: Job, found: Found): Promise<void> => {
    switch (found.kind) {
      case "open":
        return expectSoon(id, job, found.taken);
      case "unknown":
        return handOutAgain(id, job, "Redis has forgotten it");
      case "left": // we were silent for too long: this machine slept, or Redis was gone
        await giveSign();
        await queue.remove(id);
        return handOutAgain(
          id,
          job,
          "workers take it for left, as if they could not read what this study asks",
        );
      case "deadly":
        throw workersGone(job.id, found.reason);
      case "refused":
        throw refusedBy(found);
      case "broke":
        throw brokeAt(job, found);
      case "done": {
        const { results, seconds, worker } = found;
        if (!isAnswerTo(job, task, found)) throw strangeReply(`worker ${worker}: ${job.id}`);
        out.delete(id);
        held.delete(id);
        returns.delete(id);
        await done({ id: job.id, results, seconds, worker });
        await queue.remove(id);
      }
    }
  };
  try {
    while (!signal.aborted && out.size + waiting.length > 0) {
      if (performance.now() - signed > SIGN) await giveSign();
      await Promise.all(
        waiting.splice(0, Math.max(0, room - out.size)).map((job) => handOut(`${study}-${++handed}`, job)),
      );
      const all = performance.now() - looked > LOOK;
      if (all) looked = performance.now();
      else if (heard.size === 0) await news.heard(LOOK);
      const ids = all ? [...out.keys()] : [...heard].filter((id) => out.has(id));
      heard.clear();
      const found = await Promise.all(ids.map((id) => queue.find(id)));
      for (const [i, id] of ids.entries())
        if (!signal.aborted) await takeIn(id, out.get(id) as Job, found[i]);
    }
  } finally {
    signal.removeEventListener("abort", news.ring);
    // What waits would be done for nobody. What is being done is dropped when it comes back.
    await Promise.allSettled([client.del(taskKey(study)), ...[...out.keys()].map((id) => queue.remove(id))]);
  }
}

/** The fault that a worker met, and which worker: its machine may lack what others have. */
function refusedBy({ error, worker }: Extract<Outcome, { readonly kind: "refused" }>): OhmletError {
  return new OhmletError({
    ...error,
    place: {
      ...error.place,
      where: `worker ${worker}${error.place === undefined ? "" : `: ${error.place.where}`}`,
    },
  });
}

/** What a worker says of a fault that it has no code for: whoever may write to Redis can say it, too. */
function brokeAt(job: Job, { message, worker }: Extract<Outcome, { readonly kind: "broke" }>): OhmletError {
  const [first] = message.split("\n");
  return new OhmletError({
    code: "STUDY-BROKE",
    fact: `a worker met a fault that it has no name for: ${first.slice(0, 300)}`,
    place: { where: `worker ${worker}: ${job.id}`.slice(0, 300) },
    remedy:
      "do one of its trials here, with  --trial POINT/CHIP --debug,  and report what it says; if it " +
      "goes well, look at that worker's machine. What was measured is kept",
    category: "run",
  });
}

function comesBack(job: Job, times: number, why: string, shown: string): OhmletError {
  return new OhmletError({
    code: "STUDY-RETURNED",
    fact: `this job was handed out ${times} times and came back undone: ${why}`,
    place: { where: `${shown}: ${job.id}`.slice(0, 300) },
    remedy:
      "let nobody else write there, give the server as much memory as it needs, or take a database of " +
      "its own:  redis://HOST:PORT/1.  What was measured is kept",
    category: "run",
  });
}
