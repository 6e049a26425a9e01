/** Folders of studies, shards, changed data and questions about weak points that must be refused. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { openStudyFolder, workOf, type Shard } from "../../src/runs/studying/folder";
import { fingerprintOfStudy } from "../../src/runs/studying/data";
import { readStudy } from "../../src/config";
import { jobsOf, type Trial } from "../../src/study";
import { ohmlet } from "../cli/run";
import { refusedCommand, write, type Kind } from "./kind";
import { tinyRun } from "../cli/tiny-run";

const RUN = `  circuit: { topology: nonideal, sizes: [4, 3, 2] }
  data: { kind: folder, label: 5 }
  estimator: { kind: centred, amplitude: 0.3, freeSteps: 10, nudgedSteps: 8 }
  dt: 10 us
  optimizer: { kind: adam, rate: 0.01 }
  epochs: 1
`;
const STUDY = `name: shared\nrun:\n${RUN}vary:\n  circuit.levels: [8, 16, 0]\nchips: 2\nmeasure: [accuracy]\n`;
const SAMPLES = "0,1,0,0,0\n1,0,0,0,1\n0,1,0,0,1\n1,0,1,0,1\n";
const data = (files: string, samples = SAMPLES): void =>
  write(files, { "train.csv": samples, "test.csv": SAMPLES });

/**
 * A study of data in files, one of its jobs done, and a run of them that is interrupted: what the rows spoil
 * a copy of.
 */
let root = "";
export async function makeStoppedStudies(): Promise<() => void> {
  root = mkdtempSync(join(tmpdir(), "ohmlet-bad-studies-"));
  data(join(root, "data"));
  write(root, { "study.yaml": STUDY });
  await begun("study", STUDY, { number: 1, of: 1 });
  await begun("shard-1", STUDY, { number: 1, of: 2 });
  await begun("shard-2", STUDY, { number: 2, of: 2 });
  await begun("stranger", STUDY.replace("chips: 2", "chips: 3"), { number: 2, of: 2 });
  write(root, { "run.yaml": RUN.replace(/^ {2}/gm, "") });
  const { code, err } = await ohmlet(
    "train",
    join(root, "run.yaml"),
    "--data",
    join(root, "data"),
    "--out",
    join(root, "runs"),
  );
  if (code !== 0) throw new Error(err);
  const [name] = readdirSync(join(root, "runs"));
  cpSync(join(root, "runs", name), join(root, "run"), { recursive: true });
  edit(join(root, "run"), "run.json", '"outcome": "done"', '"outcome": "interrupted"');
  return () => rmSync(root, { recursive: true });
}

/** The folder of a study with all of a shard's trials but the last two. */
async function begun(name: string, text: string, shard: Shard): Promise<void> {
  const work = workOf(readStudy({ where: "study.yaml", text }), shard, { data: join(root, "data") });
  const { lock, keep } = await openStudyFolder(join(root, name), {
    ...work,
    fingerprint: await fingerprintOfStudy(work),
  });
  const byKey = new Map<string, Trial>(work.trials.map((trial) => [trial.key, trial]));
  const done = shard.of > 1 ? work.trials : work.trials.slice(0, -2);
  for (const { id, trials } of jobsOf(done, 4))
    keep(byKey, {
      id,
      results: trials.map(({ key }) => ({ key, measures: { accuracy: 0.5 } })),
      seconds: 1,
      worker: "test",
    });
  lock.release();
}

function edit(
  path: string,
  file: string,
  from: string | RegExp,
  to: string | ((found: string) => string),
): void {
  const text = readFileSync(join(path, file), "utf8");
  const changed = text.replace(from, to as string);
  if (changed === text) throw new Error(`${file} has no ${String(from)}`);
  writeFileSync(join(path, file), changed);
}

/** Copies of folders, spoilt, that a command must refuse. */
const spoilt = (
  what: string,
  code: string,
  at: RegExp,
  folders: readonly string[],
  spoil: (here: string) => void,
  words: (here: string) => string[],
): Kind => ({
  what,
  code,
  at,
  make: (here) => {
    for (const folder of ["data", "study.yaml", ...folders])
      cpSync(join(root, folder), join(here, folder), { recursive: true });
    // Folders say where the data are.
    for (const folder of folders) if (folder !== "run") edit(join(here, folder), "study.json", root, here);
    spoil(here);
    return () => refusedCommand(...words(here));
  },
});

const resumed = (
  what: string,
  code: string,
  at: RegExp,
  folder: string,
  spoil: (path: string) => void,
): Kind =>
  spoilt(
    what,
    code,
    at,
    [folder],
    (here) => spoil(join(here, folder)),
    (here) => ["resume", join(here, folder), "--data", join(here, "data")],
  );
/** The same command again. */
const again = (
  what: string,
  code: string,
  at: RegExp,
  spoil: (here: string) => void,
  ...more: readonly string[]
): Kind =>
  spoilt(what, code, at, ["study"], spoil, (here) => [
    "study",
    join(here, "study.yaml"),
    "--out",
    join(here, "study"),
    "--data",
    join(here, "data"),
    ...more,
  ]);
const merged = (
  what: string,
  code: string,
  at: RegExp,
  shards: readonly string[],
  spoil: (here: string) => void = () => {},
): Kind =>
  spoilt(what, code, at, shards, spoil, (here) => [
    "merge",
    ...shards.map((shard) => join(here, shard)),
    "--out",
    join(here, "whole"),
  ]);

const other =
  (samples: string) =>
  (path: string): void =>
    data(join(path, "../data"), samples);

export const STUDIES: readonly Kind[] = [
  again("a study file that was changed since the study began", "STUDY-CHANGED", /study\.json/, (here) =>
    edit(here, "study.yaml", "chips: 2", "chips: 4"),
  ),
  again("another seed in a study's folder", "STUDY-CHANGED", /study\.json/, () => {}, "--seed", "7"),
  again("a shard in the folder of the whole", "STUDY-CHANGED", /study\.json/, () => {}, "--shard", "1/2"),
  again("a study in the folder of something else", "STUDY-FOLDER", /study/, (here) =>
    rmSync(join(here, "study/study.json")),
  ),
  again("a study that is under way already", "RUN-BUSY", /lock\.json/, (here) =>
    write(here, { "study/lock.json": JSON.stringify({ pid: 1, host: hostname() }) }),
  ),
  resumed("a study of another version", "STUDY-VERSION", /study\.json/, "study", (path) =>
    edit(path, "study.json", /"ohmlet": "[^"]*"/, '"ohmlet": "9.9.9"'),
  ),
  resumed("a study's record that was changed", "STUDY-CHANGED", /study\.json/, "study", (path) =>
    edit(path, "study.json", '"chips": 2', '"chips": 4'),
  ),
  resumed("results of another study", "STUDY-JOURNAL", /journal\.jsonl, line 2/, "study", (path) =>
    edit(path, "journal.jsonl", /\n.*?"key":"/, (all) => `${all}other `),
  ),
  resumed("results of other seeds", "STUDY-JOURNAL", /journal\.jsonl, line 1/, "study", (path) =>
    edit(path, "journal.jsonl", '"seed":', '"seed":1'),
  ),
  resumed(
    "results of 100,000 lists within each other",
    "STUDY-JOURNAL",
    /journal\.jsonl, line 1/,
    "study",
    (path) => edit(path, "journal.jsonl", /^/, `{"a": ${"[".repeat(100_000)}${"]".repeat(100_000)}}\n`),
  ),
  resumed(
    "data of a study in which one value changed",
    "DATA-CHANGED",
    /data/,
    "study",
    other(SAMPLES.replace("0,1,0,0,0", "0,1,1,0,0")),
  ),
  resumed(
    "data of a study with samples more",
    "DATA-CHANGED",
    /data/,
    "study",
    other(`${SAMPLES}0,1,1,0,1\n`),
  ),
  resumed(
    "data of a run in another order",
    "DATA-CHANGED",
    /data/,
    "run",
    other(SAMPLES.split("\n").slice(0, 4).reverse().join("\n")),
  ),
  resumed(
    "data of a run in which a label changed",
    "DATA-CHANGED",
    /data/,
    "run",
    other(SAMPLES.replace("0,1,0,0,1", "1,1,0,0,1")),
  ),
  ...(["run", "study"] as const).map((folder) =>
    spoilt(
      `data that only the folder of a ${folder} names`,
      "CONFIG-DATA",
      new RegExp(folder),
      [folder],
      () => {},
      (here) => ["resume", join(here, folder)],
    ),
  ),
  merged("a shard that is missing", "MERGE-MISSING", /shard-1/, ["shard-1"]),
  merged("a shard that has not ended", "MERGE-MISSING", /shard-2/, ["shard-1", "shard-2"], (here) =>
    edit(here, "shard-2/journal.jsonl", /\n.*\n/, "\n"),
  ),
  merged("a shard of another study", "MERGE-STUDY", /stranger/, ["shard-1", "stranger"]),
  merged("a shard of other data", "MERGE-DATA", /shard-2/, ["shard-1", "shard-2"], (here) =>
    edit(here, "shard-2/study.json", /"sha256": "..../, '"sha256": "0000'),
  ),
  merged("a shard of another version", "STUDY-VERSION", /shard-2/, ["shard-1", "shard-2"], (here) =>
    edit(here, "shard-2/study.json", /"ohmlet": "[^"]*"/, '"ohmlet": "9.9.9"'),
  ),
  merged(
    "a shard twice, with other numbers",
    "MERGE-CONFLICT",
    /shard-1/,
    ["study", "shard-1", "shard-2"],
    (here) => edit(here, "shard-1/journal.jsonl", "0.5", "0.25"),
  ),
  spoilt(
    "a folder for the whole that is there",
    "MERGE-FOLDER",
    /data/,
    ["shard-1", "shard-2"],
    () => {},
    (here) => ["merge", join(here, "shard-1"), join(here, "shard-2"), "--out", join(here, "data")],
  ),
];

const WEAKEST = `${tinyRun({ sizes: [64, 4, 10], train: 20, test: 10 })}ranges:
  circuit.angle: { from: 0, to: 90, steps: 9 }
claim: { accuracy: ">= 0.5" }
seeds: 3
`;
const asked = (what: string, code: string, at: RegExp, from: string, to: string): Kind => ({
  what,
  code,
  at,
  make: (here) => {
    write(here, { "weakest.yaml": WEAKEST.replace(from, to) });
    return () => refusedCommand("weakest", join(here, "weakest.yaml"));
  },
});
const varied = (what: string, code: string, at: RegExp, from: string, to: string): Kind => ({
  what,
  code,
  at,
  make: (here) => {
    write(here, { "study.yaml": STUDY.replace(from, to) });
    return () => refusedCommand("study", join(here, "study.yaml"), "--out", join(here, "study"));
  },
});

export const QUESTIONS: readonly Kind[] = [
  asked("an empty range of a weakest point", "WEAKEST-RANGE", /weakest\.yaml.*line 9/, "to: 90", "to: 0"),
  asked("a claim that is no comparison", "WEAKEST-CLAIM", /weakest\.yaml.*line 10/, ">= 0.5", "good"),
  asked(
    "a claim about what is not measured",
    "WEAKEST-MEASURE",
    /weakest\.yaml.*line 10/,
    "accuracy",
    "accurracy",
  ),
  asked(
    "a budget too small for one point",
    "WEAKEST-BUDGET",
    /weakest\.yaml.*line 12/,
    "seeds: 3\n",
    "seeds: 3\nbudget: { evaluations: 2 }\n",
  ),
  asked(
    "a knob that the run does not have",
    "CONFIG-KEY",
    /weakest\.yaml.*line 9/,
    "circuit.angle",
    "circuit.angel",
  ),
  varied(
    "an empty range of a study",
    "STUDY-AXIS",
    /study\.yaml.*line 10/,
    "[8, 16, 0]",
    "{ from: 3, to: 3, points: 4 }",
  ),
  varied("a knob without values", "CONFIG-RANGE", /study\.yaml.*line 10/, "[8, 16, 0]", "[]"),
  varied(
    "a study of a billion trials",
    "STUDY-SIZE",
    /study\.yaml/,
    "[8, 16, 0]\nchips: 2",
    "{ from: 2, to: 10002, points: 10000 }\nchips: 100000",
  ),
  varied(
    "a spec of what is not measured",
    "STUDY-SPEC",
    /study\.yaml/,
    "measure: [accuracy]",
    'measure: [accuracy]\nspec: { loss: "< 1" }',
  ),
];
