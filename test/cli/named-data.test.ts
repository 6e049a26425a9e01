/**
 * Where data lie is the user's to say: what a folder or a task says of it is shown as a command that is safe
 * to copy, and never followed.
 */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { taskOf } from "../../src/runs/studying/conduct";
import { WHOLE, workOf } from "../../src/runs/studying/folder";
import { experimentOfTask } from "../../src/runs/studying/experiment-of-task";
import { resumeCommand, shellWord } from "../../src/runs/shell";
import { digestOf } from "../../src/runs/training/about";
import { readStudy } from "../../src/config";
import { ohmlet } from "./run";
import { tinyRun } from "./tiny-run";

const root = mkdtempSync(join(tmpdir(), "ohmlet-named-data-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const at = (...parts: string[]): string => join(root, ...parts);
const read = (...parts: string[]): string => readFileSync(at(...parts), "utf8");

const line = (i: number): string => `${i % 2},${i % 3},${i % 5},${i % 7},${i % 2}\n`;
function data(folder: string, first = 0): void {
  mkdirSync(at(folder), { recursive: true });
  for (const split of ["train", "test"])
    writeFileSync(
      at(folder, `${split}.csv`),
      `a,b,c,d,label\n${Array.from({ length: 12 }, (_, i) => line(first + i)).join("")}`,
    );
}
const RUN = tinyRun({ sizes: [4, 3, 2], data: "{ kind: folder }" });
const STUDY = `name: files\n${RUN}vary: { circuit.levels: [8, 0] }\nmeasure: [accuracy]\n`;

let copies = 0;
/** A copy of the interrupted run or of the study that is not done, whose record names some folder of data. */
function copyOf(what: "run" | "study", named: string): string {
  const path = at(`${what} ${++copies}`); // a space, as users have them
  cpSync(at(what), path, { recursive: true });
  const [file, key] = what === "run" ? ["run.json", "dataFolder"] : ["study.json", "data"];
  const record = JSON.parse(readFileSync(join(path, file), "utf8")) as Record<string, unknown>;
  expect(record[key]).toBe(at("data"));
  writeFileSync(join(path, file), JSON.stringify({ ...record, [key]: named }));
  return path;
}

beforeAll(async () => {
  data("data");
  data("changed", 1);
  writeFileSync(at("run.yaml"), RUN.replace("run:\n", "").replace(/^ {2}/gm, ""));
  writeFileSync(at("study.yaml"), STUDY);
  expect((await ohmlet("train", at("run.yaml"), "--data", at("data"), "--out", at("runs"))).code).toBe(0);
  cpSync(at("runs", readdirSync(at("runs"))[0]), at("run"), { recursive: true });
  writeFileSync(
    at("run/run.json"),
    read("run/run.json").replace('"outcome": "done"', '"outcome": "interrupted"'),
  );
  expect(
    (await ohmlet("study", at("study.yaml"), "--data", at("data"), "--out", at("study"), "--workers", "1"))
      .code,
  ).toBe(0);
  writeFileSync(at("study/journal.jsonl"), read("study/journal.jsonl").replace(/\n.*\n$/, "\n"));
}, 60_000);

/** The words of a line as a shell takes them; whatever else it did shows in the folder that it ran in. */
function wordsOf(command: string): string[] {
  const folder = mkdtempSync(at("shell-"));
  const { stdout, stderr, status } = spawnSync(
    "sh",
    ["-c", `ohmlet() { printf '%s\\0' "$@"; }\n${command}`],
    { cwd: folder, encoding: "utf8" },
  );
  expect([status, stderr, readdirSync(folder)], command).toEqual([0, "", []]);
  return stdout.split("\0").slice(0, -1);
}
const commandIn = (text: string): string => text.split("\n").find((each) => /^ +ohmlet /.test(each)) ?? "";

const HOSTILE = [
  "/data/it's here",
  "/a b/$(touch pwned)",
  "/a`touch pwned`",
  "/a;touch pwned",
  "/a\ntouch pwned",
  "-rf",
  "--out",
  "/\u001b[2Jx",
  "/\u202egpj",
  "~/x",
  "/a\\'; touch pwned; '",
  "/$HOME/*",
  "",
  "/a\u00a0b",
  "x".repeat(5000),
  "=ls",
  "/a&b|c>d",
  "/a!b",
];

describe.skipIf(process.platform === "win32")("the data of a folder", () => {
  it.each(["run", "study"] as const)(
    "of a %s are not read where only the folder names them: the error is the command",
    async (what) => {
      const path = copyOf(what, at("data"));
      const { code, err } = await ohmlet("resume", path);
      expect([code, err]).toEqual([2, expect.stringMatching(/^CONFIG-DATA .*reads its data from files/)]);
      const words = wordsOf(commandIn(err));
      expect(words).toEqual(["resume", path, "--data", at("data")]);
      expect((await ohmlet("resume", path, "--data", at("changed"))).err).toContain("DATA-CHANGED");
      expect((await ohmlet(...words)).code).toBe(0);
    },
  );

  it.each(["run", "study"] as const)(
    "of a %s are told safely, whatever the folder calls them",
    async (what) => {
      for (const named of HOSTILE) {
        const path = copyOf(what, named);
        const { code, err } = await ohmlet("resume", path);
        expect([code, err.split(" ")[0]], JSON.stringify(named)).toEqual([2, "CONFIG-DATA"]);
        expect(err.replaceAll("\n", "")).not.toMatch(/[\p{C}]/u);
        const [verb, folder, ...rest] = wordsOf(commandIn(err));
        expect([verb, folder]).toEqual(["resume", path]);
        expect([["--data", named], [`--data=${named}`], ["--data", "FOLDER"]]).toContainEqual(rest);
      }
    },
  );

  it("of a run are not read from beside its config either", async () => {
    const path = copyOf("run", "");
    cpSync(at("data"), join(path, "mine"), { recursive: true });
    const yaml = readFileSync(join(path, "config.yaml"), "utf8").replace(
      "kind: folder",
      "kind: folder\n  folder: mine",
    );
    expect(yaml).toContain("folder: mine");
    writeFileSync(join(path, "config.yaml"), yaml);
    const record = JSON.parse(readFileSync(join(path, "run.json"), "utf8")) as object;
    writeFileSync(join(path, "run.json"), JSON.stringify({ ...record, config: digestOf(yaml) }));
    expect((await ohmlet("resume", path)).err).toContain("CONFIG-DATA");
  });

  it("are not needed for what is known already, nor to join shards", async () => {
    for (const number of [1, 2])
      expect(
        (
          await ohmlet(
            "study",
            at("study.yaml"),
            "--shard",
            `${number}/2`,
            "--data",
            at("data"),
            "--out",
            at(`shard-${number}`),
            "--workers",
            "1",
          )
        ).code,
      ).toBe(0);
    expect((await ohmlet("resume", at("shard-1"))).code).toBe(0);
    expect((await ohmlet("merge", at("shard-1"), at("shard-2"), "--out", at("merged"))).code).toBe(0);
    expect(JSON.parse(read("merged/study.json"))).toMatchObject({ data: at("data") });
    expect(read("merged/study.yaml")).toContain("name it with --data");
  }, 60_000);

  it("of a study are asked for before anything is made, and for a single chip", async () => {
    for (const more of [
      ["--out", at("a new one")],
      ["--trial", "0/1"],
    ]) {
      const { code, err } = await ohmlet("study", at("study.yaml"), "--seed", "3", ...more);
      expect([code, err.split(" ")[0]]).toEqual([2, "CONFIG-DATA"]);
      expect(wordsOf(commandIn(err))).toEqual([
        "study",
        at("study.yaml"),
        "--seed",
        "3",
        ...more,
        "--data",
        "FOLDER",
      ]);
    }
    expect(readdirSync(root)).not.toContain("a new one");
  });

  it("are not read by a worker that was told of none, whatever the task says", async () => {
    const work = workOf(readStudy({ where: "study.yaml", text: STUDY }), WHOLE, { data: at("data") });
    const { data: _, ...task } = taskOf(work);
    const run = { ...task.run, data: { kind: "folder", folder: "data" } };
    expect(() => experimentOfTask({ ...task, run })).toThrow(/CONFIG-DATA[^]*ohmlet worker --data FOLDER/);
  });
});

describe("ohmlet report --data", () => {
  it("shows what the chip gets wrong where the run had not looked, on the data that it learned from", async () => {
    const path = copyOf("run", "");
    const report = async (...more: string[]) => ({
      ...(await ohmlet("report", path, ...more)),
      page: readFileSync(join(path, "report.html"), "utf8"),
    });
    const whole = (await report()).page;
    expect(whole).toContain("What the chip gets wrong");
    rmSync(join(path, "mistakes.json"));
    expect((await report()).page).not.toContain("What the chip gets wrong");
    expect((await report("--data", at("changed"))).err).toContain("DATA-CHANGED");
    expect((await report("--data", at("data"))).page).toBe(whole);
  });

  it("is refused where it would do nothing", async () => {
    expect((await ohmlet("report", at("study"), "--data", at("data"))).err).toContain("CLI-IDLE");
  });

  it("shows no file that a link leads to", async () => {
    const path = copyOf("run", "");
    writeFileSync(at("secret"), "a secret text");
    for (const file of readdirSync(path)) {
      const own = at(`linked-${++copies}`);
      cpSync(path, own, { recursive: true });
      rmSync(join(own, file), { recursive: true });
      symlinkSync(at("secret"), join(own, file));
      await ohmlet("report", own);
      for (const made of readdirSync(own, { recursive: true, withFileTypes: true }))
        if (made.isFile())
          expect(readFileSync(join(made.parentPath, made.name), "latin1"), file).not.toContain(
            "a secret text",
          );
    }
  });
});

describe.skipIf(process.platform === "win32")("a word for a shell", () => {
  it("is the text itself or what stands for it, and nothing else happens", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 12 }),
      fc.string({
        unit: fc.constantFrom(
          "'",
          '"',
          "\\",
          "$",
          "(",
          ")",
          "`",
          ";",
          " ",
          "\n",
          "-",
          "~",
          "*",
          "a",
          "!",
          "#",
          "&",
        ),
        maxLength: 12,
      }),
    );
    const all = fc.sample(text, { numRuns: 400, seed: 1 });
    const words = wordsOf(`ohmlet ${all.map((each) => shellWord(each, "OTHER")).join(" ")}`);
    expect(words).toHaveLength(all.length);
    words.forEach((word, i) => expect([all[i], "OTHER"]).toContain(word));
    expect(words.filter((word) => word !== "OTHER").length).toBeGreaterThan(50);
  });

  it("is no option where it names a folder", () => {
    expect(wordsOf(resumeCommand("ohmlet", "-rf", "--out"))).toEqual(["resume", "./-rf", "--data=--out"]);
  });
});

describe("--data where nothing is read from files", () => {
  it("is refused by every verb that takes it for a run, a study or a question that draws its own", async () => {
    const drawn = tinyRun();
    writeFileSync(
      at("drawn.yaml"),
      `name: drawn\n${drawn}vary: { circuit.levels: [8, 0] }\nmeasure: [accuracy]\ntrain: false\n`,
    );
    writeFileSync(
      at("asked.yaml"),
      `${drawn}ranges: { circuit.angle: [0, 20] }\nclaim: { accuracy: ">= 0" }\nseeds: 1\n`,
    );
    writeFileSync(at("drawn-run.yaml"), drawn.replace("run:\n", "").replace(/^ {2}/gm, ""));
    expect((await ohmlet("study", at("drawn.yaml"), "--out", at("drawn"), "--workers", "1")).code).toBe(0);
    expect((await ohmlet("train", at("drawn-run.yaml"), "--out", at("drawn-runs"))).code).toBe(0);
    const run = at("drawn-runs", readdirSync(at("drawn-runs"))[0]);
    const stopped = at("drawn-stopped");
    cpSync(run, stopped, { recursive: true });
    writeFileSync(
      join(stopped, "run.json"),
      readFileSync(join(stopped, "run.json"), "utf8").replace(
        '"outcome": "done"',
        '"outcome": "interrupted"',
      ),
    );
    for (const words of [
      ["study", at("drawn.yaml"), "--out", at("never")],
      ["study", at("drawn.yaml"), "--trial", "0/1"],
      ["study", at("drawn.yaml"), "--dry-run"],
      ["resume", at("drawn")],
      ["report", at("drawn")],
      ["resume", stopped],
      ["report", run],
      ["weakest", at("asked.yaml")],
      ["weakest", at("asked.yaml"), "--replay", "circuit.angle=20"],
    ]) {
      const { code, err } = await ohmlet(...words, "--data", at("data"));
      expect([code, err], words.join(" ")).toEqual([
        2,
        expect.stringMatching(/^CLI-IDLE {2}--data: /) as string,
      ]);
    }
    expect(existsSync(at("never"))).toBe(false);
  }, 30_000);
});
