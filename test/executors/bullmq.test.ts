/** Jobs through a real Redis: nothing lost, nothing doubled, whoever dies; skipped, and saying so, where there is no redis-server. */
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { bullmqExecutor, redisAddress, serveQueue, type QueueWorkerEvent } from "../../src/executors";
import type { Job, JobResult } from "../../src/study";
import { redisForTests } from "./server";
import { jobs, MODULE, TASK } from "./toy";

const redis = redisForTests();

/** A worker in this process; `stop` waits for its end. */
function worker(url: string, { version = "1", ...more }: { readonly version?: string; readonly workers?: number; readonly data?: string; readonly patience?: number; readonly grace?: number; readonly idle?: number } = {}) {
  const events: QueueWorkerEvent[] = [];
  const end = new AbortController();
  const over = serveQueue({ address: redisAddress(url), version, module: MODULE, workers: 1, lock: 1, note: () => {}, tell: (event) => events.push(event), ...more }, end.signal);
  over.catch(() => {});
  return {
    events, over,
    stop(): Promise<void> {
      end.abort();
      return over;
    },
  };
}

async function conducted(url: string, asked: readonly Job[], { version = "1", patience, signal, heard = () => {} }: { readonly version?: string; readonly patience?: number; readonly signal?: AbortSignal; readonly heard?: (result: JobResult) => void } = {}) {
  const notes: string[] = [];
  const results: JobResult[] = [];
  await bullmqExecutor({ address: redisAddress(url), version, note: (text) => notes.push(text), patience }).run(TASK, asked, (result) => {
    results.push(result);
    heard(result);
  }, signal);
  return { notes, results };
}

const idsOf = (results: readonly JobResult[]): string[] => results.map(({ id }) => id).sort();

describe("jobs over Redis", { timeout: 20_000 }, () => {
  it("come back, each once, from two workers, which read no data but their own", async (context) => {
    const { url } = redis.of(context);
    const [one, two] = [worker(url), worker(url, { data: "/of/the/worker" })];
    const asked = jobs(40, { wait: 5 });
    const { results, notes } = await conducted(url, asked);
    expect(idsOf(results)).toEqual(asked.map(({ id }) => id).sort());
    for (const { results: found } of results) for (const { key, measures } of found) expect(key).toBe(`point ${Math.floor(Number(measures.seed) / 10)} chip ${Number(measures.seed) % 10}`);
    expect(new Set(results.map(({ results: [first] }) => first.measures.data))).toEqual(new Set([0, 1]));
    expect(notes.join()).toContain(" at redis://127.0.0.1:");
    await Promise.all([one.stop(), two.stop()]);
  });

  it("are given up once they have taken down three processes", async (context) => {
    const { url } = redis.of(context);
    const one = worker(url);
    const deadly = jobs(1, { end: "killed" });
    await expect(conducted(url, deadly)).rejects.toMatchObject({ code: "STUDY-WORKER", category: "run", fact: expect.stringContaining("SIGKILL") as string, place: { where: "job 0" } });
    expect(one.events.filter(({ kind }) => kind === "failed")).toHaveLength(3);
    await one.stop();
  });

  it("that a worker refuses are not tried again, and the fault says where it was met", async (context) => {
    const { url } = redis.of(context);
    const one = worker(url);
    const error = { code: "CONFIG-DATA", fact: "toy", place: { where: expect.stringMatching(/^worker .* \d+: toy$/) as string } };
    await expect(conducted(url, jobs(3, { end: "refused" }))).rejects.toMatchObject(error);
    expect(one.events.filter(({ kind }) => kind === "failed").length).toBeLessThanOrEqual(3);
    await one.stop();
  });

  it("go back to the queue where a worker stops before they are done", async (context) => {
    const { url } = redis.of(context);
    const one = worker(url, { grace: 0.1 });
    const asked = jobs(1, { wait: 700 });
    const conducting = conducted(url, asked);
    await setTimeout(600);
    await one.stop();
    expect(one.events.map(({ kind }) => kind)).toEqual(["joined"]);
    const two = worker(url, { idle: 1 });
    expect(idsOf((await conducting).results)).toEqual(["job 0"]);
    await two.over;
    expect(two.events.map(({ kind }) => kind)).toEqual(["joined", "did", "idle"]);
  });

  it("are safe from strangers who write to the same Redis", async (context) => {
    const { url } = redis.of(context);
    const { Queue } = await import("bullmq");
    const { Redis } = await import("ioredis");
    const client = new Redis(url, { maxRetriesPerRequest: null });
    const queue = new Queue("study-1", { connection: client, prefix: "ohmlet" });
    const [job] = jobs(1);
    await queue.add("x", { junk: true });
    await queue.add("x", { study: "ab12", task: "00", job });
    await client.set("ohmlet:task:ab12", JSON.stringify({ run: {}, measures: [], train: false, data: "/etc" }));
    const one = worker(url);
    while (one.events.length < 3) await setTimeout(20);
    expect(one.events.slice(1).map(({ kind }) => kind).sort()).toEqual(["dropped", "failed"]);
    await one.stop();
    const conducting = conducted(url, [job]);
    const refused = expect(conducting).rejects.toMatchObject({ code: "REDIS-REPLY" });
    let key: string | undefined;
    while ((key = (await client.keys("ohmlet:study-1:*-1"))[0]) === undefined) await setTimeout(20);
    await client.hset(key, "returnvalue", JSON.stringify({ kind: "done", id: job.id, results: [{ key: "../../x", measures: {} }], seconds: 1, worker: "w" }), "finishedOn", 1);
    await refused;
    await client.del("ohmlet:task:ab12");
    await queue.close();
    client.disconnect();
  });

  it("are left alone by workers of another version, and the user is told", async (context) => {
    const { url } = redis.of(context);
    const other = worker(url, { version: "2" });
    await setTimeout(300);
    const end = new AbortController();
    const conducting = conducted(url, jobs(2), { signal: end.signal });
    await setTimeout(1000);
    end.abort();
    const { notes, results } = await conducting;
    expect(results).toEqual([]);
    expect(notes.join()).toMatch(/no worker of version 1 is at .*there are some of 2/);
    expect(other.events.map(({ kind }) => kind)).not.toContain("did");
    await other.stop();
  });

  it("are taken back when the conductor stops: nothing stays in Redis but the names of the queue", async (context) => {
    const { url } = redis.of(context);
    const end = new AbortController();
    const one = worker(url);
    const { results } = await conducted(url, jobs(30, { wait: 50 }), { signal: end.signal, heard: () => end.abort() });
    expect(results).toHaveLength(1);
    await one.stop();
    const { Redis } = await import("ioredis");
    const client = new Redis(url);
    const [waiting, tasks] = [await client.llen("ohmlet:study-1:wait"), await client.keys("ohmlet:task:*")];
    client.disconnect();
    expect([waiting, tasks]).toEqual([0, []]);
  });

  it("are done although Redis dies and comes back with nothing", async (context) => {
    const { url } = redis.of(context);
    const one = worker(url);
    const asked = jobs(30, { wait: 20 });
    let heard = 0;
    const { results, notes } = await conducted(url, asked, {
      heard: () => {
        if (++heard === 5) void redis.of(context).crash().then(() => setTimeout(200)).then(() => redis.of(context).restart());
      },
    });
    expect(idsOf(results)).toEqual(asked.map(({ id }) => id).sort());
    expect(notes.join()).toMatch(/does not answer any more.*Redis is back/);
    await one.stop();
  });

  it("end with a coded error on both sides where Redis stays away", async (context) => {
    const { url } = redis.of(context);
    const one = worker(url, { patience: 0.5 });
    const conducting = conducted(url, jobs(30, { wait: 20 }), { patience: 0.5, heard: () => void redis.of(context).crash() });
    await expect(conducting).rejects.toMatchObject({ code: "REDIS-LOST", category: "run" });
    await expect(one.over).rejects.toMatchObject({ code: "REDIS-LOST" });
  });
});
