/** `ohmlet study`: many chips over many settings. */
import { OhmletError } from "../../errors";
import { refuseIdle } from "../unused-options";
import { COMMON, defineVerb, EXECUTOR, JOB_LIMIT, REDIS } from "../verb";

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
  options: {
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
      help: "chips at every point, in place of the file's",
    },
    data: {
      type: "string",
      value: "FOLDER",
      help: "the run's set of data, where its config leaves that to you",
    },
    seed: { ...COMMON.seed, default: undefined, help: "keys all draws, in place of the file's" },
    engine: { ...COMMON.engine, default: undefined, help: "what computes, in place of the run's engine" },
    json: COMMON.json,
  },
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
  async run({ options, given, positionals: [file] }, io) {
    refuseIdle(given, [
      { name: "write", idle: options.trial === undefined, why: "it writes the chip that --trial names" },
      ...(["out", "shard", "dry-run", "workers", "executor", "redis", "job-limit"] as const).map((name) => ({
        name,
        idle: options.trial !== undefined,
        why: "--trial measures one chip, here and now, and makes no folder",
      })),
    ]);
    const [{ readStudy }, { readTextFile, readBeside }, { withData, workOf, WHOLE }] = await Promise.all([
      import("../../config"),
      import("../../io/config-files"),
      import("../../runs/studying/folder"),
    ]);
    const { data, engine, chips, seed, workers } = options;
    const shard = options.shard === undefined ? WHOLE : shardOf(options.shard);
    const [{ resolve }, { commandAgain }] = await Promise.all([import("node:path"), import("../../runs/shell")]);
    const again = (folder: string): string =>
      commandAgain(io.program, "study", { options, given, positionals: [file] }, { data: folder });
    const work = withData(
      workOf(readStudy(readTextFile(file), readBeside), shard, { engine, chips, seed }),
      data === undefined ? undefined : resolve(data),
    );
    if (options.trial !== undefined) {
      const { repeatTrial } = await import("../../runs/studying/trial");
      return repeatTrial(work, options.trial, options.write, again, io);
    }
    if (options["dry-run"]) {
      refuseIdle(
        given,
        ["executor", "redis", "job-limit"].map((name) => ({
          name,
          idle: true,
          why: "a dry run measures one trial on this machine",
        })),
      );
      const { rehearse } = await import("../../runs/studying/estimate-cost");
      return rehearse(work, workers, io);
    }
    const [{ conduct }, { executorOf }] = await Promise.all([
      import("../../runs/studying/conduct"),
      import("../studying/executor"),
    ]);
    const name = work.asked.study.name.replace(/[^A-Za-z0-9_.-]+/g, "-").replace(/^\.+/, "-");
    const out = options.out ?? `runs/${name}${shard.of > 1 ? `-${shard.number}-of-${shard.of}` : ""}`;
    return conduct(work, out, await executorOf(options, given, io), again, io);
  },
});

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
