/** What came out, in words and in a few big figures: what somebody reads who has not seen the study. */
import type { Headline } from "../../../plot/report-types";
import type { KnobValue, PointSummary, Share } from "../../../study";
import {
  failedOf,
  familyOf,
  percent,
  pointText,
  settingText,
  shareText,
  spreadText,
  valueText,
  wordsOf,
} from "./words";
import { isGrid, moves, pool, ranked, valuesOf, type Move, type View } from "./view";

export function answerOf(view: View): string {
  const {
    main,
    summary: { points },
  } = view;
  const order = ranked(view);
  if (main === undefined || order.length === 0) return "No chip gave a result.";
  const [best, worst] = [order[0], order[order.length - 1]];
  const came = [
    view.wanted === "" ? extremes(view, main, best, worst) : yields(view, main, best, worst),
    crossing(view),
    shift(view),
    others(view),
  ];
  const matters = points.length > 1 ? whatMatters(view) : "";
  // Some designs are there to tell which knob matters: then that comes first.
  return (
    /^(one-at-a-time|sensitivity)$/.test(view.study.sampling.kind) ? [matters, ...came] : [...came, matters]
  )
    .filter((text) => text !== "")
    .join(" ");
}

function yields(view: View, main: string, best: PointSummary, worst: PointSummary): string {
  const {
    wanted,
    knob,
    summary: { points },
  } = view;
  const [high, low, all] = [best.yield, worst.yield, overRanges(view, main)];
  if (high === undefined || low === undefined) return "";
  if (all !== undefined)
    return (
      `Over the ranges of all knobs, ${percent(all.share)} of chips keep ${wanted} (95 % interval ` +
      `${(100 * all.low).toFixed(0)} to ${(100 * all.high).toFixed(0)} %).`
    );
  const mean = best.measures[main] === undefined ? null : valueText(main, best.measures[main].mean);
  const there = `at ${pointText(best.values, knob)}`;
  if (high.passed === 0) {
    const anywhere = points.length > 1 ? ", at any point" : "";
    return `No chip keeps ${wanted}${anywhere}${mean === null ? "" : `; the best mean is ${mean}, ${there}`}.`;
  }
  const interval = `95 % interval ${(100 * high.low).toFixed(0)} to ${(100 * high.high).toFixed(0)} %`;
  const chips = `${percent(high.share)} of chips keep ${wanted}`;
  const same = points.filter((point) => point.yield?.share === high.share).length;
  if (points.length === 1) return `${chips} (${interval}).`;
  const where = same === 1 ? there : `at ${same} of ${points.length} points`;
  const among = same === 1 || mean === null ? "" : `, with the best mean, ${mean}, ${there}`;
  const fewest = `; fewest, ${percent(low.share)}, at ${pointText(worst.values, knob)}`;
  return `${chips} ${where} (${interval})${among}${same === points.length ? "" : fewest}.`;
}

function extremes(
  { knob, summary: { points } }: View,
  main: string,
  best: PointSummary,
  worst: PointSummary,
): string {
  const { label, small } = wordsOf(main);
  const told = (point: PointSummary): string =>
    point.measures[main] === undefined ? "no chip has one" : valueText(main, point.measures[main].mean);
  const chips = best.measures[main]?.chips ?? 0;
  if (points.length > 1 && told(best) === told(worst)) return `Mean ${label}: ${told(best)} at every point.`;
  const first =
    `Mean ${label}: best ${told(best)}${chips > 1 ? ` over ${chips} chips` : ""}, at ` +
    `${pointText(best.values, knob)}`;
  return points.length === 1
    ? `${first}.`
    : `${first}; ${small ? "largest" : "lowest"} ${told(worst)}, at ${pointText(worst.values, knob)}.`;
}

/** Measures besides the main one that are told in a sentence, where there is no spec to say which matters. */
const MOST_OTHERS = 3;

function others({ main, wanted, measures, knob, summary: { points } }: View): string {
  if (wanted !== "" || points.length < 2) return "";
  return measures
    .filter((name) => name !== main && familyOf(name) === name)
    .slice(0, MOST_OTHERS)
    .map((name) => {
      const order = points
        .filter((point) => point.measures[name] !== undefined)
        .sort((a, b) => a.measures[name].mean - b.measures[name].mean);
      if (order.length < 2) return "";
      const [least, most] = [order[0], order[order.length - 1]];
      return (
        `Mean ${wordsOf(name).label}: from ${valueText(name, least.measures[name].mean)} at ` +
        `${pointText(least.values, knob)} to ${valueText(name, most.measures[name].mean)} at ` +
        `${pointText(most.values, knob)}.`
      );
    })
    .filter((text) => text !== "")
    .join(" ");
}

/** The yield of a design that draws its points from the ranges: there a single point means little. */
const overRanges = (view: View, main: string): Share | undefined =>
  /^(random|sobol|sensitivity)$/.test(view.study.sampling.kind)
    ? pool(view.summary.points, main).yield
    : undefined;

/** Where the yield crosses one half, if it does so once, along a single knob with numbers. */
function crossing(view: View): string {
  const {
    study: { axes },
    summary: { points },
    wanted,
    knob,
  } = view;
  if (axes.length !== 1 || wanted === "" || !isGrid(view)) return "";
  const [{ knob: name }] = axes;
  const values = valuesOf(view, name);
  if (!values.every((value) => typeof value === "number")) return "";
  const good = values.map(
    (value) => (points.find((point) => point.values[name] === value)?.yield?.share ?? 0) >= 0.5,
  );
  const changes = good.flatMap((now, k) => (k > 0 && now !== good[k - 1] ? [k] : []));
  if (changes.length !== 1) return "";
  const [k] = changes;
  return good[k]
    ? `Half of the chips or more do from ${knob(name)} ${settingText(values[k])} on.`
    : `Half of the chips or more do up to ${knob(name)} ${settingText(values[k - 1])}.`;
}

/**
 * Of a grid: whether the best value of one knob depends on another, by more than the scatter of the chips.
 */
function shift(view: View): string {
  const {
    study: { axes },
    summary: { points },
    main,
    knob,
  } = view;
  if (main === undefined || !isGrid(view) || axes.length < 2 || axes.length > 3) return "";
  const [x, y, third] = axes
    .map((axis) => axis.knob)
    .sort((a, b) => valuesOf(view, b).length - valuesOf(view, a).length);
  const rows = valuesOf(view, y);
  for (const rest of third === undefined ? [null] : valuesOf(view, third)) {
    const row = (value: KnobValue): PointSummary[] =>
      points.filter(
        ({ values, measures }) =>
          values[y] === value && (rest === null || values[third] === rest) && measures[main] !== undefined,
      );
    const best = (of: readonly PointSummary[]): PointSummary | undefined =>
      ranked({
        ...view,
        summary: { ...view.summary, points: of.map((point) => ({ ...point, yield: undefined })) },
      })[0];
    const [first, last] = [row(rows[0]), row(rows[rows.length - 1])];
    const [atFirst, atLast] = [best(first), best(last)];
    if (
      atFirst === undefined ||
      atLast === undefined ||
      !differ(main, last, atLast, atFirst.values[x], x) ||
      !differ(main, first, atFirst, atLast.values[x], x)
    )
      continue;
    return (
      `The best ${knob(x)} goes from ${settingText(atFirst.values[x])} at ${knob(y)} ` +
      `${settingText(rows[0])} to ${settingText(atLast.values[x])} at ${knob(y)} ` +
      `${settingText(rows[rows.length - 1])}${rest === null ? "" : ` (${knob(third)} ${settingText(rest)})`}.`
    );
  }
  return "";
}

/** Whether the best of a row is better than another of it by more than two standard errors. */
function differ(
  main: string,
  row: readonly PointSummary[],
  best: PointSummary,
  value: KnobValue,
  x: string,
): boolean {
  const other = row.find(({ values }) => values[x] === value);
  if (other === undefined || other === best) return false;
  const [a, b] = [best.measures[main], other.measures[main]];
  return Math.abs(a.mean - b.mean) > 2 * Math.sqrt(a.deviation ** 2 / a.chips + b.deviation ** 2 / b.chips);
}

function whatMatters(view: View): string {
  const {
    study: { axes },
    summary: { sensitivity },
    main,
    knob,
  } = view;
  if (main === undefined || axes.length < 2) return "";
  const { label } = wordsOf(main);
  const indices = sensitivity?.[main];
  if (indices !== undefined) {
    const [first, last] = [indices[0], indices[indices.length - 1]];
    return (
      `Of the knobs, ${knob(first.knob)} matters most for the ${label}, taking part in ` +
      `${share(first.total)} of its variance; ${knob(last.knob)} least, in ${share(last.total)}.`
    );
  }
  const all = moves(view);
  if (all.length < 2) return "";
  return (
    `Of the knobs, ${knob(all[0].knob)} moves the ${label} most, ` +
    `${moveText(main, all[0])}${isGrid(view) ? " on average over the other knobs" : ""}; ` +
    `${knob(all[all.length - 1].knob)} least, ${moveText(main, all[all.length - 1])}.`
  );
}

const share = (index: number): string => `${(100 * Math.min(1, Math.max(0, index))).toFixed(0)} %`;

const moveText = (main: string, { from, to }: Move): string =>
  `from ${valueText(main, from.mean)} (at ${settingText(from.value)}) to ${valueText(main, to.mean)} ` +
  `(at ${settingText(to.value)})`;

export function headlineOf(view: View, trained: boolean): Headline[] {
  const { study, summary, main, wanted, knob } = view;
  const failed = summary.points.reduce((sum, point) => sum + failedOf(point), 0);
  const order = ranked(view);
  const points = summary.points.length;
  const head: Headline = {
    label: trained ? "chips trained and measured" : "chips measured as fabricated",
    value: `${summary.trials - failed}`,
    detail:
      `${points} ${points === 1 ? "point" : "points"}, ${study.chips} ` +
      `${study.chips === 1 ? "chip" : "chips"} ` +
      `each${failed > 0 ? `; ${failed} of ${summary.trials} failed` : ""}`,
  };
  if (main === undefined || order.length === 0) return [head];
  const best = order[0];
  const spread = best.measures[main];
  const [most, all] = [mattering(view), overRanges(view, main)];
  return [
    head,
    ...(all !== undefined
      ? [{ label: `yield over the ranges: ${wanted}`, value: percent(all.share), detail: shareText(all) }]
      : []),
    ...(best.yield === undefined || all !== undefined
      ? []
      : [
          {
            label: `highest yield: ${wanted}`,
            value: percent(best.yield.share),
            detail: `${shareText(best.yield)} at ${pointText(best.values, knob)}`,
          },
        ]),
    ...(spread === undefined
      ? []
      : [
          {
            label:
              `mean ${wordsOf(main).label} ` +
              `${best.yield === undefined || all !== undefined ? "at the best point" : "there"}`,
            value: spreadText(main, spread),
            detail:
              best.yield === undefined || all !== undefined
                ? pointText(best.values, knob)
                : `mean ± standard deviation over chips`,
          },
        ]),
    ...(most === null ? [] : [most]),
  ];
}

function mattering(view: View): Headline | null {
  const {
    study: { axes },
    summary: { sensitivity },
    main,
    knob,
  } = view;
  if (main === undefined || axes.length < 2) return null;
  const label = "knob that matters most";
  const indices = sensitivity?.[main];
  if (indices !== undefined)
    return {
      label,
      value: knob(indices[0].knob),
      detail: `takes part in ${share(indices[0].total)} of the variance`,
    };
  const [first] = moves(view);
  return first === undefined ? null : { label, value: knob(first.knob), detail: moveText(main, first) };
}
