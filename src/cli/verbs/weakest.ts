/** `ohmlet weakest`: the smallest imperfection that breaks a claim about a run. */
import { OhmletError } from "../../errors";
import type { Remedy, WeakestQuestion } from "../../config";
import { REMEDIES } from "../../config/remedies";
import type { WeakestPoint } from "../../robustness/weakest";
import type { Search } from "../../runs/weakest/search";
import type { OptionSpecs, ParsedArgs } from "../args";
import type { Io } from "../io";
import { DONE, FAILED, INTERRUPTED } from "../report-error";
import { refuseIdle } from "../unused-options";
import { COMMON, defineVerb } from "../verb";

const OPTIONS = {
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
    sets: "data",
    help: "the run's set of data, where its config leaves that to you",
  },
  seed: {
    ...COMMON.seed,
    default: undefined,
    max: 0xffff_0000,
    help: "the first seed, in place of the file's; the others follow it",
  },
  remedy: {
    type: "string",
    choices: REMEDIES,
    value: "NAME",
    help: "for feedback that is not the transpose of the forward direction; alone, in place of the file's remedies",
  },
  engine: { ...COMMON.engine, default: undefined, help: "what computes, in place of the run's engine" },
  report: {
    type: "string",
    value: "FILE.html",
    help: "write a page as well: the point, the margin, who voted, the way of the search",
  },
  json: COMMON.json,
} as const satisfies OptionSpecs;

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
  options: OPTIONS,
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
    const [{ readWeakest }, { readTextFile, readBeside }, { expectDataOf, searchOf }] = await Promise.all([
      import("../../config"),
      import("../../io/config-files"),
      import("../../runs/weakest/search"),
    ]);
    const question = readWeakest(readTextFile(file), readBeside);
    expectDataOf(question, options.data);
    if (options.report !== undefined) (await import("../../io/atomic")).expectReplaceable(options.report);
    const typed = { options, given, positionals: [file] };
    const { remedies = [] } = question.config;
    if (options.remedy === undefined && remedies.length > 0) {
      refuseIdle(given, [
        { name: "replay", idle: true, why: "the file asks with several remedies: name one with --remedy" },
        { name: "report", idle: true, why: "a page is of one search: name one with --remedy" },
      ]);
      const searches = [];
      for (const remedy of remedies)
        searches.push({ remedy, search: await searchOf(question, { ...options, remedy }, io) });
      return sideBySide(question, searches, io);
    }
    const search = await searchOf(question, options, io);
    return options.replay === undefined
      ? searchAll(question, search, typed, io)
      : onePoint(search, options.replay, io);
  },
});

type Args = Omit<ParsedArgs<typeof OPTIONS>, "withUnit">;

async function onePoint(search: Search, asked: string, io: Io): Promise<number> {
  const { verdictText } = await import("../../robustness/weakest");
  const verdict = await search.replay(pointOf(asked));
  io.print(...verdictText(verdict).split("\n"));
  io.emit(verdict);
  return 0;
}

/** The same question with each remedy, one after another, and what each makes of the margin. */
async function sideBySide(
  { config: { question, claim } }: WeakestQuestion,
  searches: readonly { readonly remedy: Remedy; readonly search: Search }[],
  io: Io,
): Promise<number> {
  const { columns } = await import("../../printable");
  const found: { readonly remedy: Remedy; readonly result: WeakestPoint }[] = [];
  for (const { remedy, search } of searches) {
    const result = await search.weakest();
    found.push({ remedy, result });
    if (result.limit === "interruption") break;
  }
  if (question !== undefined) io.print(question);
  io.print(
    `claim  ${Object.entries(claim)
      .map(([name, bound]) => `${name} ${bound}`)
      .join(", ")}`,
  );
  const rows = found.map(({ remedy, result }) => [
    remedy,
    marginText(result),
    `${result.evaluations} trainings, ${result.seconds.toFixed(1)} s`,
  ]);
  io.print(...columns([["remedy", "margin", "cost"], ...rows]));
  const told = found.map(({ remedy, result }) => {
    const { axes: _, ...all } = result;
    return { remedy, ...all };
  });
  io.emit({ remedies: told });
  const kinds = found.map(({ result }) => result.kind);
  if (found.some(({ result }) => result.limit === "interruption")) return INTERRUPTED;
  return kinds.some((kind) => kind === "undecided") ? FAILED : DONE;
}

/** "circuit.angle: holds at 114 degrees, fails at 117 degrees". */
function marginText({ kind, margins, axes, limit }: WeakestPoint): string {
  const degrees = (knob: string, value: number | string): string =>
    `${value}${/(^|\.)angle$/.test(knob) ? " degrees" : ""}`;
  if (kind === "found")
    return margins
      .map(
        ({ knob, failsAt, passesAt }) =>
          `${knob}: ${passesAt === null ? "" : `holds at ${degrees(knob, passesAt)}, `}fails at ` +
          degrees(knob, failsAt),
      )
      .join("; ");
  if (kind === "always") return "fails without any imperfection";
  if (kind === "undecided") return `not known${limit === null ? "" : `: stopped at the budget of ${limit}`}`;
  return `never fails: ${axes.map(({ knob, values }) => `${knob} up to ${degrees(knob, values[values.length - 1])}`).join("; ")}`;
}

async function searchAll(question: WeakestQuestion, search: Search, typed: Args, io: Io): Promise<number> {
  const [{ describeWeakest }, { commandAgain }] = await Promise.all([
    import("../../robustness/weakest"),
    import("../command-line"),
  ]);
  const result = await search.weakest();
  /** The same command without some options, and with others. */
  const again = (without: readonly string[], changed: Readonly<Record<string, string>> = {}): string => {
    const given = new Set([...typed.given].filter((name) => !without.includes(name)));
    return commandAgain(io.program, "weakest", { ...typed, given }, changed);
  };
  const commands: Commands = {
    search: again(["json", "report"]),
    replay: (settings) => again(["json", "report", "evaluations", "seconds"], { replay: settings }),
  };
  if (question.config.question !== undefined) io.print(`question       ${question.config.question}`);
  io.print(...describeWeakest(result, commands.replay).split("\n"));
  const page = typed.options.report;
  if (page !== undefined) {
    await writePage(page, { question, search, result, commands, file: typed.positionals[0] });
    io.print(`page           ${page}`);
  }
  const { axes: _, ...told } = result;
  io.emit(told);
  if (result.limit === "interruption") return INTERRUPTED;
  return result.kind === "found" || result.kind === "never" ? DONE : FAILED;
}

/** What to type to search again, and to see one point again. */
interface Commands {
  readonly search: string;
  readonly replay: (settings: string) => string;
}

async function writePage(
  page: string,
  {
    question: { config },
    search: { run },
    result,
    commands,
    file,
  }: {
    readonly question: WeakestQuestion;
    readonly search: Search;
    readonly result: WeakestPoint;
    readonly commands: Commands;
    /** Of the question, which may have no name. */
    readonly file: string;
  },
): Promise<void> {
  const [{ weakestReport }, { reportHtml }, { writeAtomically }, { describePath }, { version }] =
    await Promise.all([
      import("../../runs/weakest/report"),
      import("../../plot/report"),
      import("../../io/atomic"),
      import("../../config"),
      import("../../runs/version"),
    ]);
  const report = weakestReport(result, {
    name: config.name ?? file,
    question: config.question,
    claim: config.claim,
    command: commands.search,
    replay: commands.replay,
    engine: run.config.engine,
    ohmlet: await version(),
    about: (knob) => describePath("run", knob, run.config),
  });
  writeAtomically(page, reportHtml(report));
}

/** "a=1,b=300 K" as a point. */
function pointOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(",").map((part) => {
      const at = part.indexOf("=");
      if (at < 1)
        throw new OhmletError({
          code: "WEAKEST-POINT",
          fact: `"${part.slice(0, 60)}" does not say what is set to what`,
          place: { where: "weakest, --replay" },
          remedy: "write KNOB=VALUE,KNOB=VALUE",
        });
      return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    }),
  );
}
