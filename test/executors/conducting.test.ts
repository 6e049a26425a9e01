/** What a conductor makes of what comes back, over a queue that says whatever it likes: no server needed. */
import { describe, expect, it } from "vitest";
import { conduct } from "../../src/executors/bullmq/conduct";
import type { Redis } from "../../src/executors/bullmq/packages";
import type { Found, JobQueue } from "../../src/executors/bullmq/queue";
import { jobs, TASK } from "./toy";

const client = {
  set: async () => "OK",
  del: async () => 1,
  time: async () => [1, 0],
  zrangebyscore: async () => [],
} as unknown as Redis;

/** Conducts one job whose fate is told, and counts how often it was handed out. */
async function conducted(
  ...fates: readonly Found[]
): Promise<{ readonly added: number; readonly ended: unknown }> {
  let [added, looks] = [0, 0];
  let hear: (id: string) => void = () => {};
  const queue: JobQueue = {
    listen: (heard) => void (hear = heard),
    async add(id) {
      added++;
      setTimeout(() => hear(id), 1);
    },
    find: async () => fates[Math.min(looks++, fates.length - 1)],
    remove: async () => {},
    close: async () => {},
  };
  const ended = await conduct(TASK, jobs(1), async () => {}, {
    client,
    queue,
    version: "1",
    shown: "redis://here",
    jobLimit: 60,
    note: () => {},
    signal: new AbortController().signal,
  }).then(
    () => "done",
    (error: unknown) => error,
  );
  return { added, ended };
}

describe("a conductor", () => {
  it.each([["left"], ["unknown"]] as const)(
    "hands a job out again that is %s, but not without end",
    async (kind) => {
      const { added, ended } = await conducted({ kind });
      expect(ended).toMatchObject({
        code: "STUDY-RETURNED",
        category: "run",
        place: { where: "redis://here: job 0" },
      });
      expect(added).toBe(21);
      const trials = jobs(1)[0].trials.map(({ key }) => ({ key, measures: { seed: 1 } }));
      expect(
        await conducted(
          { kind },
          { kind },
          { kind: "done", id: "job 0", results: trials, seconds: 1, worker: "w" },
        ),
      ).toEqual({ added: 3, ended: "done" });
    },
  );

  it("takes a worker's fault without a code for that worker's, not for a bug here", async () => {
    const { ended } = await conducted({ kind: "broke", message: "Error: \u001b[2Jx\n  at y", worker: "w" });
    expect(ended).toMatchObject({
      code: "STUDY-BROKE",
      category: "run",
      place: { where: "worker w: job 0" },
    });
    expect((ended as Error).message).not.toContain("\u001b");
  });
});
