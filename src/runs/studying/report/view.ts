/**
 * A study and what came of it, prepared for telling: the measure that it is about, the best and the worst
 * point, what moves them.
 */
import type { KnobValue, PointSummary, Share, Study, Summary, Trial, TrialResult } from "../../../study";
import { wilson } from "../../../study";
import { knobNames, wantedText, wordsOf } from "./words";

export interface View {
  readonly study: Study;
  readonly summary: Summary;
  readonly trials: readonly Trial[];
  readonly results: ReadonlyMap<string, TrialResult>;
  /** All that was measured, parts included: "cosine", "cosine.l1". */
  readonly measures: readonly string[];
  /** What the report is about: the measure of the spec, else the first. */
  readonly main: string | undefined;
  /** The spec in words; "" without one. */
  readonly wanted: string;
  /** Short name of a knob. */
  readonly knob: (name: string) => string;
}

export function viewOf(
  study: Study,
  summary: Summary,
  trials: readonly Trial[],
  results: ReadonlyMap<string, TrialResult>,
): View {
  const found = [...new Set(summary.points.flatMap(({ measures }) => Object.keys(measures)))];
  const measures = study.measures.flatMap((name) =>
    found.filter((one) => one === name || one.startsWith(`${name}.`)),
  );
  const main = measures.find((name) => study.spec.some(({ measure }) => measure === name)) ?? measures[0];
  return {
    study,
    summary,
    trials,
    results,
    measures,
    main,
    wanted: wantedText(study.spec),
    knob: knobNames(study),
  };
}

/** Points from best to worst: by yield where there is a spec, then by the mean of the main measure. */
export function ranked({ summary: { points }, main }: View): PointSummary[] {
  if (main === undefined) return [];
  const sign = wordsOf(main).small ? -1 : 1;
  const mean = (point: PointSummary): number =>
    point.measures[main] === undefined ? -Infinity : sign * point.measures[main].mean;
  return points
    .filter((point) => point.measures[main] !== undefined || point.yield !== undefined)
    .sort((a, b) => (b.yield?.share ?? 0) - (a.yield?.share ?? 0) || mean(b) - mean(a));
}

/** Values of a knob in their order: numbers by size, others as they were listed. */
export function valuesOf(
  { study: { axes }, summary: { points } }: Pick<View, "study" | "summary">,
  knob: string,
): KnobValue[] {
  const all = [
    ...new Set(points.flatMap(({ values }) => (Object.hasOwn(values, knob) ? [values[knob]] : []))),
  ];
  if (all.every((v) => typeof v === "number")) return all.sort((a, b) => a - b);
  const axis = axes.find((one) => one.knob === knob);
  const listed = axis?.kind === "list" ? axis.values : [];
  return all.sort((a, b) => listed.indexOf(a) - listed.indexOf(b));
}

/** Whether every combination of the knobs' values was tried. */
export const isGrid = ({ study: { sampling } }: View): boolean =>
  sampling.kind === "grid" || sampling.kind === "corners";

/** What is left of a figure when points are taken together. */
export interface Pooled {
  /** Mean of the points' means; undefined where no chip has it. */
  readonly mean: number | undefined;
  readonly least: number;
  readonly most: number;
  readonly yield: Share | undefined;
}

export function pool(points: readonly PointSummary[], measure: string): Pooled {
  const means = points.flatMap((point) => point.measures[measure]?.mean ?? []);
  const of = points.reduce((sum, point) => sum + (point.yield?.of ?? 0), 0);
  const passed = points.reduce((sum, point) => sum + (point.yield?.passed ?? 0), 0);
  return {
    mean: means.length === 0 ? undefined : means.reduce((sum, x) => sum + x, 0) / means.length,
    least: Math.min(...means),
    most: Math.max(...means),
    yield: of === 0 ? undefined : wilson(passed, of),
  };
}

/** How far a knob moves the main measure. */
export interface Move {
  readonly knob: string;
  /** Where the measure is largest and where it is smallest. */
  readonly from: { readonly value: KnobValue; readonly mean: number };
  readonly to: { readonly value: KnobValue; readonly mean: number };
}

/**
 * What each knob does to the main measure, the others averaged (grids) or left (one at a time); the widest
 * first.
 */
export function moves(view: View): Move[] {
  const { study, summary, main } = view;
  if (main === undefined) return [];
  const swings = summary.tornado?.[main];
  const all =
    swings?.map(({ knob, low, high }): Move => ({ knob, from: low, to: high })) ??
    (isGrid(view)
      ? study.axes.flatMap(({ knob }): Move[] => {
          const means = valuesOf(view, knob).flatMap((value) => {
            const { mean } = pool(
              summary.points.filter(({ values }) => values[knob] === value),
              main,
            );
            return mean === undefined ? [] : [{ value, mean }];
          });
          if (means.length < 2) return [];
          const [most, least] = [
            means.reduce((a, b) => (b.mean > a.mean ? b : a)),
            means.reduce((a, b) => (b.mean < a.mean ? b : a)),
          ];
          // In the order of the knob's values.
          return [
            means.indexOf(most) <= means.indexOf(least)
              ? { knob, from: most, to: least }
              : { knob, from: least, to: most },
          ];
        })
      : []);
  return [...all].sort((a, b) => Math.abs(b.to.mean - b.from.mean) - Math.abs(a.to.mean - a.from.mean));
}
