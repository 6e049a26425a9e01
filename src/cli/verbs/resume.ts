/** `ohmlet resume`: goes on with a run that was stopped. */
import { refuseIdle } from "../unused-options";
import { COMMON, defineVerb, EXECUTOR, IDLE, JOB_LIMIT, REDIS } from "../verb";

export const resume = defineVerb({
  name: "resume",
  saves: true,
  summary: "go on with a run or a study that was stopped, killed or failed",
  description:
    "Goes on where the last checkpoint was taken, with the config that the run began with, and comes " +
    "to the same numbers, to the bit, as a run that was never stopped. A run is never lost for more " +
    "than the work since its last checkpoint: after every epoch, when it is stopped, and as often as " +
    "--checkpoint-every of train said.",
  positionals: { name: "RUN", help: "a folder that train or study wrote", least: 1 },
  options: {
    data: {
      type: "string",
      value: "FOLDER",
      help:
        "where the data are, for runs and studies on files: what the folder says of it is shown, and " +
        "not followed",
    },
    executor: { ...EXECUTOR, help: `of a study, whoever began it. ${EXECUTOR.help}` },
    redis: REDIS,
    "job-limit": JOB_LIMIT,
    json: COMMON.json,
    seed: { ...IDLE.seed, help: "without effect here: the run has its own" },
    engine: { ...IDLE.engine, help: "without effect here: the run has its own" },
  },
  examples: [
    { command: "resume runs/2026-11-21T03-46-01-train-seed1", what: "on generated digits" },
    {
      command: "resume runs/2026-11-21T03-46-01-train-seed1 --data path/to/mnist",
      what: "on data from files",
    },
  ],
  async run({ options, given, positionals }, io) {
    const [path] = positionals;
    const { isStudyFolder, withData, workInFolder } = await import("../../runs/studying/folder");
    if (isStudyFolder(path)) {
      const { conductTyped } = await import("../studying/conduct");
      const work = withData(await workInFolder(path), options.data);
      return conductTyped("resume", work, path, { options, given, positionals: [path] }, io);
    }
    const ofStudies = ["executor", "redis", "job-limit"];
    refuseIdle(
      given,
      ofStudies.map((name) => ({ name, idle: true, why: "this is a run, not a study" })),
    );
    const [{ resumeTraining }, { told }] = await Promise.all([
      import("../../runs/training/resume"),
      import("../training/ended"),
    ]);
    return told(await resumeTraining(path, { data: options.data }, io), io);
  },
});
