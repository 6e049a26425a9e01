/** Runs are killed, resumed, reported and compared; what cannot be resumed is refused with its code. */
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { killWork } from "../../bench/kills/kill";
import { runSubject } from "../../bench/kills/runs";
import { ohmlet } from "./run";

const root = mkdtempSync(join(tmpdir(), "ohmlet-resume-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const SMALL = [
  "--train",
  "60",
  "--test",
  "30",
  "--sizes",
  "64",
  "6",
  "10",
  "--probe",
  "4",
  "--engine",
  "simd",
];

const read = (...parts: string[]): string => readFileSync(join(...parts), "utf8");
const json = (...parts: string[]): Record<string, unknown> =>
  JSON.parse(read(...parts)) as Record<string, unknown>;

async function trained(name: string, ...options: string[]): Promise<string> {
  expect((await ohmlet("train", ...SMALL, "--out", join(root, name), ...options)).code).toBe(0);
  return join(root, name, readdirSync(join(root, name))[0]);
}

/** A run that was stopped after one of two epochs: made of one that is done. */
let [whole, stopped] = ["", ""];
let copies = 0;
beforeAll(async () => {
  whole = await trained("whole", "--epochs", "2", "--seed", "5", "--checkpoint-every", "2");
  stopped = join(root, "stopped");
  cpSync(whole, stopped, { recursive: true });
  const { result: _result, outcome: _outcome, finished: _finished, ...about } = json(whole, "run.json");
  writeFileSync(join(stopped, "run.json"), JSON.stringify({ ...about, outcome: "interrupted" }));
});
const copy = (): string => {
  const path = join(root, `copy-${copies++}`);
  cpSync(stopped, path, { recursive: true });
  return path;
};
const untimed = (path: string): string => read(path, "curves.csv").replace(/,[^,\r]+,[^,\r]+\r\n/g, "\n");

describe("ohmlet resume", () => {
  it("comes to the same bytes after kills at random moments", async () => {
    const args = [
      "--train",
      "300",
      "--test",
      "40",
      "--sizes",
      "64",
      "8",
      "10",
      "--epochs",
      "3",
      "--probe",
      "4",
      "--checkpoint-every",
      "3",
    ];
    const count = await killWork({
      subject: runSubject(args),
      kills: 2,
      folder: mkdtempSync(join(root, "kills-")),
      seed: 3,
    });
    expect(count.faults).toEqual([]);
    expect(count.kills).toBe(2);
  });

  it("starts over where there is no checkpoint, drops what came after it, and finishes", async () => {
    const path = copy();
    const { code, err } = await ohmlet("resume", path);
    expect(err).toContain("from the beginning");
    expect(code).toBe(0);
    expect(readFileSync(join(path, "weights.npz"))).toEqual(readFileSync(join(whole, "weights.npz")));
    expect(untimed(path)).toBe(untimed(whole));
    expect(json(path, "run.json")).toMatchObject({ outcome: "done", result: json(whole, "run.json").result });
    expect(
      readdirSync(path).filter((file) => file.startsWith("checkpoint") || file.startsWith("lock")),
    ).toEqual([]);
  });

  it.each<[string, string, (path: string) => void]>([
    [
      "a run that is complete",
      "RUN-COMPLETE",
      (path) => cpSync(join(whole, "run.json"), join(path, "run.json")),
    ],
    [
      "a changed config",
      "RUN-CONFIG",
      (path) => writeFileSync(join(path, "config.yaml"), `${read(path, "config.yaml")}\n`),
    ],
    [
      "another version's run",
      "RUN-VERSION",
      (path) =>
        writeFileSync(join(path, "run.json"), JSON.stringify({ ...json(path, "run.json"), ohmlet: "9.9.9" })),
    ],
    [
      "a run at work elsewhere",
      "RUN-BUSY",
      (path) => writeFileSync(join(path, "lock.json"), JSON.stringify({ pid: 1, host: hostname() })),
    ],
    [
      "a run of another machine",
      "RUN-BUSY",
      (path) => writeFileSync(join(path, "lock.json"), JSON.stringify({ pid: 1e9, host: "elsewhere" })),
    ],
    ["a record of something else", "RUN-RECORD", (path) => writeFileSync(join(path, "run.json"), "[]")],
    ["a record that is cut short", "RUN-FILE", (path) => truncateSync(join(path, "run.json"), 20)],
    [
      "a record that is a link",
      "RUN-FILE",
      (path) => {
        unlinkSync(join(path, "run.json"));
        symlinkSync(join(whole, "run.json"), join(path, "run.json"));
      },
    ],
    ["a folder without a record", "RUN-FOLDER", (path) => unlinkSync(join(path, "run.json"))],
    [
      "a checkpoint that is none",
      "CHECKPOINT-FORMAT",
      (path) => writeFileSync(join(path, "checkpoint.json"), "{}"),
    ],
    [
      "a checkpoint of files elsewhere",
      "CHECKPOINT-FORMAT",
      (path) =>
        writeFileSync(
          join(path, "checkpoint.json"),
          JSON.stringify({ format: 1, archive: "../whole/weights.npz", bytes: 1, crc32: 1, about: {} }),
        ),
    ],
    [
      "a checkpoint without its arrays",
      "CHECKPOINT-DAMAGED",
      (path) =>
        writeFileSync(
          join(path, "checkpoint.json"),
          JSON.stringify({ format: 1, archive: "checkpoint-a.npz", bytes: 1, crc32: 1, about: {} }),
        ),
    ],
    [
      "an events file with a gap",
      "RUN-EVENTS",
      (path) =>
        writeFileSync(join(path, "events.jsonl"), read(path, "events.jsonl").split("\n").slice(1).join("\n")),
    ],
  ])("refuses %s, and changes nothing", async (_, expected, spoil) => {
    const path = copy();
    spoil(path);
    const before = Object.fromEntries(readdirSync(path).map((file) => [file, read(path, file)]));
    const { code, err } = await ohmlet("resume", path);
    expect([code, err.split(" ")[0]]).toEqual([2, expected]);
    expect(Object.fromEntries(readdirSync(path).map((file) => [file, read(path, file)]))).toEqual(before);
  });

  it("takes over from a process that is dead, or whose lock was cut short", async () => {
    for (const lock of [JSON.stringify({ pid: 2 ** 30, host: hostname() }), "{"]) {
      const path = copy();
      writeFileSync(join(path, "lock.json"), lock);
      expect((await ohmlet("resume", path)).code).toBe(0);
    }
  });
});

describe("ohmlet train", () => {
  it("stops early, and says why", async () => {
    const path = await trained("early", "--epochs", "9", "--target", "1");
    expect(json(path, "run.json")).toMatchObject({
      outcome: "done",
      result: { epochs: 1, stopped: "target" },
    });
    expect((await ohmlet("resume", path)).err).toContain("RUN-COMPLETE");
  });
});

describe("ohmlet report", () => {
  it("rebuilds the same bytes from the folder alone, with all that the run measured", async () => {
    const path = copy();
    unlinkSync(join(path, "report.html"));
    expect((await ohmlet("report", path)).code).toBe(0);
    const page = read(path, "report.html");
    expect(page).toBe(read(whole, "report.html"));
    for (const title of [
      "Do the estimates point the right way?",
      "Steps to settle",
      "Did the phases settle?",
      "Aliasing",
      "Does the feedback align?",
      "Weights of input-l1",
      "G_plus of input-l1",
      "What the chip gets wrong",
      "What did learning cost?",
    ])
      expect(page).toContain(title);
  });

  it("escapes what a stranger wrote, and does without what does not fit", async () => {
    const path = copy();
    writeFileSync(
      join(path, "run.json"),
      JSON.stringify({
        ...json(path, "run.json"),
        chip: "<script>alert(1)</script>",
        command: "</pre><img src=x>",
      }),
    );
    writeFileSync(
      join(path, "mistakes.json"),
      JSON.stringify({ among: 3, shape: [1e9, 1e9], samples: [{}] }),
    );
    const kept = json(path, "ledger.json");
    writeFileSync(
      join(path, "ledger.json"),
      JSON.stringify({ ...kept, assumptions: ["<script>1</script>"] }),
    );
    expect((await ohmlet("report", path)).code).toBe(0);
    expect(read(path, "report.html")).not.toMatch(/<script|<img/);
    writeFileSync(join(path, "events.jsonl"), "");
    expect((await ohmlet("report", path)).err).toContain("RUN-EMPTY");
  });
});

describe("ohmlet compare", () => {
  it("names what differs, and draws the curves over each other", async () => {
    const other = await trained("other", "--epochs", "3", "--seed", "5", "--rate", "0.02");
    const page = join(root, "comparison.html");
    const { code, out } = await ohmlet("compare", whole, other, "--out", page);
    expect(code).toBe(0);
    expect(out).toMatch(/optimizer\.rate +0\.005 +0\.02/);
    expect(out).toMatch(/epochs +2 +3/);
    expect(out).not.toContain("seed5 and");
    expect(read(page)).toContain("Test accuracy");
    const [, angles] = /Feedback angle, output-l1[\s\S]*?(<svg[\s\S]*?<\/svg>)/.exec(read(page)) ?? [];
    expect(angles).toMatch(/ at 0</);
  });

  it("says that runs are equal where they are, and writes into a folder of its own", async () => {
    const out = join(root, "comparisons");
    const before = readdirSync(".");
    const said = await ohmlet("compare", whole, whole, "--out", out);
    expect(said.out).toContain("the configs are the same");
    const [folder] = readdirSync(out);
    expect(folder).toMatch(/-compare$/);
    expect(said.out).toContain(join(out, folder, "report.html"));
    expect(read(join(out, folder, "report.html"))).toMatch(/Both runs come to [\d.]+ % on the test set/);
    expect(read(join(out, folder, "report.html"))).not.toMatch(/highest|lowest, with/);
    expect(readdirSync(".")).toEqual(before);
  });
});
