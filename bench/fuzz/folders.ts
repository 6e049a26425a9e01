/**
 * Folders in which something is a link, or no file at all: runs, studies and sets of data, as somebody sends
 * them. Nothing outside may change, whatever a verb writes, and nothing may wait for ever.
 */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { command } from "./command";
import type { Dice } from "./random";
import { copied, prepared, RUN, type Kind } from "./prepared";
import { PNG } from "./samples";
import type { Target } from "./target";

/** What lies outside: the files and folders that links lead to, all told, so that a change shows. */
function outside(folder: string): { readonly path: string; readonly told: () => readonly string[] } {
  const path = join(folder, "outside");
  if (!existsSync(path)) {
    mkdirSync(join(path, "folder"), { recursive: true });
    for (const name of ["precious.txt", "folder/precious.html"])
      writeFileSync(join(path, name), "do not touch\n");
    writeFileSync(join(path, "run.json"), "{}\n");
  }
  const told = (at: string): string[] => {
    const stat = lstatSync(at);
    if (stat.isDirectory())
      return [
        `${at} ${stat.mode}`,
        ...readdirSync(at)
          .sort()
          .flatMap((name) => told(join(at, name))),
      ];
    return [`${at} ${stat.mode} ${stat.mtimeMs} ${stat.isFile() ? readFileSync(at, "latin1") : ""}`];
  };
  return { path, told: () => told(path) };
}

/** Files and folders within, those that links lead to left out. */
const within = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? [entry.name, ...within(join(folder, entry.name)).map((name) => join(entry.name, name))]
      : [entry.name],
  );

/** Every path of the folder, and what verbs write that may not be there yet. */
function placesIn(folder: string, dice: Dice): string[] {
  const there = within(folder);
  if (dice.once(3)) return ["figures", ...there.filter((at) => lstatSync(join(folder, at)).isDirectory())];
  const written = [
    "report.html",
    "figures",
    "figures/01-test-accuracy.svg",
    "mistakes.json",
    "weights.npz",
    "run.json",
    "events.jsonl",
    "curves.csv",
    "journal.jsonl",
    "timing.jsonl",
    "about.json",
    "results.csv",
    "results.parquet",
    "summary.json",
    "study.yaml",
    "run.lock",
    "lock.json",
    ".lock",
  ];
  const temporary = [...there, ...written].map((file) =>
    join(dirname(file), `.${file.split("/").at(-1)}.${process.pid}.tmp`),
  );
  return dice.once(4) ? temporary : [...there, ...written];
}

/** Puts something in the place of a file or folder that ought to be there. */
function plant(folder: string, at: string, bait: string, dice: Dice): void {
  const path = join(folder, at);
  if (!lstatSync(dirname(path), { throwIfNoEntry: false })?.isDirectory()) return;
  const folders = lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const kind = folders && dice.once(2) ? 1 : dice.below(8);
  // What was there may lie where the link leads: then all looks right.
  const taken = existsSync(path) && dice.once(2) ? join(bait, `own-${readdirSync(bait).length}`) : null;
  if (taken !== null)
    cpSync(path, taken, {
      recursive: true,
      filter: (from) => lstatSync(from).isFile() || lstatSync(from).isDirectory(),
    });
  rmSync(path, { recursive: true, force: true });
  switch (kind) {
    case 0:
      return symlinkSync(join(bait, "precious.txt"), path);
    case 1:
      return symlinkSync(taken ?? join(bait, "folder"), path);
    case 2:
      return symlinkSync(join(bait, "new"), path);
    case 3:
      return symlinkSync(taken ?? relative(dirname(path), join(bait, "run.json")), path);
    case 4:
      return symlinkSync(dice.pick([".", "..", at.split("/").at(-1) ?? ""]), path);
    case 5:
      return linkSync(join(bait, "precious.txt"), path);
    case 6:
      return void mkdirSync(path);
    default:
      return void spawnSync("mkfifo", [path]);
  }
}

/** @param verbs what is typed, of the folder and a place beside it */
async function attacked(
  folder: string,
  kind: Kind,
  dice: Dice,
  type: (at: string, beside: string) => readonly string[],
): Promise<void> {
  const [work, beside] = [await copied(folder, kind), join(folder, "beside")];
  rmSync(beside, { recursive: true, force: true });
  rmSync(join(folder, "outside"), { recursive: true, force: true });
  const bait = outside(folder);
  mkdirSync(beside);
  for (let left = dice.below(4); left > 0; left--)
    plant(work, dice.pick(placesIn(work, dice)), bait.path, dice);
  const before = bait.told();
  let thrown: unknown;
  try {
    await command(type(work, beside));
  } catch (error) {
    thrown = error;
  }
  unchanged(before, bait.told());
  if (thrown !== undefined) throw thrown;
}

function unchanged(before: readonly string[], after: readonly string[]): void {
  const other = [
    ...after.filter((one) => !before.includes(one)),
    ...before.filter((one) => !after.includes(one)),
  ];
  if (other.length > 0) throw new Error(`changed outside the folder: ${other[0].slice(0, 200)}`);
}

export const FOLDERS: readonly Target[] = [
  {
    name: "linked-run",
    apart: true,
    prepare: (folder) => prepared(folder, "run-stopped").then(() => prepared(folder, "run-done")),
    attempt: (dice, folder) =>
      attacked(folder, dice.once(2) ? "run-stopped" : "run-done", dice, (at, beside) =>
        dice.pick([
          ["report", at],
          ["resume", at],
          ["compare", at, at, "--out", join(beside, "page.html")],
        ]),
      ),
  },
  {
    name: "linked-study",
    apart: true,
    prepare: (folder) => prepared(folder, "study"),
    attempt: (dice, folder) =>
      attacked(folder, "study", dice, (at, beside) =>
        dice.pick([
          ["report", at],
          ["resume", at],
          ["merge", at, "--out", join(beside, "whole")],
        ]),
      ),
  },
  {
    name: "linked-data",
    apart: true,
    attempt: async (dice, folder) => {
      const set = join(folder, "set");
      rmSync(set, { recursive: true, force: true });
      rmSync(join(folder, "outside"), { recursive: true, force: true });
      const bait = outside(folder);
      const [pictures, tables] = dice.pick([
        [true, false],
        [false, true],
        [true, true],
      ]);
      mkdirSync(set);
      for (const part of ["train", "test"]) {
        for (const name of pictures ? ["a", "b"] : []) {
          mkdirSync(join(set, part, name), { recursive: true });
          for (const file of ["1.png", "2.png"]) writeFileSync(join(set, part, name, file), PNG[0]);
        }
        if (tables) writeFileSync(join(set, `${part}.csv.gz`), gzipSync("1,0\n2,1\n"));
      }
      const count = dice.pick([0, 1, 2, 30]);
      const where = pictures ? dice.pick(["", "train", "train/a"]) : "";
      const leads = (i: number): string =>
        dice.pick([".", "..", "../..", bait.path, `link${(i + 1) % count}`]);
      const alike = dice.once(2) ? "." : undefined;
      for (let i = 0; i < count; i++) symlinkSync(alike ?? leads(i), join(set, where, `link${i}`));
      if (dice.once(2))
        plant(
          set,
          dice.pick([
            "train/a/1.png",
            "train/a",
            "test",
            "train.csv",
            "train.csv.gz",
            "t10k-labels-idx1-ubyte",
            "data_batch_1.bin",
          ]),
          bait.path,
          dice,
        );
      const before = bait.told();
      // Named by the user, or by a config that lies beside it.
      writeFileSync(
        join(folder, "beside.yaml"),
        RUN.replace(/^data: .*$/m, "data: { kind: folder, folder: set }"),
      );
      await command(
        dice.once(2)
          ? ["data", "show", set, "--out", join(folder, "sheet.png")]
          : ["train", join(folder, "beside.yaml"), "--out", join(folder, "runs")],
      );
      unchanged(before, bait.told());
    },
  },
];
