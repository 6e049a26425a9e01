/**
 * `ohmlet study`, `resume` and `merge`: the same bytes whoever did the work, in whatever order, and however
 * often it was killed.
 */
import { spawn } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parquetReadObjects } from "hyparquet";
import { afterAll, describe, expect, it } from "vitest";
import { ohmlet, ROOT } from "./run";
import { tinyRun } from "./tiny-run";
import { LONG } from "../long";

const root = mkdtempSync(join(tmpdir(), "ohmlet-study-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const FILE = join(root, "tiny.yaml");
const TEXT = `name: tiny
${tinyRun()}vary:
  circuit.levels: [8, 0]
  estimator.amplitude: { from: 0.1, to: 1, points: 2, scale: log }
chips: 3
measure: [accuracy, cosine]
spec: { accuracy: ">= 10 %" }
`;
writeFileSync(FILE, TEXT);

const FILES = ["study.json", "study.yaml", "results.csv", "results.parquet", "summary.json", "report.html"];
const bytesIn = (folder: string): string[] =>
  FILES.map((file) => readFileSync(join(folder, file)).toString("base64"));
const at = (name: string): string => join(root, name);
const study = (out: string, ...more: readonly string[]) => ohmlet("study", FILE, "--out", at(out), ...more);
const journalOf = (out: string): string[] =>
  (existsSync(join(at(out), "journal.jsonl")) ? readFileSync(join(at(out), "journal.jsonl"), "utf8") : "")
    .split("\n")
    .slice(0, -1);

describe("a study", () => {
  it("measures every chip at every point, in files that others read", async () => {
    const { code, out, err } = await study("whole");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("yield");
    const lines = readFileSync(join(at("whole"), "results.csv"), "utf8")
      .trim()
      .split("\r\n");
    expect(lines).toHaveLength(13);
    expect(lines[0]).toBe(
      "point,chip,seed,circuit.levels,estimator.amplitude,accuracy,cosine,cosine.l1,cosine.output,fault,warnings",
    );
    const file = readFileSync(join(at("whole"), "results.parquet"));
    const rows = await parquetReadObjects({
      file: file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer,
    });
    expect(
      rows.map((row) =>
        [
          Number(row.point),
          Number(row.chip),
          Number(row.seed),
          row["circuit.levels"],
          row["estimator.amplitude"],
          row.accuracy,
          row.cosine,
        ].join(","),
      ),
    ).toEqual(lines.slice(1).map((line) => line.split(",").slice(0, 7).join(",")));
  });

  it("comes to the same bytes in two shards of one worker each that are joined", async () => {
    expect((await study("k1", "--shard", "1/2", "--workers", "1")).code).toBe(0);
    expect((await ohmlet("merge", at("k1"), "--out", at("joined"))).err).toMatch(
      /MERGE-MISSING.*6 of 12(.|\n)*2 of 2/,
    );
    expect((await study("k2", "--shard", "2/2", "--workers", "1")).code).toBe(0);
    expect((await ohmlet("merge", at("k2"), at("k1"), "--out", at("joined"))).code).toBe(0);
    expect(bytesIn(at("joined"))).toEqual(bytesIn(at("whole")));
    expect((await ohmlet("merge", at("k2"), "--out", at("joined"))).err).toContain("MERGE-FOLDER");
  });

  it.runIf(LONG)("that is killed goes on to the same bytes, also with a line cut short", async () => {
    const child = spawn(
      process.execPath,
      ["build/main.js", "study", FILE, "--out", at("killed"), "--workers", "1"],
      { cwd: ROOT, stdio: "ignore" },
    );
    const dead = new Promise((resolve) => child.on("exit", resolve));
    for (let i = 0; i < 5000 && journalOf("killed").length === 0; i++) await setTimeout(20);
    child.kill("SIGKILL");
    await dead;
    const known = journalOf("killed").length;
    expect(known).toBeGreaterThan(0);
    appendFileSync(join(at("killed"), "journal.jsonl"), '{"key":"{\\"circuit.le');
    const { code, err } =
      known < 4 ? await study("killed", "--workers", "1") : await ohmlet("resume", at("killed"));
    expect(code).toBe(0);
    if (known < 12) expect(err).toContain(`${known} of 12 trials are known already`);
    expect(bytesIn(at("killed"))).toEqual(bytesIn(at("whole")));
    expect(journalOf("killed")).toHaveLength(12);
  });

  it("is refused where it would mix what does not belong together", async () => {
    const changed = join(root, "changed.yaml");
    writeFileSync(changed, TEXT.replace("chips: 3", "chips: 4"));
    expect((await ohmlet("study", changed, "--out", at("whole"))).err).toContain("STUDY-CHANGED");
    expect((await study("whole", "--seed", "7")).err).toContain("STUDY-CHANGED");
    expect((await study("k1")).err).toMatch(/STUDY-CHANGED.*shard 1\/2/);
    const record = join(at("k2"), "study.json");
    const text = readFileSync(record, "utf8");
    writeFileSync(record, text.replace(/"ohmlet": "[^"]*"/, '"ohmlet": "0.0.1"'));
    expect((await study("k2", "--shard", "2/2")).err).toContain("STUDY-VERSION");
    expect((await ohmlet("resume", at("k2"))).err).toContain("STUDY-VERSION");
    writeFileSync(record, text.replace('"chips": 3', '"chips": 2'));
    expect((await ohmlet("resume", at("k2"))).err).toContain("STUDY-CHANGED");
    writeFileSync(record, text);
    writeFileSync(
      join(at("k2"), "lock.json"),
      JSON.stringify({ pid: process.ppid, host: (await import("node:os")).hostname() }),
    );
    expect((await study("k2", "--shard", "2/2")).err).toContain("RUN-BUSY");
    rmSync(join(at("k2"), "lock.json"));
    const journal = join(at("k2"), "journal.jsonl");
    writeFileSync(journal, readFileSync(journal, "utf8").replace('"seed":', '"seed":1'));
    expect((await study("k2", "--shard", "2/2")).err).toContain("STUDY-JOURNAL");
    truncateSync(journal);
    expect((await ohmlet("merge", at("k2"), at("k1"), "--out", at("never"))).err).toContain("MERGE-MISSING");
    expect((await ohmlet("study", FILE, "--out", root)).err).toContain("STUDY-FOLDER");
    expect((await study("x", "--shard", "3/2")).err).toContain("CLI-VALUE");
  });

  it("can be asked again from study.yaml, for its report, and for one chip", async () => {
    const yaml = join(at("whole"), "study.yaml");
    expect((await ohmlet("study", yaml, "--out", at("whole"))).err).toContain(
      "12 of 12 trials are known already",
    );
    const page = readFileSync(join(at("whole"), "report.html"), "utf8");
    const [figure] = readdirSync(join(at("whole"), "figures"));
    rmSync(join(at("whole"), "report.html"));
    rmSync(join(at("whole"), "figures"), { recursive: true });
    expect((await ohmlet("report", at("whole"))).code).toBe(0);
    expect(readFileSync(join(at("whole"), "report.html"), "utf8")).toBe(page);
    expect(existsSync(join(at("whole"), "figures", figure))).toBe(true);
    const [, ...rows] = readFileSync(join(at("whole"), "results.csv"), "utf8")
      .trim()
      .split("\r\n")
      .map((line) => line.split(","));
    const told = JSON.parse((await ohmlet("study", yaml, "--trial", "2/3", "--json")).out) as {
      seed: number;
      measures: Record<string, number>;
    };
    const row = rows.find(([point, chip]) => point === "2" && chip === "3") ?? [];
    expect([told.seed, told.measures.accuracy, told.measures.cosine].map(String)).toEqual([
      row[2],
      row[5],
      row[6],
    ]);
    const alone = join(root, "chip.yaml");
    expect((await ohmlet("study", yaml, "--trial", "2/3", "--write", alone)).code).toBe(0);
    expect(readFileSync(alone, "utf8")).toContain(`seed: ${told.seed}`);
    expect((await ohmlet("train", alone, "--out", join(root, "alone"))).code).toBe(0);
    expect((await ohmlet("study", yaml, "--trial", "4/1")).err).toContain("STUDY-TRIAL");
    expect((await study("x", "--write", "y.yaml")).err).toContain("CLI-IDLE");
    expect((await study("x", "--trial", "1/1")).err).toContain("CLI-IDLE");
  });

  it("tells before what it will cost, and writes nothing", async () => {
    const { code, out } = await study("dry", "--dry-run");
    expect(code).toBe(0);
    expect(out).toContain("4 points of 3 chips: 12 trials");
    expect(out).toMatch(/all take about \d+ s/);
    expect(existsSync(at("dry"))).toBe(false);
  });
});
