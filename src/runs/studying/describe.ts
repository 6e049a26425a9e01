/** A summary as a table for the terminal. */
import { columns } from "../../printable";
import type { KnobValue, PointSummary, Summary } from "../../study";

/** Longest table, rows; files hold all. */
const MOST_ROWS = 40;

export function describeSummary(summary: Summary, measures: readonly string[]): string[] {
  const { question, points, sensitivity, tornado } = summary;
  const knobs = [...new Set(points.flatMap(({ values }) => Object.keys(values)))];
  const spec = points.some((point) => point.yield !== undefined);
  const header = [
    ...knobs,
    "chips",
    ...measures,
    ...(spec ? ["yield", "(95 %)"] : []),
    ...(points.some((point) => Object.keys(point.faults).length > 0) ? ["failed"] : []),
    ...(points.some((point) => Object.keys(point.warnings).length > 0) ? ["warned of"] : []),
  ];
  const rows = points.slice(0, MOST_ROWS).map((point) => rowOf(point, knobs, measures, header));
  return [
    ...(question === undefined ? [] : [question]),
    ...columns([header, ...rows], ""),
    ...(points.length > MOST_ROWS ? [`… and ${points.length - MOST_ROWS} points more in summary.json`] : []),
    ...Object.entries(sensitivity ?? {})
      .filter(([measure]) => measures.includes(measure) || measure === "yield")
      .flatMap(([measure, ranked]) => [
        "",
        `what ${measure} depends on (Sobol indices)`,
        ...columns(
          [
            ["knob", "alone", "in all"],
            ...ranked.map(({ knob, first, total }) => [knob, first.toFixed(2), total.toFixed(2)]),
          ],
          "",
        ),
      ]),
    ...Object.entries(tornado ?? {})
      .filter(([measure]) => measures.includes(measure) || measure === "yield")
      .flatMap(([measure, swings]) => [
        "",
        `${measure}, each knob moved alone`,
        ...columns(
          [
            ["knob", "lowest", "", "highest", ""],
            ...swings.map(({ knob, low, high }) => [
              knob,
              text(low.value),
              short(low.mean),
              text(high.value),
              short(high.mean),
            ]),
          ],
          "",
        ),
      ]),
  ];
}

function rowOf(
  point: PointSummary,
  knobs: readonly string[],
  measures: readonly string[],
  header: readonly string[],
): string[] {
  const share = point.yield;
  return [
    ...knobs.map((knob) => (Object.hasOwn(point.values, knob) ? text(point.values[knob]) : "as it is")),
    String(point.chips),
    ...measures.map((measure) => {
      const spread = point.measures[measure];
      return spread === undefined
        ? "-"
        : `${short(spread.mean)}${spread.chips > 1 ? ` +- ${short(spread.deviation)}` : ""}`;
    }),
    ...(share === undefined
      ? []
      : [
          `${(100 * share.share).toFixed(1)} %`,
          `${(100 * share.low).toFixed(1)} … ${(100 * share.high).toFixed(1)}`,
        ]),
    ...(header.includes("failed") ? [counts(point.faults)] : []),
    ...(header.includes("warned of") ? [counts(point.warnings)] : []),
  ];
}

/** Whether there is no chip that anything was measured on. */
export const nothingMeasured = ({ points }: Summary): boolean =>
  points.every(({ faults, chips }) => Object.values(faults).reduce((sum, count) => sum + count, 0) === chips);

/** "2 DYN-DIVERGED, 3 LEARN-UNSETTLED". */
export const counts = (codes: Readonly<Record<string, number>>): string =>
  Object.entries(codes)
    .map(([code, count]) => `${count} ${code}`)
    .join(", ");

const text = (value: KnobValue): string => String(value);
const short = (value: number): string =>
  value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5)
    ? value.toExponential(2)
    : String(Number(value.toPrecision(3)));

/**
 * What training and tests of the chips warned of, a line a code: an effect of a knob may be an effect of
 * that.
 */
export function warningsIn({ points, trials }: Summary): string[] {
  const codes = [...new Set(points.flatMap(({ warnings }) => Object.keys(warnings)))].sort();
  return codes.map((code) => {
    const at = points.filter(({ warnings }) => Object.hasOwn(warnings, code));
    return (
      `${code} in ${at.reduce((sum, { warnings }) => sum + warnings[code], 0)} of ${trials} chips, at ` +
      `${at.length} of ${points.length} ${points.length === 1 ? "point" : "points"}: what is read there ` +
      "may not be the knob's; the code is told of in docs/errors.md"
    );
  });
}
