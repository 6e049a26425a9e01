/**
 * Locks that are stale are taken over by one process, whoever else tries at the same moment; those that are
 * lost are noticed.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { lockRun } from "../../src/io/run-lock";
import { execute } from "../cli/run";
import { LONG } from "../long";

const root = mkdtempSync(join(tmpdir(), "ohmlet-locks-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let made = 0;
let folder = "";
beforeEach(() => {
  folder = join(root, String(made++));
  mkdirSync(folder);
});

const RACERS = 4;
/** OHMLET_ROUNDS=400 takes longer, and finds the same. */
const ROUNDS = Number(process.env.OHMLET_ROUNDS ?? (LONG ? 100 : 30));
/** A process that was alive, and is no more. */
const dead = spawnSync(process.execPath, ["-e", ""]).pid;

/** What kills leave in a folder, in turn. */
const leftovers: readonly ((path: string) => void)[] = [
  (path) => writeFileSync(join(path, "lock.json"), JSON.stringify({ pid: dead, host: hostname() })),
  (path) => writeFileSync(join(path, "lock.json"), "{"),
  () => {},
  // And a claim of a process that was killed while it took the lock.
  (path) => {
    writeFileSync(
      join(path, "lock.json"),
      JSON.stringify({ pid: dead, host: hostname(), token: "0".repeat(24) }),
    );
    writeFileSync(
      join(
        path,
        `.lock-${createHash("sha256").update(hostname()).digest("hex").slice(0, 12)}-${dead}-${"0".repeat(24)}`,
      ),
      "",
    );
  },
];

describe("a stale lock", () => {
  it(
    `is taken over by one of ${RACERS} processes in each of ${ROUNDS} rounds, and the others are told so`,
    { timeout: 120_000 },
    async () => {
      for (let round = 0; round < ROUNDS; round++) {
        mkdirSync(join(folder, `round-${round}`));
        leftovers[round % leftovers.length](join(folder, `round-${round}`));
      }
      const racer = (own: number) =>
        execute(process.execPath, [
          "-r",
          "ts-node/register",
          "test/io/lock-racer.ts",
          folder,
          String(own),
          String(RACERS),
          String(ROUNDS),
        ]);
      const ends = await Promise.all(Array.from({ length: RACERS }, (_, own) => racer(own)));
      expect(ends.map(({ code, err }) => [code, err])).toEqual(ends.map(() => [0, ""]));
      const came = ends.map(({ out }) => JSON.parse(out) as string[]);
      const rounds = Array.from({ length: ROUNDS }, (_, round) => came.map((each) => each[round]).sort());
      expect(rounds.filter((each) => each.join() !== "RUN-BUSY,RUN-BUSY,RUN-BUSY,held")).toEqual([]);
      for (let round = 0; round < ROUNDS; round++)
        expect(readdirSync(join(folder, `round-${round}`))).toEqual([]);
    },
  );
});

describe("a lock", () => {
  it("that was removed is lost, and one that another has taken is the other's", () => {
    const lock = lockRun(folder);
    lock.check();
    rmSync(join(folder, "lock.json"));
    expect(() => lock.check()).toThrow(/RUN-LOST/);
    writeFileSync(
      join(folder, "lock.json"),
      JSON.stringify({ pid: process.pid, host: hostname(), token: "another" }),
    );
    expect(() => lock.check()).toThrow(/RUN-BUSY/);
    lock.release();
    expect(readdirSync(folder)).toEqual(["lock.json"]);
  });

  it("of a folder that was removed or replaced says so, and makes nothing", () => {
    const lock = lockRun(folder);
    renameSync(folder, `${folder}-moved`);
    expect(() => lock.check()).toThrow(/IO-GONE/);
    mkdirSync(folder);
    expect(() => lock.check()).toThrow(/IO-GONE/);
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
    // A file system may give the new one the number of the old: then it is the lock that is missing.
    const another = lockRun(folder);
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    expect(() => another.check()).toThrow(/IO-GONE|RUN-LOST/);
  });

  it("is no link: what a link leads to is neither read nor removed nor made", () => {
    for (const target of [join(root, "other.json"), join(root, "nowhere.json")]) {
      symlinkSync(target, join(folder, "lock.json"));
      expect(() => lockRun(folder)).toThrow(/IO-LINK/);
      rmSync(join(folder, "lock.json"));
      writeFileSync(join(root, "other.json"), "{}");
    }
    expect(readdirSync(root)).not.toContain("nowhere.json");
  });

  it("is refused at once, and without a trace, where another process is at work", () => {
    writeFileSync(join(folder, "lock.json"), JSON.stringify({ pid: 1, host: hostname() }));
    const before = statSync(folder).mtimeMs;
    expect(() => lockRun(folder)).toThrow(/RUN-BUSY/);
    expect(statSync(folder).mtimeMs).toBe(before);
  });

  it("waits a while for another machine that claims the folder, and then tells of its claim", () => {
    const claim = `.lock-${"0".repeat(12)}-1-${"0".repeat(24)}`;
    writeFileSync(join(folder, claim), "");
    expect(() => lockRun(folder)).toThrow(/RUN-BUSY.*\.lock-0/);
    expect(readdirSync(folder)).toEqual([claim]);
  });
});
