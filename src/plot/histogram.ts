/**
 * How values are spread: bars at round widths, lines at the median and at what matters, and a word on what
 * could not be counted.
 */
import { quantile } from "../quantile";
import { chartWithAxes, type Frame } from "./axes";
import { formatValue } from "./format";
import { element, type Markup } from "./markup";
import type { Histogram } from "./report-types";
import { extent, linearScale, niceStep } from "./scale";

interface Bin {
  readonly from: number;
  readonly to: number;
  count: number;
}

/** The histogram as an SVG element. Values that are not finite are left out, and the axis says how many. */
export function histogram({ title, values, unit, of = "count", mark }: Histogram): Markup {
  const finite = Float64Array.from(values.filter((value) => Number.isFinite(value))).sort();
  const bins = binned(finite);
  const tallest = bins.reduce((most, { count }) => Math.max(most, count), 0);
  const lost = values.length - finite.length;
  const xLabel = [unit ?? "", lost > 0 ? `(${lost} not finite, left out)` : ""]
    .filter((part) => part !== "")
    .join(" ");
  const x = linearScale(
    extent([...bins.flatMap(({ from, to }) => [from, to]), ...(mark === undefined ? [] : [mark.x])]),
    { steps: 8 },
  );
  const y = linearScale([0, Math.max(1, tallest)], { whole: true });
  const suffix = unit === undefined || unit === "" ? "" : ` ${unit}`;
  const middle = finite.length === 0 ? null : quantile(finite, 0.5);
  const told =
    middle === null
      ? []
      : [
          `${mark === undefined ? "median" : "dashed: median"} ` +
            `${formatValue(Number(middle.toPrecision(4)))}${mark === undefined ? suffix : ""}`,
        ];
  const note = [...told, ...(mark === undefined ? [] : [`solid: ${mark.name}`])].join("; ");
  return chartWithAxes({ x, y, xLabel, yLabel: of, legend: [], title, note }, (frame) => {
    const bars = bins.map(({ from, to, count }) => {
      const [left, right, top] = [frame.x(from) ?? 0, frame.x(to) ?? 0, frame.y(count) ?? 0];
      const hint = element("title", {}, `${formatValue(from)} to ${formatValue(to)}${suffix}: ${count}`);
      const size = {
        x: left + 0.75,
        y: top,
        width: Math.max(1, right - left - 1.5),
        height: Math.max(0, frame.bottom - top),
      };
      return element("rect", { ...size, class: "bar" }, hint);
    });
    return [
      ...bars,
      ...(middle === null ? [] : [upright(frame, middle, "mark")]),
      ...(mark === undefined ? [] : [upright(frame, mark.x, "under"), upright(frame, mark.x, "bound")]),
    ];
  });
}

function upright(frame: Frame, value: number, style: string): Markup {
  const at = frame.x(value) ?? 0;
  return element("line", { x1: at, x2: at, y1: frame.top, y2: frame.bottom, class: style });
}

/** Bins of a round width near the rule of Freedman and Diaconis, at most 60; `sorted` ascends. */
function binned(sorted: Float64Array): Bin[] {
  if (sorted.length === 0) return [];
  const [low, high] = [sorted[0], sorted[sorted.length - 1]];
  const size = Math.max(Math.abs(low), Math.abs(high));
  const span = high / 2 - low / 2; // half of it: the whole may overflow
  if (span <= size * 1e-9 || size < 1e-290) {
    const half = size < 1e-290 ? 0.5 : size * 0.05;
    return [{ from: low - half, to: low + half, count: sorted.length }];
  }
  const spread = quantile(sorted, 0.75) / 2 - quantile(sorted, 0.25) / 2;
  const wanted = spread > 0 ? (span / spread) * (Math.cbrt(sorted.length) / 2) : Math.sqrt(sorted.length);
  const width = niceStep((span / Math.min(40, Math.max(5, wanted))) * 2 * 0.75);
  const first = Math.floor(low / width);
  const count = Math.min(80, Math.floor(high / width) - first + 1);
  const bins = Array.from({ length: count }, (_, index): Bin => ({
    from: (first + index) * width,
    to: (first + index + 1) * width,
    count: 0,
  }));
  for (const value of sorted)
    bins[Math.min(count - 1, Math.max(0, Math.floor(value / width) - first))].count++;
  return bins;
}
