/**
 * How values are spread: bars at round widths, lines at the median and at what matters, and a word on what
 * could not be counted.
 */
import * as Plot from "@observablehq/plot";
import { bin, median, nice, thresholdFreedmanDiaconis, ticks, type Bin } from "d3-array";
import { chart } from "./chart";
import { readHistogram } from "./figure-options";
import { formatValue } from "./format";
import type { Markup } from "./markup";
import type { Histogram } from "./report-types";
import { bounded, extent, linearScale, widen } from "./scale";

/** Bars, at least and at most. */
const [FEWEST, MOST] = [5, 40];

/** The histogram as an SVG element. Values that are not finite are left out, and the axis says how many. */
export function histogram(given: Histogram): Markup {
  const { title, values, unit = "", of = "count", mark } = readHistogram(given);
  const finite = values.filter(Number.isFinite).map(bounded);
  const bars = binned(finite);
  const lost = values.length - finite.length;
  const suffix = unit === "" ? "" : ` ${unit}`;
  const middle = median(finite);
  const told = mark === undefined ? ["median", suffix] : ["dashed: median", ""];
  return chart({
    x: linearScale(
      extent([...bars.flatMap(({ x0, x1 }) => [x0 ?? NaN, x1 ?? NaN]), ...(mark ? [mark.x] : [])]),
      { steps: 6 },
    ),
    y: linearScale([0, Math.max(1, ...bars.map(({ length }) => length))], { whole: true }),
    xLabel: [unit, lost > 0 ? `(${lost} not finite, left out)` : ""].filter((part) => part !== "").join(" "),
    yLabel: of,
    title,
    note: [
      ...(middle === undefined ? [] : [`${told[0]} ${formatValue(Number(middle.toPrecision(4)))}${told[1]}`]),
      ...(mark ? [`solid: ${mark.name}`] : []),
    ].join("; "),
    marks: [
      Plot.rectY(bars, {
        x1: "x0",
        x2: "x1",
        y: "length",
        fill: "var(--series-0)",
        insetLeft: 0.75,
        insetRight: 0.75,
        title: ({ x0, x1, length }: Bin<number, number>) =>
          `${formatValue(x0 ?? NaN)} to ${formatValue(x1 ?? NaN)}${suffix}: ${length}`,
      }),
      Plot.ruleX(middle === undefined ? [] : [middle], { className: "mark" }),
      ...(mark
        ? [
            Plot.ruleX([mark.x], { stroke: "var(--paper)", strokeWidth: 6 }),
            Plot.ruleX([mark.x], { stroke: "var(--series-1)", strokeWidth: 2.5 }),
          ]
        : []),
    ],
  });
}

/** Bins of a round width near the rule of Freedman and Diaconis; those that hold something. */
function binned(finite: readonly number[]): Bin<number, number>[] {
  const span = widen(extent(finite));
  const count = Math.max(FEWEST, Math.min(MOST, thresholdFreedmanDiaconis(finite, ...span)));
  const domain = nice(...span, count);
  // Inner edges only: the last bin is closed, and a value at its end is in it.
  const edges = ticks(...domain, count).filter((edge) => edge > domain[0] && edge < domain[1]);
  return bin()
    .domain(domain)
    .thresholds(edges)(finite)
    .filter(({ length }) => length > 0);
}
