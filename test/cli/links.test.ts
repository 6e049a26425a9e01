/**
 * Folders from strangers: every file and folder that a verb writes is tried as a link, one by one, as the
 * verb itself tells which they are. Whatever the verb then says, nothing outside the folder is another than
 * before.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ProcessIo } from "../../src/cli/io";
import { runProgram } from "../../src/cli/program";
import { conduct } from "../../src/runs/studying/conduct";
import { openStudyFolder, workInFolder, workOf, type Shard } from "../../src/runs/studying/folder";
import { experimentOfTask } from "../../src/runs/studying/experiment-of-task";
import { readStudy } from "../../src/config";
import type { Download } from "../../src/data/catalogue";
import { OhmletError } from "../../src/errors";
import { fetchSet } from "../../src/io/fetch/fetch-set";
import { jobsOf, type Executor, type Trial } from "../../src/study";
import { files, serve } from "../io/fetch/server";
import { keptStreams, ohmlet } from "./run";
import { tinyRun } from "./tiny-run";
import { touchedBy } from "./touched";
import { LONG } from "../long";

const root = mkdtempSync(join(tmpdir(), "ohmlet-links-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const at = (...parts: string[]): string => join(root, ...parts);

/** Work on a folder that a stranger gave. Its folder is `named` in an empty one. */
interface Subject {
  readonly what: string;
  /** What lies in the folder before; nothing where there is none of that name. */
  readonly from?: string;
  /** @returns the code of the error, or nothing where it was done */
  readonly work: (named: string) => Promise<string | undefined>;
  /** What is taken is left, and a name beside it found. */
  readonly goesBeside?: true;
}

async function command(...words: readonly string[]): Promise<string | undefined> {
  const { code, err } = await ohmlet(...words);
  return code === 0 ? undefined : /^([A-Z]+(-[A-Z]+)+) /m.exec(err)?.[1];
}

async function codeOf(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof OhmletError) return error.code;
    throw error;
  }
}

/** A run is stopped by what it prints. */
class Stopping extends ProcessIo {
  constructor(private readonly when: RegExp) {
    super(keptStreams().streams, false, "ohmlet");
  }
  override print(text: string): void {
    if (this.when.test(text)) this.interrupt();
  }
}

const STUDY =
  `name: shared\n${tinyRun({ sizes: [64, 3, 10], train: 20, test: 10 })}vary: { circuit.levels: [4, 0] ` +
  "}\nchips: 2\nmeasure: [accuracy]\n";
const here: Executor = {
  name: "here",
  async run(task, jobs, done) {
    for (const { id, trials } of jobs)
      await done({ id, results: await experimentOfTask(task)(trials), seconds: 0, worker: "here" });
  },
};

async function studyIn(path: string, shard: Shard, share: number): Promise<void> {
  const work = workOf(readStudy({ where: "study.yaml", text: STUDY }), shard);
  const { lock, keep } = await openStudyFolder(path, work);
  const byKey = new Map<string, Trial>(work.trials.map((trial) => [trial.key, trial]));
  for (const { id, trials } of jobsOf(work.trials.slice(0, share * work.trials.length), 1))
    keep(byKey, {
      id,
      results: trials.map(({ key }) => ({ key, measures: { accuracy: 0.5 } })),
      seconds: 1,
      worker: "test",
    });
  lock.release();
}

const SMALL = [
  "--train",
  "40",
  "--test",
  "20",
  "--sizes",
  "64",
  "3",
  "10",
  "--batch",
  "20",
  "--probe",
  "0",
  "--engine",
  "reference",
];
const BYTES = Buffer.from("some bytes of a set");
const SETS: readonly Download[] = [
  { file: "images.gz", kind: "gz", contents: [content("images")] },
  { file: "plain", kind: "plain", contents: [content("plain.csv")] },
];
function content(name: string): Download["contents"][0] {
  return { name, bytes: BYTES.length, sha256: createHash("sha256").update(BYTES).digest("hex") };
}
async function fetched(named: string): Promise<string | undefined> {
  const served = await serve(files({ "images.gz": gzipSync(BYTES), plain: BYTES }));
  try {
    return await codeOf(() => fetchSet({ base: served.base, downloads: SETS }, named));
  } finally {
    await served.close();
  }
}

const SUBJECTS: readonly Subject[] = [
  {
    what: "train",
    work: (named) => command("train", ...SMALL, "--epochs", "1", "--out", named),
    goesBeside: true,
  },
  { what: "resume of a run", from: "stopped", work: (named) => command("resume", named) },
  { what: "report of a run", from: "whole", work: (named) => command("report", named) },
  {
    what: "resume of a study",
    from: "begun",
    work: (named) =>
      codeOf(async () =>
        conduct(
          await workInFolder(named),
          named,
          here,
          { typed: "", withData: () => "" },
          new Stopping(/^$/),
        ),
      ),
  },
  {
    what: "resume of a study that lacks its results only",
    from: "known",
    work: (named) => command("resume", named),
  },
  {
    what: "study, the same command again",
    from: "known",
    work: (named) => command("study", at("study.yaml"), "--out", named),
  },
  { what: "report of a study", from: "known", work: (named) => command("report", named) },
  {
    what: "merge",
    work: (named) => command("merge", at("shard-1"), at("shard-2"), "--out", join(named, "whole")),
  },
  {
    what: "compare",
    work: (named) => command("compare", at("whole"), at("stopped"), "--out", join(named, "page.html")),
  },
  {
    what: "weakest",
    work: (named) => command("weakest", at("weakest.yaml"), "--report", join(named, "page.html")),
  },
  {
    what: "study --trial --write",
    work: (named) =>
      command("study", at("study.yaml"), "--trial", "0/1", "--write", join(named, "chip.yaml")),
  },
  {
    what: "data show",
    work: (named) => command("data", "show", "generated", "--out", join(named, "sheet.png")),
  },
  { what: "data fetch", work: fetched },
];

beforeAll(async () => {
  // a run's name can then be known before
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-01-02T03:04:05Z") });
  writeFileSync(at("study.yaml"), STUDY);
  writeFileSync(
    at("weakest.yaml"),
    `${tinyRun({ sizes: [64, 3, 10], train: 20, test: 10 })}ranges:\n  circuit.levels: [0, 4]\nclaim: ` +
      `{ accuracy: ">= 0" }\nseeds: 1\n`,
  );
  for (const [name, io] of [
    ["whole", new Stopping(/^$/)],
    ["stopped", new Stopping(/^epoch 1\//)],
  ] as const) {
    await runProgram(
      ["train", ...SMALL, "--epochs", "2", "--checkpoint-every", "1", "--out", at("runs")],
      io,
      () => {},
    );
    renameSync(at("runs", readdirSync(at("runs"))[0]), at(name));
  }
  await studyIn(at("begun"), { number: 1, of: 1 }, 0.5);
  await studyIn(at("known"), { number: 1, of: 1 }, 1);
  await studyIn(at("shard-1"), { number: 1, of: 2 }, 1);
  await studyIn(at("shard-2"), { number: 2, of: 2 }, 1);
}, 60_000);
afterAll(() => void vi.useRealTimers());

let made = 0;
/** A copy of what a subject works on, beside a folder that is none of its business. */
function copyOf({ from }: Subject): { readonly named: string; readonly outside: string } {
  const [named, outside] = [at(`try-${++made}`, "named"), at(`try-${made}`, "outside")];
  for (const folder of [named, outside]) mkdirSync(folder, { recursive: true });
  if (from !== undefined) cpSync(at(from), named, { recursive: true });
  return { named, outside };
}

/** Everything of a folder that can be another than it was. */
function stateOf(folder: string): object {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .sort()
      .map((file) => {
        const { ino, mtimeMs, size, mode } = lstatSync(join(folder, file));
        return [
          file,
          {
            ino,
            mtimeMs,
            size,
            mode,
            bytes: lstatSync(join(folder, file)).isFile() ? readFileSync(join(folder, file), "latin1") : null,
          },
        ];
      }),
  );
}

/**
 * What a stranger may put in the place of a file or a folder. What lay there is what the link leads to: to
 * follow it would work.
 */
const PLANTS: Readonly<Record<string, (path: string, outside: string, there: boolean) => void>> = {
  "a link to a file or folder": (path, outside, there) => {
    if (there) renameSync(path, join(outside, "there"));
    else writeFileSync(join(outside, "there"), "secret");
    symlinkSync(join(outside, "there"), path);
  },
  "a link to nothing": (path, outside) => {
    rmSync(path, { recursive: true, force: true });
    symlinkSync(join(outside, "nothing"), path);
  },
  "a link to a folder": (path, outside) => {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(join(outside, "folder"));
    symlinkSync(join(outside, "folder"), path);
  },
  "a second name of a file": (path, outside, there) => {
    if (there && lstatSync(path).isDirectory())
      return PLANTS["a link to a file or folder"](path, outside, there);
    if (there) renameSync(path, join(outside, "there"));
    else writeFileSync(join(outside, "there"), "secret");
    linkSync(join(outside, "there"), path);
  },
  "a FIFO": (path) => {
    rmSync(path, { recursive: true, force: true });
    execFileSync("mkfifo", [path]);
  },
};
const MAY_BE_DONE = ["a second name of a file"];

describe.skipIf(process.platform === "win32")("no link of a stranger's folder is followed", () => {
  it.each(SUBJECTS)("$what", { timeout: 120_000 }, async (subject) => {
    const first = copyOf(subject);
    const touched = await touchedBy(first.named, async () =>
      expect(await subject.work(first.named), subject.what).toBeUndefined(),
    );
    expect(touched.length, "what the verb writes").toBeGreaterThan(0);
    const tree = readdirSync(first.named, { recursive: true, encoding: "utf8" });
    for (const [k, file] of [...new Set([...touched, ...tree])].entries()) {
      for (const [p, [plant, put]] of Object.entries(PLANTS).entries()) {
        // Each file has two kinds of plants in turn; of many pictures, and of what the verb does not write, one.
        const many = file.includes("/") || !touched.includes(file);
        if (!LONG && (p + 2 * k + SUBJECTS.indexOf(subject)) % 5 >= (many ? 1 : 2)) continue;
        const { named, outside } = copyOf(subject);
        const path = join(named, file);
        if (!existsSync(dirname(path))) {
          // It would lie in a folder that the verb makes itself; one that is there may hold it.
          if (subject.goesBeside || file.startsWith("whole/")) continue;
          mkdirSync(dirname(path), { recursive: true });
        }
        put(path, outside, existsSync(path));
        const before = stateOf(outside);
        const code = await subject.work(named);
        expect(stateOf(outside), `${file} as ${plant}: ${code}`).toEqual(before);
        const mayBeDone =
          !touched.includes(file) || subject.goesBeside === true || MAY_BE_DONE.includes(plant);
        if (!mayBeDone)
          expect([file, plant, code], "the verb says so").toEqual([
            file,
            plant,
            expect.stringMatching(
              /^(IO-LINK|IO-WRITE|RUN-FILE|RUN-FOLDER|STUDY-FOLDER|MERGE-FOLDER|FETCH-EXISTS)$/,
            ),
          ]);
        rmSync(dirname(named), { recursive: true, force: true });
      }
    }
  });

  it.each(SUBJECTS)("$what: the folder that the user named may be a link", async (subject) => {
    const { named } = copyOf(subject);
    renameSync(named, `${named}-elsewhere`);
    symlinkSync(`${named}-elsewhere`, named);
    expect(await subject.work(named)).toBeUndefined();
    expect(lstatSync(named).isSymbolicLink()).toBe(true);
  });
});
