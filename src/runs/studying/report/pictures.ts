/**
 * The pictures of a study, as its sampling calls for: maps of two knobs, curves over one, what matters most,
 * how chips differ.
 */
import type { Figure } from "../../../plot/report-types";
import { keeps, type PointSummary } from "../../../study";
import { alignment, curveOver, pooledCurves, scatter } from "./curves";
import { heatMaps } from "./maps";
import { isGrid, ranked, valuesOf, type View } from "./view";
import { familyOf, pointText, settingText, wordsOf } from "./words";

/** Most pictures of a page, and knobs that get pictures of their own. */
const MOST = 24;
const MOST_KNOBS = 8;
/** Chips of a point that are worth a histogram. */
const ENOUGH = 8;

export function picturesOf(view: View): Figure[] {
  const {
    study: { axes, sampling },
    main,
  } = view;
  if (main === undefined) return [];
  const knobs = axes.slice(0, MOST_KNOBS).map(({ knob }) => knob);
  const others = view.measures.filter((name) => name !== main && familyOf(name) === name);
  const by = (knob: string, figures: readonly Figure[]): Figure[] =>
    figures.map((figure) => ({ group: axes.length === 1 ? undefined : `By ${view.knob(knob)}`, ...figure }));
  const over = (knob: string, names: readonly string[], many: boolean): Figure[] => [
    ...curveOver(view, knob, "yield", many),
    ...names.flatMap((name) => curveOver(view, knob, name, many)),
    ...alignment(view, knob),
  ];
  const figures = ((): Figure[] => {
    if (sampling.kind === "one-at-a-time")
      return [
        ...tornados(view),
        ...knobs
          .filter((knob) => valuesOf(view, knob).length > 2)
          .flatMap((knob) => by(knob, over(knob, [main], false))),
      ];
    if (!isGrid(view)) return [...rankings(view), ...knobs.flatMap((knob) => by(knob, scatter(view, knob)))];
    if (axes.length === 1) return over(knobs[0], [main, ...others], false);
    const maps = heatMaps(view, [
      main,
      ...(view.wanted === "" ? [] : ["yield"]),
      ...(axes.length === 2 ? view.measures.filter((name) => name !== main) : others),
    ]);
    return [
      ...maps,
      ...knobs.flatMap((knob) =>
        by(knob, axes.length === 2 ? over(knob, [main], true) : pooledCurves(view, knob)),
      ),
    ];
  })();
  return [...figures.slice(0, MOST), ...chips(view)];
}

function tornados({ summary: { tornado = {} }, study, main, knob }: View): Figure[] {
  const shown = [main, "yield", ...study.measures].filter(
    (name, k, all): name is string =>
      name !== undefined && all.indexOf(name) === k && Object.hasOwn(tornado, name),
  );
  return shown.flatMap((name): Figure[] => {
    const swings = tornado[name];
    if (swings.length === 0) return [];
    const { label, caption, percent } =
      name === "yield" ? { label: "yield", caption: "", percent: true } : wordsOf(name);
    const bars = swings.map(({ knob: own, low, high }) => ({
      name: knob(own),
      low: { setting: settingText(low.value), outcome: low.mean },
      high: { setting: settingText(high.value), outcome: high.mean },
    }));
    return [
      {
        kind: "tornado",
        title: `Which knob matters for the ${label}?`,
        caption:
          `Mean ${label} where one knob goes to its first (upper bar) and its last value (lower bar); the line is the run as it is. ${caption}`.trim(),
        xLabel: label,
        percent,
        base: swings[0].base,
        bars,
      },
    ];
  });
}

function rankings({ summary: { sensitivity = {} }, study, main, knob }: View): Figure[] {
  const shown = [main, "yield", ...study.measures].filter(
    (name, k, all): name is string =>
      name !== undefined && all.indexOf(name) === k && Object.hasOwn(sensitivity, name),
  );
  return shown.map((name): Figure => {
    const label = name === "yield" ? "yield" : wordsOf(name).label;
    return {
      kind: "ranking",
      title: `Which knob matters for the ${label}?`,
      caption:
        "Sobol indices: the share of the variance over the ranges that a knob explains alone, and " +
        "with all that it takes part in. Few points make them scatter, even below 0 and above 1.",
      xLabel: "share of the variance",
      bars: ["alone (first order)", "in all (total)"],
      rows: sensitivity[name].map(({ knob: own, first, total }) => ({
        name: knob(own),
        values: [first, total],
      })),
    };
  });
}

/** How the chips of the best and of the worst point differ among themselves. */
function chips(view: View): Figure[] {
  const {
    study,
    main,
    knob,
    summary: { points },
  } = view;
  const order = ranked(view);
  if (main === undefined || order.length === 0) return [];
  const shown = [
    { point: order[0], which: "best" },
    ...(points.length > 1 ? [{ point: order[order.length - 1], which: "worst" }] : []),
  ];
  return shown.flatMap(({ point, which }): Figure[] => {
    const values = valuesAt(view, point, main);
    if (values.length < ENOUGH) return [];
    const bound = study.spec.find(({ measure }) => measure === main);
    const good =
      bound === undefined
        ? ""
        : ` ${values.filter((value) => keeps({ [main]: value }, bound)).length} of ${values.length} are ` +
          "on the right side of the bound.";
    const words = wordsOf(main);
    const factor = words.percent === true ? 100 : 1;
    return [
      {
        kind: "histogram",
        group: "How chips differ",
        title: points.length === 1 ? `Chips: ${words.label}` : `Chips at the ${which} point: ${words.label}`,
        caption: `At ${pointText(point.values, knob)}.${good}`,
        values: values.map((value) => value * factor),
        unit: words.percent === true ? `${words.label}, %` : words.label,
        of: "chips",
        ...(bound !== undefined && { mark: { x: bound.bound * factor, name: view.wanted } }),
      },
    ];
  });
}

function valuesAt({ trials, results }: View, { point }: PointSummary, measure: string): number[] {
  return trials
    .filter((trial) => trial.point === point)
    .flatMap(({ key }) => {
      const value = results.get(key)?.measures[measure];
      return typeof value === "number" && Number.isFinite(value) ? [value] : [];
    });
}
