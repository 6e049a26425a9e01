/** The report of a reproduction: the paper's numbers beside ours, and pictures that its reader recognises. */
import { count } from "../display";
import type { Headline, Note, Report, Table } from "../plot/report-types";
import type { Experiment, Planned } from "./experiment";
import { foundIn, type Ended, type QuantityLine } from "./quantities";
import { agreesText, oddities, oursText, paperText } from "./text";

export interface ReproductionAbout {
  readonly lines: readonly QuantityLine[];
  readonly ended: readonly Ended[];
  /** Data, in words. */
  readonly data: string;
  /** What was typed. */
  readonly command: string;
  readonly ohmlet: string;
}

export function reproductionReport(
  { name, title, paper, figure }: Experiment,
  planned: Planned,
  { lines, ended, data, command, ohmlet }: ReproductionAbout,
): Report {
  const judged = lines.filter(({ agrees }) => agrees !== null);
  const agreeing = judged.filter(({ agrees }) => agrees);
  const seconds = ended.reduce((sum, one) => sum + one.seconds, 0);
  const headline: Headline[] = [
    {
      label: "agrees with the paper",
      value: `${agreeing.length} of ${judged.length}`,
      detail: `${lines.length - judged.length} more have no number to be held against`,
    },
    ...lines
      .filter(({ agrees, paper: theirs }) => agrees !== null && theirs !== null)
      .slice(0, 2)
      .map((line) => ({
        label: line.quantity,
        value: oursText(line),
        detail: `the paper: ${paperText(line)}`,
      })),
  ];
  return {
    title: `Reproduction ${name}`,
    question: title,
    summary:
      `${paper}, ${figure}: ${agreeing.length} of ${judged.length} quantities agree by the rules beside them` +
      `${planned.budget.differs.length > 0 ? "; what differs from the paper is among the warnings" : ""}.`,
    headline,
    facts: [
      ["paper", `${paper}, ${figure}`],
      ["budget", lines[0]?.budget ?? ""],
      ["data", data],
      ["engine", [...new Set(ended.map(({ engine }) => engine))].join(", ")],
      ["took", `${seconds.toFixed(0)} s, ${count(ended.length, "part")}`],
      ["version", `Ohmlet ${ohmlet}`],
    ],
    commands: [{ command, what: "The same again, or on where it was stopped." }],
    tables: [table(lines)],
    figures: planned.figures(foundIn(ended)),
    notes: notesOf(planned, lines),
  };
}

const table = (lines: readonly QuantityLine[]): Table => ({
  title: "The paper and ours",
  caption: "Means over seeds, and standard deviations where there are several.",
  columns: ["quantity", "paper", "ours", "agrees", "rule", "seeds", "seconds", "engine"],
  prose: true,
  rows: lines.map((line) => [
    line.quantity,
    paperText(line),
    oursText(line),
    agreesText(line),
    line.rule,
    String(line.seeds),
    line.seconds.toFixed(1),
    line.engine,
  ]),
});

function notesOf({ budget: { differs } }: Planned, lines: readonly QuantityLine[]): Note[] {
  const odd = oddities(lines);
  return [
    ...differs.map((text) => ({ kind: "warning" as const, text: `Differs from the paper: ${text}` })),
    ...odd.map((text) => ({ kind: "warning" as const, text })),
  ];
}
