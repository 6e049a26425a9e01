/**
 * Curves over a common axis. What cannot be drawn (null, NaN, zero on a logarithmic axis) is a gap, never a
 * guess.
 */
import * as Plot from "@observablehq/plot";
import { chart, HEIGHT, plotWidth, type Marks } from "./chart";
import { formatValue } from "./format";
import { readLineChart } from "./figure-options";
import { curveStyle, pointStyle } from "./legend";
import type { Markup } from "./markup";
import type { LineChart, Series } from "./report-types";
import { choiceScale, extent, inPercent, linearScale, logScale, tickedScale, type Scale } from "./scale";
import { seriesColour } from "./theme";

/** Up to this many points each one gets a dot, with its values to be read on pointing at it. */
const MOST_DOTS = 60;

/** Of more curves than this, bands would hide each other: bars take their place. */
const MOST_BANDS = 2;
/** Between the bars of two curves, pixels. */
const APART = 5;

/** Width of a plot area over its height, at least. */
const NARROWEST = 2;

/** A point of a series; NaN for what is not on the axes. */
interface Point {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
  /** Has neither neighbour, so that no curve would show it. */
  readonly alone: boolean;
  readonly hint: string;
}

/** The chart as an SVG element. */
export function lineChart(given: LineChart): Markup {
  const asked = readLineChart(given);
  const { series, title, xLabel, yLabel, level } = asked;
  const y = yScale(asked);
  const x = xScale(asked, y);
  const onlyName = series.length === 1 && (series[0].name === "" || series[0].name === yLabel);
  const barred =
    series.filter(({ band }) => band !== undefined).length > MOST_BANDS || asked.xNames !== undefined;
  const aside = barred ? (series.length / 2) * APART : 0;
  return chart({
    x,
    y,
    xLabel,
    yLabel,
    title,
    legend: onlyName ? [] : series.map(({ name }) => name),
    sample: series.every(({ loose }) => loose === true) ? "mark" : "curve",
    inset: [aside, aside],
    note: level === undefined ? "" : `dashed line: ${level.name}`,
    marks: [
      level === undefined ? [] : Plot.ruleY([level.y], { className: "mark" }),
      ...series.map((one, index) => {
        const dx = barred ? (index - (series.length - 1) / 2) * APART : 0;
        return seriesMarks(one, index, pointsOf(one, x, y), barred, dx);
      }),
    ],
  });
}

function xScale({ logX, equal, xNames, series }: LineChart, y: Scale): Scale {
  const values = series.flatMap(({ x }) => [...x]);
  if (xNames !== undefined) return choiceScale(xNames);
  if (logX) return logScale(extent(values.filter((value) => value > 0)));
  const span = extent(values);
  if (equal && span) {
    const half = (y.domain[1] / 2 - y.domain[0] / 2) * (plotWidth(y) / HEIGHT);
    const middle = span[0] / 2 + span[1] / 2;
    return linearScale([middle - half, middle + half], { steps: 6, exact: true });
  }
  return linearScale(span, { steps: 6, whole: values.every(Number.isInteger) });
}

const yScale = (asked: LineChart): Scale =>
  asked.percent === true ? inPercent(plainScale(asked)) : plainScale(asked);

function plainScale({ yRange, yTicks, log, equal, level, series }: LineChart): Scale {
  if (yTicks !== undefined && yTicks.length >= 2) return tickedScale(yTicks);
  const asked = yRange && yRange[0] < yRange[1] && (!log || yRange[0] > 0) ? extent(yRange) : null;
  const values = [
    ...series.flatMap(({ y, band }) => [...y, ...(band?.low ?? []), ...(band?.high ?? [])]),
    ...(level === undefined ? [] : [level.y]),
  ];
  if (log)
    return logScale(asked ?? extent(values.filter((value) => value !== null && value > 0)), asked !== null);
  if (equal && !asked) return linearScale(roomFor(extent(values), extent(series.flatMap(({ x }) => [...x]))));
  return linearScale(asked ?? extent(values), { exact: asked !== null });
}

/** A span of y that leaves as long a span of x as there is, where a unit is as long on both. */
function roomFor(y: [number, number] | null, x: [number, number] | null): [number, number] | null {
  if (y === null || x === null) return y;
  const half = Math.max(y[1] / 2 - y[0] / 2, (x[1] / 2 - x[0] / 2) / NARROWEST);
  const middle = y[0] / 2 + y[1] / 2;
  return [middle - half, middle + half];
}

/** Points without a partner are dropped. */
function pointsOf({ name, x, y, band }: Series, xAxis: Scale, yAxis: Scale): Point[] {
  const on = ({ type }: Scale, value: number | null | undefined): number =>
    typeof value === "number" && Number.isFinite(value) && (type === "linear" || value > 0) ? value : NaN;
  const shown = (k: number): boolean => !Number.isNaN(on(xAxis, x[k]) + on(yAxis, y[k]));
  return Array.from({ length: Math.min(x.length, y.length) }, (_, k) => ({
    x: on(xAxis, x[k]),
    y: on(yAxis, y[k]),
    low: on(yAxis, band?.low[k]),
    high: on(yAxis, band?.high[k]),
    alone: !shown(k - 1) && !shown(k + 1),
    hint: `${name}: ${formatValue(y[k] ?? NaN)} at ${formatValue(x[k])}`,
  }));
}

function seriesMarks(
  { loose = false }: Series,
  index: number,
  points: Point[],
  barred: boolean,
  dx: number,
): Marks {
  const place = { x: "x", y: "y", dx };
  const spread = { x: "x", y1: "low", y2: "high", dx };
  const known = points.filter(({ x, low, high }) => !Number.isNaN(x + low + high));
  const dots = points.length <= MOST_DOTS || loose ? points : points.filter(({ alone }) => alone);
  return [
    barred
      ? Plot.ruleX(known, { ...spread, stroke: seriesColour(index), strokeWidth: 1.5, strokeOpacity: 0.75 })
      : Plot.areaY(known, { ...spread, fill: seriesColour(index), fillOpacity: 0.16 }),
    loose ? null : Plot.line(points, { ...place, ...curveStyle(index) }),
    Plot.dot(dots, { ...place, title: "hint", ...pointStyle(index, loose) }),
  ];
}
