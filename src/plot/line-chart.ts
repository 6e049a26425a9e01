/**
 * Curves over a common axis. What cannot be drawn (null, NaN, zero on a logarithmic axis) is a gap, never a
 * guess.
 */
import { chartWithAxes, dot, mark, plotAspect, type Frame } from "./axes";
import { formatValue } from "./format";
import { check, optionsOf } from "../options";
import { element, type Markup } from "./markup";
import type { LineChart, Series } from "./report-types";
import { choiceScale, extent, inPercent, linearScale, logScale, tickedScale, type Scale } from "./scale";
import { SERIES_STYLES } from "./theme";

/** Up to this many points each one gets a dot, with its values to be read on pointing at it. */
const MOST_DOTS = 60;

/** Of more curves than this, bands would hide each other: bars take their place. */
const MOST_BANDS = 2;
/** Between the bars of two curves, pixels. */
const APART = 5;

/** Width of a plot area over its height, at least. */
const NARROWEST = 2;

const readSeries = optionsOf<Series>("lineChart, series", {
  needs: { name: check.text, x: check.numbers, y: check.numbers },
  takes: { loose: check.flag, band: check.anything },
});
const readLevel = optionsOf<NonNullable<LineChart["level"]>>("lineChart, level", {
  needs: { y: check.numeric, name: check.text },
});
const readChart = optionsOf<LineChart>("lineChart", {
  needs: {
    title: check.text,
    caption: check.text,
    xLabel: check.text,
    yLabel: check.text,
    series: check.list(check.part(readSeries)),
  },
  takes: {
    log: check.flag,
    logX: check.flag,
    equal: check.flag,
    yRange: check.numbers,
    yTicks: check.numbers,
    percent: check.flag,
    xNames: check.list(check.text),
    level: check.part(readLevel),
  },
});

/** The chart as an SVG element. */
export function lineChart(given: LineChart): Markup {
  const chart = readChart(given);
  const series = chart.series.map(paired);
  const y = yScale(chart, series);
  const x = xScale(chart, series, y);
  const onlyName = series.length === 1 && (series[0].name === "" || series[0].name === chart.yLabel);
  const legend = onlyName ? [] : series.map(({ name }) => name);
  const barred =
    series.filter(({ band }) => band !== undefined).length > MOST_BANDS || chart.xNames !== undefined;
  return chartWithAxes(
    {
      x,
      y,
      xLabel: chart.xLabel,
      yLabel: chart.yLabel,
      legend,
      sample: series.every(({ loose }) => loose === true) ? "mark" : "curve",
      title: chart.title,
      inset: barred ? (series.length / 2) * APART : 0,
      ...(chart.level !== undefined && { note: `dashed line: ${chart.level.name}` }),
    },
    (frame) => [
      ...(chart.level === undefined ? [] : level(chart.level, frame)),
      ...series.flatMap((one, index) => {
        const shift = barred ? (index - (series.length - 1) / 2) * APART : 0;
        const shifted: Frame = shift === 0 ? frame : { ...frame, x: (value) => moved(frame.x(value), shift) };
        return drawSeries(one, index % SERIES_STYLES, shifted, barred);
      }),
    ],
  );
}

const moved = (place: number | null, by: number): number | null => (place === null ? null : place + by);

function level({ y }: NonNullable<LineChart["level"]>, frame: Frame): Markup[] {
  const at = frame.y(y);
  return at === null
    ? []
    : [element("line", { x1: frame.left, x2: frame.right, y1: at, y2: at, class: "mark" })];
}

/** Points without a partner are dropped. */
function paired({ x, y, ...others }: Series): Series {
  const length = Math.min(x.length, y.length);
  return { ...others, x: x.slice(0, length), y: y.slice(0, length) };
}

function xScale({ logX, equal, xNames }: LineChart, series: readonly Series[], y: Scale): Scale {
  const span = extent(series.flatMap(({ x }) => [...x]));
  if (xNames !== undefined) return choiceScale(xNames);
  if (logX) return logScale(extent(series.flatMap(({ x }) => x.filter((value) => value > 0))));
  if (equal && span) {
    const half = (y.domain[1] / 2 - y.domain[0] / 2) * plotAspect(y);
    const middle = span[0] / 2 + span[1] / 2;
    return linearScale([middle - half, middle + half], { steps: 8, exact: true });
  }
  const whole = series.every(({ x }) => x.every((value) => Number.isInteger(value)));
  return linearScale(span, { steps: 8, whole });
}

const yScale = (chart: LineChart, series: readonly Series[]): Scale =>
  chart.percent === true ? inPercent(plainScale(chart, series)) : plainScale(chart, series);

function plainScale(
  { yRange, yTicks, log, equal, level: bound }: LineChart,
  series: readonly Series[],
): Scale {
  if (yTicks !== undefined && yTicks.length >= 2) return tickedScale(yTicks);
  const asked = yRange && yRange[0] < yRange[1] && (!log || yRange[0] > 0) ? extent(yRange) : null;
  const values = [
    ...series.flatMap(({ y, band }) => [...y, ...(band?.low ?? []), ...(band?.high ?? [])]),
    ...(bound === undefined ? [] : [bound.y]),
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

function drawSeries(series: Series, style: number, frame: Frame, barred: boolean): Markup[] {
  const points = series.x.map((x, index) => ({ x: frame.x(x), y: frame.y(series.y[index]), index }));
  const dotted = points.length <= MOST_DOTS || series.loose === true;
  const marks: Markup[] = [];
  let path = "";
  points.forEach(({ x, y, index }) => {
    if (x === null || y === null) return;
    const joined = drawn(points[index - 1]);
    path += `${joined ? "L" : "M"}${round(x)} ${round(y)}`;
    if (dotted || !(joined || drawn(points[index + 1]))) {
      const hint = element(
        "title",
        {},
        `${series.name}: ${formatValue(series.y[index] ?? NaN)} at ${formatValue(series.x[index])}`,
      );
      marks.push((series.loose === true ? mark : dot)(x, y, style, hint));
    }
  });
  if (path === "") return [];
  const spread = barred ? drawBars(series, style, frame) : drawBand(series, style, frame);
  return [
    ...spread,
    ...(series.loose === true ? [] : [element("path", { d: path, class: `curve s${style}` })]),
    ...marks,
  ];
}

/** From the lower value to the upper one of each point. */
function drawBars({ x, band }: Series, style: number, frame: Frame): Markup[] {
  if (band === undefined) return [];
  return x.flatMap((value, k) => {
    const [at, low, high] = [frame.x(value), frame.y(band.low[k]), frame.y(band.high[k])];
    if (at === null || low === null || high === null) return [];
    return [
      element("path", {
        d:
          `M${round(at)} ${round(low)}V${round(high)}M${round(at - 3)} ${round(low)}h6M${round(at - 3)} ` +
          `${round(high)}h6`,
        class: `whisker s${style}`,
      }),
    ];
  });
}

/** From one end along the lower values and back along the upper ones, where both are there. */
function drawBand({ x, band }: Series, style: number, frame: Frame): Markup[] {
  if (band === undefined) return [];
  const edges = x.map((value, k) => ({
    x: frame.x(value),
    low: frame.y(band.low[k]),
    high: frame.y(band.high[k]),
  }));
  const known = edges.filter(
    (edge): edge is { x: number; low: number; high: number } =>
      edge.x !== null && edge.low !== null && edge.high !== null,
  );
  if (known.length < 2) return [];
  const way = [
    ...known.map((edge) => [edge.x, edge.low]),
    ...[...known].reverse().map((edge) => [edge.x, edge.high]),
  ];
  return [
    element("path", {
      d: `M${way.map((point) => point.map(round).join(" ")).join("L")}Z`,
      class: `band d${style}`,
    }),
  ];
}

function drawn(point: { x: number | null; y: number | null } | undefined): boolean {
  return point !== undefined && point.x !== null && point.y !== null;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
