/** What is read from Redis: everything that is written passes, nothing else does, and nothing throws. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commandLine } from "../../src/cli/command-line";
import { redisAddress, shownAddress } from "../../src/executors/bullmq/address";
import {
  digestOf,
  isOrder,
  isOutcome,
  taskFrom,
  textOfTask,
  type Order,
  type Outcome,
} from "../../src/executors/bullmq/messages";
import { jobs, TASK } from "./toy";

const ORDER: Order = {
  study: "0a1b",
  task: digestOf("1", textOfTask(TASK)),
  job: jobs(1, { knob: 1, other: "x", third: true })[0],
};
const OUTCOMES: readonly Outcome[] = [
  { kind: "left" },
  {
    kind: "done",
    id: "job",
    results: [
      { key: "k", measures: { accuracy: 0.5, cosine: null } },
      { key: "l", measures: {}, fault: "DYN-DIVERGED" },
    ],
    seconds: 1,
    worker: "w",
  },
  {
    kind: "refused",
    error: {
      code: "CONFIG-DATA",
      fact: "f",
      category: "input",
      place: { where: "w", line: 1, column: 2, excerpt: "e", path: "p" },
      remedy: "r",
    },
    worker: "w",
  },
  { kind: "broke", message: "m", worker: "w" },
];

/** A value with a leaf replaced by what is none. */
function spoilt(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value !== "object" || value === null) return fc.constantFrom<unknown>([], {});
  const entries = Object.entries(value);
  if (entries.length === 0) return fc.constant(null);
  return fc.nat(entries.length - 1).chain((at) =>
    spoilt(entries[at][1]).map((other) => {
      const changed = entries.map(([name, kept], i) => [name, i === at ? other : kept] as const);
      return Array.isArray(value) ? changed.map(([, item]) => item) : Object.fromEntries(changed);
    }),
  );
}

describe("what lies in Redis", () => {
  it("passes as it is written", () => {
    expect(isOrder(JSON.parse(JSON.stringify(ORDER)))).toBe(true);
    for (const outcome of OUTCOMES)
      expect(isOutcome(JSON.parse(JSON.stringify(outcome))), outcome.kind).toBe(true);
    const { data: _, ...rest } = TASK;
    expect(taskFrom(textOfTask(TASK))).toEqual(rest);
    // What tells whether a worker has the same data travels; anything else in its place is no task.
    const expected = { limits: { train: 4 }, fingerprint: {} };
    expect(taskFrom(textOfTask({ ...TASK, expected }))).toEqual({ ...rest, expected });
    expect(taskFrom(JSON.stringify({ ...TASK, expected: "all" }))).toBeNull();
    expect(taskFrom(JSON.stringify({ ...TASK, data: "/etc", more: 1 }))).toEqual(rest);
  });

  it("is refused where a stranger wrote it", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(isOrder(value)).toBe(false);
        expect(isOutcome(value) && (value as { kind: string }).kind !== "left").toBe(false);
        expect(taskFrom(JSON.stringify(value))).toBe(null);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(taskFrom(text)).toBe(null);
      }),
    );
    fc.assert(
      fc.property(spoilt(ORDER), (value) => {
        expect(isOrder(value)).toBe(false);
      }),
    );
    for (const outcome of OUTCOMES.slice(1))
      fc.assert(
        fc.property(spoilt(outcome), (value) => {
          expect(isOutcome(value), outcome.kind).toBe(false);
        }),
      );
  });

  it("tells versions apart", () => {
    expect(digestOf("1", "task")).not.toBe(digestOf("2", "task"));
  });
});

describe("the address of a Redis", () => {
  it.each([
    ["redis://127.0.0.1", "redis://127.0.0.1"],
    ["rediss://me:secret@example.org:6380/3", "rediss://example.org:6380/3"],
    ["redis://:p%40ss@[::1]:6379", "redis://[::1]:6379"],
  ])("%s is shown as %s", (text, shown) => {
    expect(redisAddress(text)).toEqual({ url: text, shown });
  });

  it("is read whole or refused, and what is shown holds no password", () => {
    fc.assert(
      fc.property(fc.string(), fc.stringMatching(/^[a-zA-Z0-9:/@?#%]{0,30}$/), (before, after) => {
        const secret = "hunter2hunter2";
        for (const text of [
          `redis://${before}:${secret}@${after}`,
          `redis://${before}${secret}/${after}@host`,
          `${before}${secret}${after}`,
        ]) {
          if (!shownAddress(text).includes(secret)) continue;
          // Where the host of an address stands, no password does.
          expect([redisAddress(text).url, new URL(text).host]).toEqual([
            text,
            expect.stringContaining(secret),
          ]);
        }
      }),
    );
  });

  it("is kept out of the command line that files tell", () => {
    expect(
      commandLine("ohmlet", ["study", "a.yaml", "--redis", "redis://:secret@host:1", "--out", "x"]),
    ).toBe("ohmlet study a.yaml --redis redis://host:1 --out x");
    expect(commandLine("ohmlet", ["study", "--redis=redis://u:secret@host/2"])).toBe(
      "ohmlet study --redis=redis://host/2",
    );
    expect(commandLine("ohmlet", ["study", "--redis", "secret"])).toBe("ohmlet study --redis --redis");
  });
});
