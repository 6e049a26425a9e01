/** `ohmlet study`: many chips over many settings. */
import { OhmletError } from "../../errors";
import type { StudyWork } from "../../runs/studying/folder";
import type { OptionSpecs, ParsedArgs } from "../args";
import type { Io } from "../io";
import { refuseIdle, type IdleOption } from "../unused-options";
import { COMMON, defineVerb, EXECUTOR, JOB_LIMIT, REDIS } from "../verb";

const OPTIONS = {
  out: {
    type: "string",
    value: "FOLDER",
    help: "the study's folder; one that is there is gone on with (default: runs/ and the study's name)",
  },
  "dry-run": {
    type: "flag",
    help: "measure one trial, tell how many there are and how long they take, and write nothing",
  },
  trial: {
    type: "string",
    value: "POINT/CHIP",
    help:
      "measure one chip of one point again, by their numbers in results.csv, and print it; no folder " +
      "is made",
  },
  write: {
    type: "string",
    value: "FILE",
    help: "with --trial: write that chip as a run of its own, for train, and measure nothing",
  },
  shard: {
    type: "string",
    value: "K/N",
    help: "only the K-th of N equal parts, for the array jobs of a cluster; merge joins them",
  },
  workers: {
    type: "integer",
    min: 1,
    max: 1024,
    value: "N",
    help: "processes that work side by side (default: as many as there are cores)",
  },
  executor: EXECUTOR,
  redis: REDIS,
  "job-limit": JOB_LIMIT,
  chips: {
    type: "integer",
    min: 1,
    max: 100_000,
    value: "N",
    sets: "chips",
    help: "chips at every point, in place of the file's",
  },
  data: {
    type: "string",
    value: "FOLDER",
    sets: "data",
    help: "the run's set of data, where its config leaves or allows that to you",
  },
  seed: { ...COMMON.seed, default: undefined, help: "keys all draws, in place of the file's" },
  engine: { ...COMMON.engine, default: undefined, help: "what computes, in place of the run's engine" },
  json: COMMON.json,
} as const satisfies OptionSpecs;

export const study = defineVerb({
  name: "study",
  saves: true,
  summary: "fabricate, train and measure many chips over many settings of a run",
  description:
    "FILE names a run, knobs with their values, how many chips a point gets and what is measured. " +
    "Trials run in parallel, one process a core, and results are kept as they come: a study that was " +
    "stopped or killed goes on where it was when the same command is given again, or with  resume,  " +
    "and ends with the same bytes. The folder holds study.json and study.yaml (what was asked), " +
    "journal.jsonl, results.csv, results.parquet, summary.json, report.html and figures/; what tells " +
    "of time and machine is in timing.jsonl and about.json. See docs/studies.md, and  schema study.",
  positionals: { name: "FILE", help: "the study as a .yaml or .json file", least: 1 },
  options: OPTIONS,
  examples: [
    { command: "study configs/studies/precision.yaml", what: "which synapse precision do I need?" },
    { command: "study configs/studies/precision.yaml --dry-run", what: "how long will it take?" },
    {
      command: "study configs/studies/precision.yaml --executor bullmq --redis redis://127.0.0.1:6379",
      what: "on all machines that run  worker",
    },
    {
      command: "study configs/studies/precision.yaml --shard 3/16 --out runs/precision-3",
      what: "the third of sixteen array jobs",
    },
    { command: "study configs/studies/precision.yaml --trial 2/17", what: "chip 17 of point 2 once more" },
  ],
  async run(args, io) {
    const { options, given, positionals } = args;
    const typed = { options, given, positionals: [positionals[0]] };
    refuseIdle(given, idleWith(options.trial));
    const work = await workTyped(typed);
    if (options.trial !== undefined) return oneTrial(work, options.trial, typed, io);
    if (options["dry-run"]) return dryRun(work, typed, io);
    const { conductTyped } = await import("../studying/conduct");
    return conductTyped("study", work, options.out ?? folderOf(work), typed, io);
  },
});

type Args = Omit<ParsedArgs<typeof OPTIONS>, "withUnit">;

const FOLDER_ONLY = ["out", "shard", "dry-run", "workers", "executor", "redis", "job-limit"] as const;

const idleWith = (trial: string | undefined): IdleOption[] => [
  { name: "write", idle: trial === undefined, why: "it writes the chip that --trial names" },
  ...FOLDER_ONLY.map((name) => ({
    name,
    idle: trial !== undefined,
    why: "--trial measures one chip, here and now, and makes no folder",
  })),
];

/** The study of the file, as the options change it. */
async function workTyped({ options, positionals: [file] }: Args): Promise<StudyWork> {
  const { data, engine, chips, seed } = options;
  const [{ readStudy }, { readTextFile, readBeside }, { withData, workOf, WHOLE }, { resolve }] =
    await Promise.all([
      import("../../config"),
      import("../../io/config-files"),
      import("../../runs/studying/folder"),
      import("node:path"),
    ]);
  const shard = options.shard === undefined ? WHOLE : shardOf(options.shard);
  const work = workOf(readStudy(readTextFile(file), readBeside), shard, {
    engine,
    chips,
    seed,
    files: data !== undefined,
  });
  return withData(work, data === undefined ? undefined : resolve(data));
}

async function oneTrial(work: StudyWork, asked: string, typed: Args, io: Io): Promise<number> {
  const [{ repeatTrial, trialOf, writeTrial }, { tellTrial, tellWritten }, { commandAgain }] =
    await Promise.all([
      import("../../runs/studying/trial"),
      import("../studying/trial-text"),
      import("../command-line"),
    ]);
  const trial = trialOf(work, asked);
  const file = typed.options.write;
  if (file === undefined) {
    const withData = (data: string): string => commandAgain(io.program, "study", typed, { data });
    tellTrial(trial, await repeatTrial(work, trial, withData), io);
  } else {
    writeTrial(work, trial, file);
    tellWritten(trial, file, io);
  }
  return 0;
}

async function dryRun(work: StudyWork, { options, given }: Args, io: Io): Promise<number> {
  const byOthers = ["executor", "redis", "job-limit"];
  refuseIdle(
    given,
    byOthers.map((name) => ({ name, idle: true, why: "a dry run measures one trial on this machine" })),
  );
  const [{ estimateCost }, { tellCost }] = await Promise.all([
    import("../../runs/studying/estimate-cost"),
    import("../studying/cost-text"),
  ]);
  tellCost(await estimateCost(work, options.workers), work, io);
  return 0;
}

/** Where results go when nobody says. */
function folderOf({
  asked: {
    study: { name },
  },
  shard,
}: StudyWork): string {
  const plain = name.replace(/[^A-Za-z0-9_.-]+/g, "-").replace(/^\.+/, "-");
  return `runs/${plain}${shard.of > 1 ? `-${shard.number}-of-${shard.of}` : ""}`;
}

/** "3/16". */
function shardOf(text: string): { readonly number: number; readonly of: number } {
  const [, number, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text)?.map(Number) ?? [0, 0, 0];
  if (number >= 1 && number <= of && of <= 100_000) return { number, of };
  throw new OhmletError({
    code: "CLI-VALUE",
    fact: `"${text.slice(0, 60)}" names no part`,
    place: { where: "study, --shard" },
    remedy: "write  --shard 3/16  for the third of sixteen; parts count from 1",
  });
}
