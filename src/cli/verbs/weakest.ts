/** `ohmlet weakest`: the smallest imperfection that breaks a claim about a run. */
import { setImmediate } from "node:timers/promises";
import { OhmletError } from "../../errors";
import type { WeakestQuestion } from "../../config";
import { INTERRUPTED } from "../report-error";
import { refuseIdle } from "../unused-options";
import { COMMON, defineVerb } from "../verb";
import { version } from "../version";

export const weakest = defineVerb({
  name: "weakest",
  saves: true,
  summary: "find the smallest imperfection that breaks a claim about a design",
  description:
    "FILE names a run, knobs with their ranges from the ideal to the worst, and a claim such as  " +
    'accuracy: ">= 0.9". Chips are trained along the way, a few seeds each, until the smallest point ' +
    "that breaks the claim stands between points that do not; a budget ends the search before. What " +
    "it finds is a local minimum: no single step towards the ideal breaks the claim. The last lines " +
    "say what to type to see the point again, to the last digit.\n\nExit code 0: found, or the claim " +
    "never fails; 1: the claim fails at the ideal, or the search ended before it knew. See " +
    "docs/robustness.md, and  schema weakest.",
  positionals: { name: "FILE", help: "the question as a .yaml or .json file", least: 1 },
  options: {
    replay: {
      type: "string",
      value: "KNOB=VALUE,…",
      help: 'only this point: "circuit.angle=40,circuit.mismatch=0.05"; knobs left out stay ideal',
    },
    evaluations: {
      type: "integer",
      min: 1,
      max: 1_000_000,
      value: "N",
      help: "most trainings, in place of the file's",
    },
    seconds: {
      type: "number",
      unit: "s",
      above: 0,
      max: 1e7,
      value: "SECONDS",
      help: "longest time, in place of the file's",
    },
    seeds: {
      type: "integer",
      min: 1,
      max: 10_000,
      value: "N",
      help: "how many seeds vote on a point, in place of the file's",
    },
    data: {
      type: "string",
      value: "FOLDER",
      help: "the run's set of data, where its config leaves that to you",
    },
    seed: {
      ...COMMON.seed,
      default: undefined,
      max: 0xffff_0000,
      help: "the first seed, in place of the file's; the others follow it",
    },
    engine: { ...COMMON.engine, default: undefined, help: "what computes, in place of the run's engine" },
    report: {
      type: "string",
      value: "FILE.html",
      help: "write a page as well: the point, the margin, who voted, the way of the search",
    },
    json: COMMON.json,
  },
  examples: [
    {
      command: "weakest configs/weakest/asymmetry.yaml",
      what: "how much feedback asymmetry does this chip survive?",
    },
    {
      command: "weakest configs/weakest/asymmetry.yaml --replay circuit.angle=0 --seeds 1",
      what: "one point again",
    },
  ],
  async run({ options, given, positionals: [file] }, io) {
    refuseIdle(given, [
      {
        name: "report",
        idle: options.replay !== undefined,
        why: "--replay asks about one point, and searches nothing",
      },
    ]);
    const [
      { atKnob, endsOf, readWeakest, located, nodeAt },
      { readTextFile, readBeside },
      { describeWeakest, weakestPoint, replay, verdictText },
      { experimentOf },
    ] = await Promise.all([
      import("../../config"),
      import("../../io/config-files"),
      import("../../robustness/weakest"),
      import("../studying/experiment"),
    ]);
    const [{ expectDataRead, readsFiles }, { commandAgain }] = await Promise.all([
      import("../training/data"),
      import("../shell"),
    ]);
    const question = readWeakest(readTextFile(file), readBeside);
    expectDataRead(
      options.data,
      readsFiles(question.run) || Object.hasOwn(question.config.ranges, "data.kind"),
    );
    if (options.report !== undefined) (await import("../../io/atomic")).expectReplaceable(options.report);
    const { config, context } = question;
    const run =
      options.engine === undefined
        ? question.run
        : { ...question.run, config: { ...question.run.config, engine: options.engine } };
    const {
      seeds = config.seeds,
      seed = config.seed,
      evaluations = config.budget?.evaluations,
      seconds = config.budget?.seconds,
    } = options;
    const { measure, check } = experimentOf(run, {
      measures: question.measures,
      train: config.train,
      data: options.data,
      onBatch: async () => void (await setImmediate()),
      stop: io.stop,
    });
    /** Faults of a question at their lines. */
    const pointing = (error: unknown): never => {
      const key = error instanceof OhmletError ? keyOf(error.code) : undefined;
      throw key === undefined ? error : located(error, nodeAt(context, config, key));
    };
    // Each knob at both ends, the others as the run has them: a fault of the run shows before anything is
    // trained.
    for (const [knob, range] of Object.entries(config.ranges)) {
      for (const value of endsOf(range))
        await atKnob(knob, nodeAt(context, config.ranges, knob), () => check({ [knob]: value }));
    }
    if (options.replay !== undefined) {
      const verdict = await replay(config.claim, config.ranges, measure, pointOf(options.replay), {
        seeds,
        seed,
      }).catch(pointing);
      io.print(...verdictText(verdict).split("\n"));
      io.emit(verdict);
      return 0;
    }
    io.interruption();
    const progress = io.progress();
    const most = evaluations ?? 200;
    progress.update(0, "first point");
    const result = await weakestPoint(config.claim, config.ranges, measure, {
      seeds,
      seed,
      evaluations,
      seconds,
      signal: io.stop,
      onVerdict: ({ point, holds }, spent) =>
        progress.update(
          spent / most,
          `${spent} of at most ${most} trainings, ${Object.entries(point)
            .map(([knob, value]) => `${knob} ${value}`)
            .join(", ")} ${holds ? "holds" : "fails"}`,
        ),
    })
      .finally(() => progress.end())
      .catch(pointing);
    const again = (without: readonly string[], changed: Readonly<Record<string, string>> = {}): string =>
      commandAgain(
        io.program,
        "weakest",
        {
          options,
          given: new Set([...given].filter((name) => !without.includes(name))),
          positionals: [file],
        },
        changed,
      );
    if (config.question !== undefined) io.print(`question       ${config.question}`);
    const replayOf = (settings: string): string =>
      again(["json", "report", "evaluations", "seconds"], { replay: settings });
    io.print(...describeWeakest(result, replayOf).split("\n"));
    if (options.report !== undefined) {
      const [{ weakestReport }, { reportHtml }, { writeAtomically }] = await Promise.all([
        import("../weakest/report"),
        import("../../plot/report"),
        import("../../io/atomic"),
      ]);
      const { describePath } = await import("../../config");
      writeAtomically(
        options.report,
        reportHtml(
          weakestReport(result, {
            name: config.name ?? file,
            question: config.question,
            claim: config.claim,
            command: again(["json", "report"]),
            replay: replayOf,
            engine: run.config.engine,
            ohmlet: await version(),
            about: (knob) => describePath("run", knob, run.config),
          }),
        ),
      );
      io.print(`page           ${options.report}`);
    }
    const { axes: _, ...told } = result;
    io.emit(told);
    if (result.limit === "interruption") return INTERRUPTED;
    return result.kind === "found" || result.kind === "never" ? 0 : 1;
  },
});

const KEYS: Readonly<Record<string, keyof WeakestQuestion["config"]>> = {
  "WEAKEST-RANGE": "ranges",
  "WEAKEST-CLAIM": "claim",
  "WEAKEST-MEASURE": "claim",
  "WEAKEST-SEEDS": "seeds",
  "WEAKEST-BUDGET": "budget",
};
const keyOf = (code: string): keyof WeakestQuestion["config"] | undefined =>
  Object.hasOwn(KEYS, code) ? KEYS[code] : undefined;

/** "a=1,b=300 K" as a point. */
function pointOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(",").map((part) => {
      const at = part.indexOf("=");
      if (at < 1)
        throw new OhmletError({
          code: "WEAKEST-POINT",
          fact: `"${part.slice(0, 60)}" does not say what is set to what`,
          place: { where: "--replay" },
          remedy: "write KNOB=VALUE,KNOB=VALUE",
        });
      return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    }),
  );
}
