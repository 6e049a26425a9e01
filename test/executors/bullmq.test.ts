/**
 * Jobs through a real Redis: nothing lost, nothing doubled, whoever dies; skipped, and saying so, where there
 * is no redis-server.
 */
import { setTimeout } from "node:timers/promises";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { sayHere } from "../../src/executors/bullmq/heartbeats";
import type { Job, JobResult } from "../../src/study";
import { redisForTests } from "./server";
import { siteAt } from "./site";
import { jobs } from "./toy";

const redis = redisForTests();

/** Every job came back, once. */
const expectAll = (results: readonly JobResult[], asked: readonly Job[]): void =>
  expect(results.map(({ id }) => id).sort()).toEqual(asked.map(({ id }) => id).sort());

describe.concurrent("jobs over Redis", () => {
  it("come back, each once, from two workers, which read no data but their own", async (context) => {
    const { worker, conduct } = siteAt(redis.of(context));
    const workers = [worker(), worker({ data: "/of/the/worker" })];
    const asked = jobs(40, { wait: 10 });
    const { results, notes } = await conduct(asked);
    expectAll(results, asked);
    for (const { results: found } of results)
      for (const { key, measures } of found)
        expect(key).toBe(
          `point ${Math.floor(Number(measures.seed) / 10)} chip ${Number(measures.seed) % 10}`,
        );
    expect(new Set(results.map(({ results: [first] }) => first.measures.data))).toEqual(new Set([0, 1]));
    expect(notes.join()).toContain(" at redis://127.0.0.1:");
    await Promise.all(workers.map((each) => each.stop()));
  });

  it("are given up once they have taken down three processes", async (context) => {
    const { worker, conduct } = siteAt(redis.of(context));
    const one = worker();
    await expect(conduct(jobs(1, { end: "killed" }))).rejects.toMatchObject({
      code: "STUDY-WORKER",
      category: "run",
      fact: expect.stringContaining("SIGKILL") as string,
      place: { where: "job 0" },
    });
    expect(one.kinds().filter((kind) => kind === "failed")).toHaveLength(3);
    await one.stop();
  });

  it("that a worker refuses are not tried again, and the fault says where it was met", async (context) => {
    const { worker, conduct } = siteAt(redis.of(context));
    const one = worker();
    await expect(conduct(jobs(3, { end: "refused" }))).rejects.toMatchObject({
      code: "CONFIG-DATA",
      fact: "toy",
      place: { where: expect.stringMatching(/^worker .* \d+: toy$/) as string },
    });
    expect(one.kinds().filter((kind) => kind === "failed").length).toBeLessThanOrEqual(3);
    await one.stop();
  });

  it("go back to the queue where a worker stops before they are done", async (context) => {
    const { worker, conduct } = siteAt(redis.of(context));
    const one = worker({ grace: 0.1 });
    const asked = jobs(1, { wait: 700 });
    const conducting = conduct(asked);
    await setTimeout(800);
    await one.stop();
    expect(one.kinds()).toEqual(["joined"]);
    const two = worker({ idle: 1 });
    expectAll((await conducting).results, asked);
    await two.over;
    expect(two.kinds().filter((kind) => kind !== "idle")).toEqual(["joined", "did"]);
  });

  it("are safe from strangers who write to the same Redis", async (context) => {
    const { worker, conduct, url, version } = siteAt(redis.of(context));
    const client = new Redis(url, { maxRetriesPerRequest: null });
    const queue = new Queue(`study-${version}`, { connection: client, prefix: "ohmlet" });
    const [job] = jobs(1);
    await queue.add("x", { junk: true });
    await queue.add("x", { study: "ab12", task: "00", job });
    await client.set(
      "ohmlet:task:ab12",
      JSON.stringify({ run: {}, measures: [], train: false, data: "/etc" }),
    );
    const one = worker();
    while (one.kinds().length < 3) await setTimeout(20);
    expect(one.kinds().slice(1).sort()).toEqual(["dropped", "failed"]);
    await one.stop();
    await client.del("ohmlet:task:ab12");
    const refused = expect(conduct([job])).rejects.toMatchObject({ code: "REDIS-REPLY" });
    let key: string | undefined;
    while ((key = (await client.keys(`ohmlet:study-${version}:*-1`))[0]) === undefined) await setTimeout(20);
    await client.hset(
      key,
      "returnvalue",
      JSON.stringify({
        kind: "done",
        id: job.id,
        results: [{ key: "another", measures: {} }],
        seconds: 1,
        worker: "w",
      }),
      "finishedOn",
      1,
    );
    await refused;
    await queue.close();
    client.disconnect();
  });

  it("are left alone by workers of another version, and the user is told", async (context) => {
    const { worker, conduct } = siteAt(redis.of(context));
    const other = worker({ version: "8.8.8" });
    await setTimeout(500);
    const end = new AbortController();
    const conducting = conduct(jobs(2), { signal: end.signal });
    await setTimeout(500);
    end.abort();
    const { notes, results } = await conducting;
    expect(results).toEqual([]);
    expect(notes.join()).toMatch(/no worker of version 9\.0\.\d+ is at .*there are some of .*8\.8\.8/);
    expect(other.kinds()).not.toContain("did");
    await other.stop();
  });

  it("are announced with workers on another V8, and junk among those who say that they are there is passed over", async (context) => {
    const { conduct, url, version } = siteAt(redis.of(context));
    const client = new Redis(url);
    await sayHere(client, { name: "odd", version, v8: "0.1", lanes: 3 });
    await client.zadd(
      "ohmlet:workers",
      "+inf",
      "junk",
      "+inf",
      JSON.stringify({ name: "x", version, v8: "0.2", lanes: 1e9 }),
    );
    const end = new AbortController();
    const conducting = conduct(jobs(2), { signal: end.signal });
    await setTimeout(500);
    end.abort();
    expect((await conducting).notes).toEqual([
      expect.stringMatching(/^1 worker with 3 processes at /),
      expect.stringMatching(/^worker odd runs on V8 0\.1, this on /),
    ]);
    client.disconnect();
  });
});

/** One after the other: they count what lies in Redis, or end it. */
describe("jobs over Redis", () => {
  it("are handed out again where workers dropped them, as after a conductor that slept", async (context) => {
    const { worker, conduct, url } = siteAt(redis.of(context));
    const client = new Redis(url);
    const one = worker();
    const asked = jobs(20, { wait: 10 });
    let heard = 0;
    const { results } = await conduct(asked, {
      heard: () => {
        if (++heard === 3) void client.keys("ohmlet:task:*").then((keys) => client.del(keys));
      },
    });
    expectAll(results, asked);
    expect(one.kinds()).toContain("dropped");
    client.disconnect();
    await one.stop();
  });

  it("are taken back when the conductor stops: nothing of it stays in Redis", async (context) => {
    const { worker, conduct, url, version } = siteAt(redis.of(context));
    const end = new AbortController();
    const one = worker();
    const { results } = await conduct(jobs(30, { wait: 50 }), {
      signal: end.signal,
      heard: () => end.abort(),
    });
    expect(results).toHaveLength(1);
    await one.stop();
    const client = new Redis(url);
    expect([await client.llen(`ohmlet:study-${version}:wait`), await client.keys("ohmlet:task:*")]).toEqual([
      0,
      [],
    ]);
    client.disconnect();
  });

  it("are done although Redis dies and comes back with nothing", async (context) => {
    const { worker, conduct, server } = siteAt(redis.of(context));
    const one = worker();
    const asked = jobs(30, { wait: 20 });
    let heard = 0;
    const { results, notes } = await conduct(asked, {
      heard: () => {
        if (++heard === 5)
          void server
            .crash()
            .then(() => setTimeout(200))
            .then(() => server.restart());
      },
    });
    expectAll(results, asked);
    expect(notes.join()).toMatch(/does not answer any more.*Redis is back/);
    await one.stop();
  });

  it("end with a coded error on both sides where Redis stays away", async (context) => {
    const { worker, conduct, server } = siteAt(redis.of(context));
    const one = worker({ patience: 0.5 });
    await expect(
      conduct(jobs(30, { wait: 20 }), { patience: 0.5, heard: () => void server.crash() }),
    ).rejects.toMatchObject({ code: "REDIS-LOST", category: "run" });
    await expect(one.over).rejects.toMatchObject({ code: "REDIS-LOST" });
  });
});
