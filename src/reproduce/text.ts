/** Quantities beside the paper's, in words: for a terminal and for the tables of a report. */
import { percent, short } from "../display";
import { columns } from "../printable";
import type { Experiment } from "./experiment";
import type { QuantityLine } from "./quantities";

/** "14.6 +- 0.4 %". */
function numberText(value: number | null, spread: number | null, unit: string | null): string {
  if (value === null) return "none";
  return `${short(value)}${spread === null ? "" : ` ± ${short(spread)}`}${unit === null ? "" : ` ${unit}`}`;
}

export const paperText = ({ paper, paper_spread, unit, source }: QuantityLine): string =>
  paper === null ? source : numberText(paper, paper_spread, unit);

export const oursText = ({ ours, ours_spread, unit }: QuantityLine): string =>
  numberText(ours, ours_spread, unit);

export const agreesText = ({ agrees }: QuantityLine): string =>
  agrees === null ? "" : agrees ? "agrees" : "does not";

/** What there is to be wary of; what several lines say is said once. */
export function oddities(lines: readonly QuantityLine[]): string[] {
  const all = lines.flatMap(({ quantity, unsettled, aliasing, cautions }) => [
    ...(unsettled !== null && unsettled > 0
      ? [`${quantity}: ${percent(unsettled)} of nudged phases unsettled`]
      : []),
    ...(aliasing !== null && aliasing > MUCH ? [`${quantity}: aliasing ${percent(aliasing)}`] : []),
    ...cautions,
  ]);
  return [...new Set(all)];
}

/** An estimate that is off by more, as far as its points tell, is said to be. */
const MUCH = 0.1;

export function textOf({ title, paper, figure }: Experiment, lines: readonly QuantityLine[]): string[] {
  const head = ["quantity", "paper", "ours", "", "rule"];
  const rows = lines.map((line) => [
    line.quantity,
    paperText(line),
    oursText(line),
    agreesText(line),
    line.rule,
  ]);
  const odd = oddities(lines);
  return [
    title,
    `${paper}, ${figure}`,
    "",
    ...columns([head, ...rows]),
    ...(odd.length > 0 ? ["", ...odd] : []),
  ];
}
