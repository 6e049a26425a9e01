/**
 * A study over workers that die, from the command line: the same bytes as on one machine. Skipped, and saying
 * so, without a redis-server.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { redisForTests } from "../executors/server";
import { execute, ohmlet, ROOT } from "./run";
import { tinyRun } from "./tiny-run";
import { stopwatch } from "../stopwatch";

const root = mkdtempSync(join(tmpdir(), "ohmlet-machines-"));
const at = (name: string): string => join(root, name);
const FILE = at("tiny.yaml");
writeFileSync(
  FILE,
  `name: tiny
${tinyRun({ train: 60, epochs: 2 })}vary: { circuit.levels: [4, 8, 0] }
chips: 4
measure: [accuracy]
`,
);

const children = new Set<ChildProcess>();
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

/** `ohmlet ARGS` as a process that will be killed. */
function started(...args: readonly string[]): {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly gone: Promise<number | null>;
} {
  const child = spawn(process.execPath, ["build/main.js", ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  let out = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (out += chunk.toString()));
  return { child, out: () => out, gone: new Promise((resolve) => child.on("close", resolve)) };
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 5000 && !holds(); i++) await setTimeout(20);
  expect(holds()).toBe(true);
}

const FILES = ["study.json", "results.csv", "results.parquet", "summary.json"];
const bytesIn = (folder: string): string[] =>
  FILES.map((file) => readFileSync(join(at(folder), file)).toString("base64"));
const journalOf = (folder: string): string[] =>
  (existsSync(join(at(folder), "journal.jsonl"))
    ? readFileSync(join(at(folder), "journal.jsonl"), "utf8")
    : ""
  )
    .split("\n")
    .slice(0, -1);

describe("a study over many machines", () => {
  const server = redisForTests({ password: "s3cret" });

  it("comes to the same bytes as on one, although a worker and the conductor are killed in the middle", async (context) => {
    const { url } = server.of(context);
    const over = ["--executor", "bullmq", "--redis", url] as const;
    const work = (): ReturnType<typeof started> =>
      started("worker", "--redis", url, "--workers", "1", "--lock", "1");
    const workers = [work(), work()];
    const conductor = started("study", FILE, "--out", at("far"), ...over);
    const busy = (): number => workers.findIndex(({ out }) => out().includes("trials in"));
    await until(() => busy() >= 0);
    // It has the next job already.
    const [victim] = workers.splice(busy(), 1);
    victim.child.kill("SIGKILL");
    await until(() => journalOf("far").length > 0);
    conductor.child.kill("SIGKILL");
    await conductor.gone;
    expect(journalOf("far").length).toBeLessThan(12);
    const { code, err } = await ohmlet("resume", at("far"), ...over);
    expect(code).toBe(0);
    expect(err).toMatch(/of 12 trials are known already/);
    expect((await ohmlet("study", FILE, "--out", at("near"))).code).toBe(0);
    expect(bytesIn("far")).toEqual(bytesIn("near"));
    expect(new Set(journalOf("far").map((line) => (JSON.parse(line) as { key: string }).key)).size).toBe(12);
    expect(journalOf("far")).toHaveLength(12);
    const [rest] = workers;
    rest.child.kill("SIGTERM");
    expect(await rest.gone).toBe(0);
    expect(rest.out()).toMatch(/done: \d+ jobs/);
    for (const file of ["about.json", "study.json", "timing.jsonl"])
      expect(readFileSync(join(at("far"), file), "utf8")).not.toContain("s3cret");
  });

  it("is refused at once where Redis cannot be reached, and never tells a password", async (context) => {
    const { url } = server.of(context);
    const { port } = new URL(url);
    const study = (address: string) =>
      ohmlet("study", FILE, "--out", at("never"), "--executor", "bullmq", "--redis", address);
    const elapsed = stopwatch();
    for (const [address, code] of [
      ["redis://:s3cret@127.0.0.1:1", "REDIS-CONNECT"],
      [`redis://:wr0ng@127.0.0.1:${port}`, "REDIS-AUTH"],
      [`redis://127.0.0.1:${port}`, "REDIS-AUTH"],
      ["http://:s3cret@127.0.0.1", "REDIS-URL"],
      [`redis://:s3cret@127.0.0.1:${port}/99`, "REDIS-DATABASE"],
      ["redis://:s3cret@", "REDIS-URL"],
      ["redis://:s3/cret@127.0.0.1", "REDIS-URL"],
      ["redis://:s3cret@127.0.0.1?tls=1", "REDIS-URL"],
    ] as const) {
      for (const { code: exit, err } of [await study(address), await ohmlet("worker", "--redis", address)]) {
        expect([exit, err.slice(0, code.length)], address).toEqual([2, code]);
        expect(err).not.toMatch(/s3|cret|wr0ng/);
      }
    }
    expect(elapsed()).toBeLessThan(5000);
    expect(existsSync(at("never"))).toBe(false);
  });
});

describe("the executor of a study", () => {
  it("is named with what belongs to it", async () => {
    for (const [words, code] of [
      [["--redis", "redis://127.0.0.1:1"], "CLI-IDLE"],
      [["--executor", "bullmq", "--redis", "redis://127.0.0.1:1", "--workers", "2"], "CLI-IDLE"],
      [["--executor", "bullmq"], "REDIS-URL"],
      [["--executor", "bullmq", "--dry-run"], "CLI-IDLE"],
      [["--executor", "bulmq"], "CLI-CHOICE"],
    ] as const)
      expect((await ohmlet("study", FILE, "--out", at("never"), ...words)).err).toMatch(
        new RegExp(`^${code}`),
      );
    expect((await ohmlet("worker")).err).toMatch(/^REDIS-URL/);
  });

  it("needs packages that users bring", async () => {
    const hide = at("hide.mjs");
    const resolver =
      "export const resolve = async (name, ...rest) => { if (/^(bullmq|ioredis)$/.test(name)) " +
      `throw Object.assign(new Error("no " + name), { code: "ERR_MODULE_NOT_FOUND" }); ` +
      "return rest[1](name, rest[0]); };";
    writeFileSync(
      hide,
      `import { register } from "node:module"; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(resolver)}`)});`,
    );
    const { code, err } = await execute(process.execPath, [
      "--import",
      hide,
      "build/main.js",
      "worker",
      "--redis",
      "redis://127.0.0.1:1",
    ]);
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/^REDIS-PACKAGE(.|\n)*npm install bullmq ioredis/),
    ]);
  });
});
