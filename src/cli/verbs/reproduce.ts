/** `ohmlet reproduce`: an experiment of a paper again, its numbers beside ours. */
import type { Experiment } from "../../reproduce/experiment";
import type { OptionSpecs, ParsedArgs } from "../args";
import type { Io } from "../io";
import { DONE, FAILED, INTERRUPTED } from "../report-error";
import { refuseIdle } from "../unused-options";
import { COMMON, defineVerb } from "../verb";

const OPTIONS = {
  budget: {
    type: "string",
    choices: ["quick", "paper"],
    default: "quick",
    value: "NAME",
    help: "quick: minutes, smaller than the paper's; paper: what the paper ran",
  },
  data: {
    type: "string",
    value: "FOLDER",
    help: "the set that the experiment is about (list says which); some draw digits in its place",
  },
  out: {
    type: "string",
    value: "FOLDER",
    help: "the folder; one that is there is gone on with (default: runs/reproduce-NAME-BUDGET-seedN)",
  },
  seed: { ...COMMON.seed, help: "the first seed; others follow it where the budget has several" },
  engine: {
    ...COMMON.engine,
    default: undefined,
    help: "what computes, in place of the experiment's engine",
  },
  json: { type: "flag", help: "print a line of JSON a quantity instead of text" },
} as const satisfies OptionSpecs;

export const reproduce = defineVerb({
  name: "reproduce",
  saves: true,
  summary: "run an experiment of a paper, its numbers beside ours",
  description:
    "list says which experiments there are. NAME runs one: parts are kept as they end, and the same " +
    "command goes on where it was stopped. The folder gets quantities.jsonl (a line a quantity: the " +
    "paper's number, ours, and whether they agree by the rule beside them), report.html, figures/, and " +
    "trainings/ with a run folder each. What differs from the paper is said.\n\nExit code 0: done, " +
    "whether or not it agrees; 1: a part failed. See docs/reproductions.md.",
  positionals: { name: "NAME", help: "an experiment, or list", least: 1 },
  options: OPTIONS,
  examples: [
    { command: "reproduce list", what: "the experiments" },
    { command: "reproduce laborieux-bias", what: "bias of estimates by amplitude, points and angle" },
    {
      command: "reproduce ernoult-theorem --budget paper --data path/to/mnist",
      what: "all rows of Table 3, as large as in the paper",
    },
  ],
  async run({ options, positionals: [name], given }, io) {
    const { EXPERIMENTS } = await import("../../reproduce");
    if (name === "list") {
      refuseIdle(
        given,
        ["budget", "data", "out", "seed", "engine"].map((option) => ({
          name: option,
          idle: true,
          why: "list runs nothing",
        })),
      );
      return list([...EXPERIMENTS.values()], io);
    }
    const { choose } = await import("../look-up");
    return run(choose(name, "experiment", EXPERIMENTS), options, io);
  },
});

async function list(experiments: readonly Experiment[], io: Io): Promise<number> {
  const { columns } = await import("../../printable");
  io.print(
    ...columns(
      experiments.map(({ name, paper, figure, data }) => [
        name,
        `${paper}, ${figure}`,
        `${data.set}${data.generated ? ", or generated digits" : ""}`,
      ]),
    ),
  );
  for (const { name, title, paper, figure, data, engine } of experiments)
    io.emit({ name, title, paper, figure, data: data.set, generated: data.generated, engine });
  return DONE;
}

async function run(
  experiment: Experiment,
  { budget, data, out, seed, engine }: ParsedArgs<typeof OPTIONS>["options"],
  io: Io,
): Promise<number> {
  const [{ conduct }, { commandLine }] = await Promise.all([
    import("../../reproduce"),
    import("../command-line"),
  ]);
  const folder = out ?? `runs/reproduce-${experiment.name}-${budget}-seed${seed}`;
  const command = commandLine(io.program);
  const end = await conduct(experiment, { budget, seed, engine, data, out: folder, command }, io);
  for (const line of end.lines) io.emit(line);
  if (end.outcome === "interrupted") return INTERRUPTED;
  return end.failed > 0 ? FAILED : DONE;
}
