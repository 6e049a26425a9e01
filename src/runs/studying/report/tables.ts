/**
 * The tables of a study: what was varied, every point, and the chips that are worth another look with the
 * command that shows them.
 */
import type { Table } from "../../../plot/report-types";
import type { Axis, Trial, TrialResult } from "../../../study";
import { counts } from "../describe";
import { ranked, type View } from "./view";
import { failedOf, pointText, settingText, shareText, spreadText, valueText, wordsOf } from "./words";

/** Most rows of the table of points; all are in results.csv. */
const MOST_ROWS = 200;

/** @param about what a knob is, from the schema */
export function knobTable(
  { study: { axes }, knob }: View,
  about: (knob: string) => string | undefined,
): Table {
  return {
    last: true,
    prose: true,
    title: "What was varied",
    caption: "Everything else is as study.json says.",
    columns: ["knob", "setting of the run", "values", "what it is"],
    rows: axes.map((axis) => [knob(axis.knob), axis.knob, axisText(axis), about(axis.knob) ?? ""]),
  };
}

function axisText(axis: Axis): string {
  if (axis.kind === "range")
    return (
      `${settingText(axis.from)} to ` +
      `${settingText(axis.to)}${axis.points === undefined ? "" : `, ${axis.points} values`}${axis.scale === "log" ? ", equal factors" : ""}`
    );
  const shown = axis.values.slice(0, 12).map(settingText).join(", ");
  return axis.values.length > 12 ? `${shown} and ${axis.values.length - 12} more` : shown;
}

export function pointTable({ study, summary: { points }, measures, wanted, knob }: View): Table {
  const knobs = study.axes.map((axis) => axis.knob);
  const failed = points.some((point) => failedOf(point) > 0);
  const warned = points.some(({ warnings }) => Object.keys(warnings).length > 0);
  const more =
    points.length > MOST_ROWS
      ? ` The first ${MOST_ROWS} of ${points.length} points; all are in results.csv.`
      : "";
  return {
    last: true,
    title: "Every point",
    names: knobs.length + 1,
    caption:
      "Means ± standard deviations over " +
      `chips${wanted === "" ? "" : `; the yield is the share of chips with ${wanted}, with Wilson's 95 % interval`}.${more}`,
    columns: [
      "point",
      ...knobs.map(knob),
      "chips",
      ...(failed ? ["failed"] : []),
      ...(warned ? ["warned of"] : []),
      ...(wanted === "" ? [] : ["yield"]),
      ...measures.map((name) => (name.includes(".") ? name : wordsOf(name).label)),
    ],
    rows: points
      .slice(0, MOST_ROWS)
      .map((point) => [
        String(point.point),
        ...knobs.map((name) =>
          Object.hasOwn(point.values, name) ? settingText(point.values[name]) : "as it is",
        ),
        String(point.chips),
        ...(failed ? [counts(point.faults)] : []),
        ...(warned ? [counts(point.warnings)] : []),
        ...(wanted === "" ? [] : [point.yield === undefined ? "" : shareText(point.yield)]),
        ...measures.map((name) =>
          point.measures[name] === undefined ? "–" : spreadText(name, point.measures[name]),
        ),
      ]),
  };
}

/** Failed chips that are named, one of each code. */
const MOST_FAULTS = 5;

/** @param replay what shows a chip again */
export function chipTable(view: View, replay: (point: number, chip: number) => string): Table[] {
  const { main, trials, results, knob } = view;
  const order = ranked(view);
  const known = trials.flatMap((trial) => {
    const result = results.get(trial.key);
    return result === undefined ? [] : [{ trial, result }];
  });
  const faults = new Map<string, { trial: Trial; result: TrialResult }>();
  for (const one of known)
    if (one.result.fault !== undefined && !faults.has(one.result.fault)) faults.set(one.result.fault, one);
  const measured =
    main === undefined
      ? []
      : known.flatMap(({ trial, result }) => {
          const value = result.measures[main];
          return typeof value === "number" ? [{ trial, value }] : [];
        });
  const sign = main !== undefined && wordsOf(main).small ? -1 : 1;
  const sorted = [...measured].sort((a, b) => sign * (b.value - a.value));
  const atBest = sorted.filter(({ trial }) => trial.point === order[0]?.point);
  const picked = [
    { what: "the best chip", one: sorted[0] },
    {
      what: "the worst chip at the best point",
      one: atBest.length > 1 ? atBest[atBest.length - 1] : undefined,
    },
    { what: "the worst chip", one: sorted.length > 1 ? sorted[sorted.length - 1] : undefined },
  ].flatMap(({ what, one }) =>
    one === undefined || main === undefined
      ? []
      : [{ what, trial: one.trial, came: valueText(main, one.value) }],
  );
  const failed = [...faults]
    .slice(0, MOST_FAULTS)
    .map(([code, { trial }]) => ({ what: "a chip that failed", trial, came: code }));
  const rows = [...picked, ...failed].filter(
    ({ trial }, k, all) => all.findIndex((other) => other.trial.key === trial.key) === k,
  );
  if (rows.length === 0) return [];
  return [
    {
      last: true,
      title: "Chips to look at again",
      caption:
        "Each command fabricates this one chip anew, from the seed of its key, and prints what it " +
        "measures, digit for digit. With  --write chip.yaml  it becomes a run of its own, for  ohmlet " +
        "train chip.yaml  to report on.",
      columns: [
        "which",
        "settings",
        main === undefined ? "came to" : wordsOf(main).label,
        "chip",
        "seed",
        "to see it again",
      ],
      rows: rows.map(({ what, trial, came }) => [
        what,
        pointText(trial.values, knob),
        came,
        String(trial.chip),
        String(trial.seed),
        replay(trial.point, trial.chip),
      ]),
    },
  ];
}
