/** Curves over a common axis. What cannot be drawn (null, NaN, zero on a logarithmic axis) is a gap, never a guess. */
import { chartWithAxes, type Frame } from "./axes";
import { formatValue } from "./format";
import { element, type Markup } from "./markup";
import type { LineChart, Series } from "./report-types";
import { extent, linearScale, logScale, type Scale } from "./scale";
import { SERIES_STYLES } from "./theme";

/** Up to this many points each one gets a dot, with its values to be read on pointing at it. */
const MOST_DOTS = 60;

/** The chart as an SVG element. */
export function lineChart(chart: LineChart): Markup {
  const series = chart.series.map(paired);
  const x = xScale(series);
  const y = yScale(chart, series);
  const onlyName = series.length === 1 && (series[0].name === "" || series[0].name === chart.yLabel);
  const legend = onlyName ? [] : series.map(({ name }) => name);
  return chartWithAxes({ x, y, xLabel: chart.xLabel, yLabel: chart.yLabel, legend, title: chart.title }, (frame) =>
    series.flatMap((one, index) => drawSeries(one, index % SERIES_STYLES, frame)),
  );
}

/** Points without a partner are dropped. */
function paired({ name, x, y }: Series): Series {
  const length = Math.min(x.length, y.length);
  return { name, x: x.slice(0, length), y: y.slice(0, length) };
}

function xScale(series: readonly Series[]): Scale {
  const span = extent(series.flatMap(({ x }) => [...x]));
  const whole = series.every(({ x }) => x.every((value) => Number.isInteger(value)));
  return linearScale(span, { steps: 8, whole });
}

function yScale({ yRange, log }: LineChart, series: readonly Series[]): Scale {
  const asked = yRange && yRange[0] < yRange[1] && (!log || yRange[0] > 0) ? extent(yRange) : null;
  const values = series.flatMap(({ y }) => [...y]);
  if (log) return logScale(asked ?? extent(values.filter((value) => value !== null && value > 0)), asked !== null);
  return linearScale(asked ?? extent(values), { exact: asked !== null });
}

function drawSeries(series: Series, style: number, frame: Frame): Markup[] {
  const points = series.x.map((x, index) => ({ x: frame.x(x), y: frame.y(series.y[index]), index }));
  const dotted = points.length <= MOST_DOTS;
  const marks: Markup[] = [];
  let path = "";
  points.forEach(({ x, y, index }) => {
    if (x === null || y === null) return;
    const joined = drawn(points[index - 1]);
    path += `${joined ? "L" : "M"}${round(x)} ${round(y)}`;
    if (dotted || !(joined || drawn(points[index + 1]))) {
      const hint = element("title", {}, `${series.name}: ${formatValue(series.y[index] ?? NaN)} at ${formatValue(series.x[index])}`);
      marks.push(element("circle", { cx: x, cy: y, r: 2.6, class: `d${style}` }, hint));
    }
  });
  return path === "" ? [] : [element("path", { d: path, class: `curve s${style}` }), ...marks];
}

function drawn(point: { x: number | null; y: number | null } | undefined): boolean {
  return point !== undefined && point.x !== null && point.y !== null;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
