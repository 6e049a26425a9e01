/** What an executor refuses: jobs without end, answers to something else, and a server that takes nothing. */
import { setTimeout } from "node:timers/promises";
import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { localExecutor } from "../../src/executors";
import { replyFault } from "../../src/executors/bullmq/reply-fault";
import { isAnswerTo } from "../../src/executors/messages";
import { areMeasures } from "../../src/config/measures";
import { redisForTests } from "./server";
import { siteAt } from "./site";
import { jobs, MODULE, TASK } from "./toy";

const redis = redisForTests();

describe("a job without an end", () => {
  it("on this machine ends the study after its limit, by name", async () => {
    const executor = localExecutor({ module: MODULE, workers: 2, jobLimit: 3 });
    await expect(executor.run(TASK, jobs(1, { wait: 1e6 }), () => {})).rejects.toMatchObject({
      code: "STUDY-TIME",
      category: "run",
      place: { where: "worker local 1: job 0" },
    });
  });

  it("on another machine ends the study, too, and frees the worker", async (context) => {
    const { worker, conduct } = siteAt(redis.of(context));
    const one = worker();
    await expect(conduct(jobs(1, { wait: 1e6 }), { jobLimit: 3 })).rejects.toMatchObject({
      code: "STUDY-TIME",
      place: { where: expect.stringMatching(/^worker .*job 0$/) as string },
    });
    const asked = jobs(1);
    expect((await conduct(asked)).results).toHaveLength(1);
    await one.stop();
  });
});

describe("an answer", () => {
  const [job] = jobs(1);
  const answer = (measures: Record<string, number | null>, fault?: string) =>
    ({
      kind: "done",
      id: job.id,
      seconds: 1,
      results: job.trials.map(({ key }) => ({ key, measures, ...(fault !== undefined && { fault }) })),
    }) as const;

  it("tells of all that was to be measured, or why there is nothing", () => {
    expect(isAnswerTo(job, TASK, answer({ seed: 1 }))).toBe(true);
    expect(isAnswerTo(job, TASK, answer({ seed: null }))).toBe(true);
    expect(isAnswerTo(job, TASK, answer({}, "DYN-DIVERGED"))).toBe(true);
    expect(isAnswerTo(job, TASK, answer({}))).toBe(false);
    expect(isAnswerTo(job, TASK, answer({ other: 1 }))).toBe(false);
    expect(isAnswerTo(job, TASK, answer({ seed: 1 }, "DYN-DIVERGED"))).toBe(false);
  });

  it("of a study has the measures that were asked for and no others, and an accuracy that is a share", () => {
    expect(areMeasures({ accuracy: 0.5, cosine: null, "cosine.l1": 0.2 }, ["accuracy", "cosine"])).toBe(true);
    const odd: readonly Record<string, number | null>[] = [
      {},
      { accuracy: null },
      { accuracy: Number.NaN },
      { accuracy: 2 },
      { accuracy: 0.5, more: 1 },
      { loss: 1 },
    ];
    for (const found of odd) expect(areMeasures(found, ["accuracy"])).toBe(false);
  });

  it("with nothing measured, over Redis, is refused and not counted", async (context) => {
    const { conduct, url, version } = siteAt(redis.of(context));
    const client = new Redis(url, { maxRetriesPerRequest: null });
    const refused = expect(conduct([job])).rejects.toMatchObject({
      code: "REDIS-REPLY",
      place: { where: "worker w: job 0" },
    });
    let key: string | undefined;
    while ((key = (await client.keys(`ohmlet:study-${version}:*-1`))[0]) === undefined) await setTimeout(20);
    await client.hset(key, "returnvalue", JSON.stringify({ ...answer({}), worker: "w" }), "finishedOn", 1);
    await refused;
    client.disconnect();
  });
});

describe("what a server refuses", () => {
  it("has a code and a remedy, wherever in a sentence the server's word stands", () => {
    const reply = (text: string): Error => Object.assign(new Error(text), { name: "ReplyError" });
    const of = (text: string): string | undefined => replyFault(reply(text), "redis://h")?.code;
    expect(
      [
        "OOM command not allowed when used memory > 'maxmemory'.",
        "ERR Error running script: OOM command not allowed",
        "MISCONF Redis is configured to save RDB snapshots",
        "READONLY You can't write against a read only replica.",
        "NOPERM this user has no permissions to run the 'set' command",
        "LOADING Redis is loading the dataset in memory",
        "NOAUTH Authentication required.",
        "WRONGTYPE Operation against a key holding the wrong kind of value",
        "ERR what no one expects",
      ].map(of),
    ).toEqual([
      "REDIS-FULL",
      "REDIS-FULL",
      "REDIS-DISK",
      "REDIS-READONLY",
      "REDIS-RIGHTS",
      "REDIS-BUSY",
      "REDIS-AUTH",
      "REDIS-TYPE",
      "REDIS-FAULT",
    ]);
    expect(
      replyFault(
        Object.assign(new Error("EXECABORT Transaction discarded"), {
          name: "ReplyError",
          previousErrors: [reply("READONLY You can't")],
        }),
        "x",
      )?.code,
    ).toBe("REDIS-READONLY");
    expect(replyFault(new Error("a bug"), "x")).toBeNull();
  });

  it.each([
    ["REDIS-FULL", ["config", "set", "maxmemory", "1"], ["config", "set", "maxmemory", "0"]],
    ["REDIS-READONLY", ["replicaof", "127.0.0.1", "1"], ["replicaof", "no", "one"]],
    ["REDIS-TYPE", ["set", "ohmlet:workers", "x"], ["del", "ohmlet:workers"]],
  ] as const)("ends conductor and worker with %s", async (code, [command, ...words], [undo, ...back]) => {
    const server = redis.here();
    if (server === null) return;
    const { worker, conduct, url } = siteAt(server);
    const client = new Redis(url);
    await client.del("ohmlet:workers");
    await client.call(command, ...words);
    try {
      await expect(conduct(jobs(1))).rejects.toMatchObject({ code, category: "run" });
      await expect(worker().over).rejects.toMatchObject({ code });
    } finally {
      await client.call(undo, ...back);
      client.disconnect();
    }
  });
});
