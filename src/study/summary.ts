/**
 * What came out of a study, point by point over its chips. It depends on the results and not on their order
 * of arrival.
 */
import { keeps } from "./comparison";
import { readStudy } from "./read";
import { sobolIndices } from "./sensitivity";
import { spreadOf, wilson } from "./statistics";
import { endsOf } from "./axis";
import type {
  Measures,
  Plan,
  Point,
  PointSummary,
  Sensitivity,
  Study,
  Summary,
  Swing,
  Trial,
  TrialResult,
} from "./types";

/**
 * What a study found so far: each point with the spread of its measures over chips and its yield, and, where
 * the sampling gives them, sensitivities and swings.
 * @param results of any of the plan's trials, in any order
 */
export function summaryOf(
  study: Study,
  plan: Plan,
  trials: readonly Trial[],
  results: ReadonlyMap<string, TrialResult>,
): Summary {
  const byPoint = new Map<number, TrialResult[]>();
  for (const { key, point } of trials) {
    const result = results.get(key);
    if (result === undefined) continue;
    const list = byPoint.get(point);
    if (list === undefined) byPoint.set(point, [result]);
    else list.push(result);
  }
  const points = plan.points.flatMap((point) => {
    const own = byPoint.get(point.index);
    return own === undefined ? [] : [pointSummary(study, point, own)];
  });
  const { name, question, sampling, chips, seed } = readStudy(study);
  const whole = points.length === plan.points.length;
  return {
    name,
    ...(question !== undefined && { question }),
    sampling,
    chips,
    seed,
    trials: points.reduce((sum, point) => sum + point.chips, 0),
    points,
    ...(whole && sampling.kind === "sensitivity" && { sensitivity: sensitivities(study, plan, points) }),
    ...(whole && sampling.kind === "one-at-a-time" && { tornado: tornados(study, points) }),
  };
}

function pointSummary(
  { spec }: Study,
  { index, values }: Point,
  results: readonly TrialResult[],
): PointSummary {
  const faults: Record<string, number> = {};
  for (const { fault } of results) if (fault !== undefined) faults[fault] = (faults[fault] ?? 0) + 1;
  const warnings: Record<string, number> = {};
  for (const code of results.flatMap((result) => result.warnings ?? []).sort())
    warnings[code] = (warnings[code] ?? 0) + 1;
  const measures = Object.fromEntries(
    measureNames(results.map((result) => result.measures)).flatMap((name) => {
      const values = results.flatMap((result) => finite(result.measures, name));
      return values.length === 0 ? [] : [[name, spreadOf(values)]];
    }),
  );
  const passed = results.filter(
    (result) => result.fault === undefined && spec.every((comparison) => keeps(result.measures, comparison)),
  ).length;
  return {
    point: index,
    values,
    chips: results.length,
    faults,
    warnings,
    measures,
    ...(spec.length > 0 && { yield: wilson(passed, results.length) }),
  };
}

/** All names, sorted. */
export function measureNames(all: readonly Measures[]): string[] {
  return [...new Set(all.flatMap((measures) => Object.keys(measures)))].sort();
}

function finite(measures: Measures, name: string): number[] {
  const value = Object.hasOwn(measures, name) ? measures[name] : null;
  return value !== null && Number.isFinite(value) ? [value] : [];
}

/** The figure of a point that is compared between points: the mean over chips, or the yield. */
const figureOf = (point: PointSummary, measure: string): number | undefined =>
  measure === "yield" ? point.yield?.share : point.measures[measure]?.mean;

const compared = (points: readonly PointSummary[]): string[] =>
  [...new Set(points.flatMap(({ measures }) => Object.keys(measures)))]
    .sort()
    .concat(points.some((point) => point.yield !== undefined) ? ["yield"] : []);

function sensitivities(
  { axes }: Study,
  { design }: Plan,
  points: readonly PointSummary[],
): Record<string, Sensitivity[]> {
  const width = axes.length + 2;
  return Object.fromEntries(
    compared(points).flatMap((measure) => {
      const figures = design.map((at) => figureOf(points[at], measure));
      // A point whose chips all failed has no figure, and a design with a hole no indices.
      if (!figures.every((figure) => figure !== undefined)) return [];
      const rows = Array.from({ length: design.length / width }, (_, j) =>
        figures.slice(j * width, (j + 1) * width),
      );
      const indices = sobolIndices(rows, axes.length);
      if (indices === null) return [];
      const ranked = axes
        .map(({ knob }, i) => ({ knob, first: indices.first[i], total: indices.total[i] }))
        .sort((a, b) => b.total - a.total);
      return [[measure, ranked]];
    }),
  );
}

function tornados({ axes }: Study, points: readonly PointSummary[]): Record<string, Swing[]> {
  const alone = (knob: string, value: unknown): PointSummary | undefined =>
    points.find(({ values }) => Object.hasOwn(values, knob) && values[knob] === value);
  return Object.fromEntries(
    compared(points).flatMap((measure) => {
      const base = figureOf(points[0], measure);
      if (base === undefined) return [];
      const swings = axes.flatMap((axis): Swing[] => {
        const [low, high] = endsOf(axis)
          .map((value) => ({ value, point: alone(axis.knob, value) }))
          .map(({ value, point }) => ({
            value,
            mean: point === undefined ? undefined : figureOf(point, measure),
          }));
        return low.mean === undefined || high.mean === undefined
          ? []
          : [
              {
                knob: axis.knob,
                base,
                low: { value: low.value, mean: low.mean },
                high: { value: high.value, mean: high.mean },
              },
            ];
      });
      const width = ({ low, high }: Swing): number =>
        Math.max(low.mean, high.mean, base) - Math.min(low.mean, high.mean, base);
      return [[measure, swings.sort((a, b) => width(b) - width(a))]];
    }),
  );
}
