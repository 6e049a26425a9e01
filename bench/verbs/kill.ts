/** `bench kill`: training runs and studies that are killed at random moments and gone on with. */
import { COMMON, defineVerb } from "../../src/cli/verb";

export const kill = defineVerb({
  name: "kill",
  summary: "kill runs and studies at random moments, resume them, and compare byte for byte",
  description:
    "Begins `ohmlet train` on generated digits or a small `ohmlet study`, kills it with SIGKILL at " +
    "random moments, goes on (and is killed again) until it is done, and holds every compared file " +
    "against work that nobody disturbed. Of a run the process is killed; of a study the conductor, " +
    "one worker or all at once, as drawn, and it goes on with `ohmlet resume` or the same command; " +
    "over BullMQ workers are `ohmlet worker` processes, killed alone or with what they started. No " +
    "trial may be missing or be told of twice. Ends with exit code 1 where a byte differs that is not " +
    "part of a time; the folders are then kept.",
  options: {
    what: {
      type: "string",
      default: "all",
      choices: ["runs", "studies", "bullmq", "all"],
      value: "WHAT",
      help:
        "what is killed; all share the kills. bullmq: studies over a Redis of their own, with two " +
        "workers",
    },
    kills: {
      type: "integer",
      default: 10,
      min: 1,
      max: 100_000,
      value: "N",
      help: "processes that are killed",
    },
    train: {
      type: "integer",
      default: 2000,
      min: 1,
      max: 10_000_000,
      value: "N",
      help: "training samples of a run",
    },
    epochs: {
      type: "integer",
      default: 4,
      min: 1,
      max: 100_000,
      value: "N",
      help: "passes of a run over them",
    },
    "checkpoint-every": {
      type: "integer",
      default: 5,
      min: 1,
      max: 10_000_000,
      value: "BATCHES",
      help: "batches between checkpoints of a run",
    },
    engine: { ...COMMON.engine, default: "simd" },
    chips: {
      type: "integer",
      default: 16,
      min: 1,
      max: 100_000,
      value: "N",
      help: "chips at each of the four points of a study",
    },
    seed: COMMON.seed,
    json: COMMON.json,
  },
  examples: [
    { command: "kill --kills 200", what: "two hundred kills of runs and studies, some twenty minutes" },
    { command: "kill --what studies --kills 20", what: "studies alone" },
  ],
  async run({ options }, io) {
    const { mkdtempSync, rmSync, writeFileSync } = await import("node:fs");
    const { tmpdir } = await import("node:os");
    const { join } = await import("node:path");
    const [
      { killWork },
      { runSubject },
      { smallStudy, studySubject },
      { startCrew },
      { findRedis, startRedis },
    ] = await Promise.all([
      import("../kills/kill"),
      import("../kills/runs"),
      import("../kills/studies"),
      import("../kills/standby-workers"),
      import("../redis"),
    ]);
    const { what, kills, seed } = options;
    const folder = mkdtempSync(join(tmpdir(), "ohmlet-kills-"));
    // Kills reach the processes of a test; Ctrl-C should as well.
    process.once("SIGINT", () => process.exit(130));
    const args = [
      "--train",
      options.train,
      "--test",
      100,
      "--epochs",
      options.epochs,
      "--checkpoint-every",
      options["checkpoint-every"],
      "--engine",
      options.engine,
      "--seed",
      seed,
    ].map(String);
    const { text, trials } = smallStudy(options.chips, 300);
    const file = join(folder, "study.json");
    writeFileSync(file, text);
    const wanted = (one: string): boolean => what === one || what === "all";
    const program = wanted("bullmq") ? findRedis() : null;
    if (wanted("bullmq") && program === null)
      io.note("no redis-server here (OHMLET_REDIS_SERVER names one): nothing is killed over BullMQ");
    const server = program === null ? null : await startRedis(program);
    const crew = server === null ? null : startCrew(server.url, 2);
    const subjects = [
      ...(wanted("runs") ? [runSubject(args)] : []),
      ...(wanted("studies") ? [studySubject({ file, trials })] : []),
      ...(server !== null && crew !== null
        ? [studySubject({ file, trials, elsewhere: { redis: server.url, crew } })]
        : []),
    ];
    let faulty = subjects.length === 0;
    try {
      for (const [i, subject] of subjects.entries()) {
        const share =
          Math.floor(((i + 1) * kills) / subjects.length) - Math.floor((i * kills) / subjects.length);
        if (share === 0) continue;
        const progress = io.progress();
        const count = await killWork({
          subject,
          kills: share,
          folder: join(folder, subject.what.replaceAll(" ", "-")),
          seed,
          onDone: (so) =>
            progress.update(so.kills / share, `${subject.what}: ${so.kills} kills, done ${so.done} times`),
        });
        progress.end();
        const struck = Object.entries(count.victims)
          .map(([victim, times]) => `${times} ${victim}`)
          .join(", ");
        io.print(
          `${subject.what}: ${count.kills} kills (${struck}) while it was done ${count.done} times ` +
            `(undisturbed ${(count.undisturbed / 1000).toFixed(1)} s), ${count.early} before there was ` +
            `a folder, ${count.whileResuming} while going on: ` +
            `${count.faults.length === 0 ? "all came to the same bytes" : "NOT all came to the same bytes"}`,
        );
        for (const fault of count.faults) io.note(...fault.split("\n"));
        io.emit(count);
        faulty ||= count.faults.length > 0;
      }
    } finally {
      crew?.stop();
      await server?.stop();
    }
    if (faulty) io.note(`the folders are kept in ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
    return faulty ? 1 : 0;
  },
});
