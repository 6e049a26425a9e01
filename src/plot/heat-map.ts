/**
 * A value over two parameters, as cells with the value in them; the fuller a cell, the more. What was not
 * measured is left empty. Cells are never so full that ink on them would be hard to read, on either ground.
 */
import * as Plot from "@observablehq/plot";
import { chart, plotWidth } from "./chart";
import { readHeatMap } from "./figure-options";
import { formatValue } from "./format";
import { element, type Markup } from "./markup";
import type { HeatMap } from "./report-types";
import { bounded, choiceScale, extent } from "./scale";
import { textWidth, widest } from "./text-width";

const CELL = 34;
/** Opacity of the least and the most. */
const [FAINT, FULL] = [0.04, 0.7];
/** The scale of colours, above on the right: boxes, and the width of one. */
const [SHADES, SHADE] = [6, 16];

/** The map as an SVG element: columns along x, rows along y from below. */
export function heatMap(given: HeatMap): Markup {
  const { title, xLabel, yLabel, x, y, values, best, range, percent } = readHeatMap(given);
  const rows = choiceScale(y);
  const room = plotWidth(rows) / Math.max(1, x.length) - 6;
  const [low, high] = range ?? extent(values.flat()) ?? [0, 0];
  const span = bounded(high) - bounded(low);
  const write = writer(low, high, percent === true);
  const all = y.flatMap((row, j) =>
    x.map((column, i) => {
      const value = values[j]?.[i] ?? NaN;
      const share = span > 0 ? Math.min(1, Math.max(0, (bounded(value) - bounded(low)) / span)) : 0;
      return {
        x: i,
        x1: i - 0.5,
        x2: i + 0.5,
        y: j,
        y1: j - 0.5,
        y2: j + 0.5,
        known: Number.isFinite(value),
        best: best !== undefined && isBest(values, j, i, best),
        fullness: FAINT + share * (FULL - FAINT),
        text: write(value),
        hint: `${formatValue(value)} at ${xLabel} ${column}, ${yLabel} ${row}`,
      };
    }),
  );
  const known = all.filter((cell) => cell.known);
  // The scale above tells the unit where cells have no room for it.
  const texts = known.map(({ text }) => text);
  const bare = widest(texts) > room ? texts.map((text) => text.replace(" %", "")) : texts;
  const cell = { x1: "x1", x2: "x2", y1: "y1", y2: "y2" };
  return chart({
    x: choiceScale(x),
    y: rows,
    xLabel,
    yLabel,
    title,
    height: CELL * y.length,
    grid: "none",
    ...(span > 0 && { corner: (right, base) => shades(write(low), write(high), right, base) }),
    marks: [
      Plot.rect(all, { ...cell, fill: "none", stroke: "var(--line)" }),
      Plot.rect(known, {
        ...cell,
        fill: "var(--heat)",
        fillOpacity: { value: "fullness", scale: null },
        title: "hint",
      }),
      Plot.rect(
        known.filter((one) => one.best),
        { ...cell, inset: 2, fill: "none", stroke: "var(--series-1)", strokeWidth: 2.5 },
      ),
      Plot.text(known, {
        x: "x",
        y: "y",
        text: bare,
        fontSize: Math.min(13, (13 * room) / widest(bare)),
        fill: "var(--ink)",
      }),
    ],
  });
}

/** From the least to the most. */
function shades(low: string, high: string, edge: number, y: number): Markup[] {
  const right = edge - textWidth(high) - 12;
  const left = right - SHADES * SHADE;
  return [
    element("text", { x: left - 6, y, class: "end" }, low),
    ...Array.from({ length: SHADES }, (_, k) =>
      element("rect", {
        x: left + k * SHADE,
        y: y - 11,
        width: SHADE,
        height: 13,
        fill: "var(--heat)",
        "fill-opacity": FAINT + (k / (SHADES - 1)) * (FULL - FAINT),
      }),
    ),
    element("text", { x: edge, y, class: "end" }, high),
  ];
}

/** Whether a cell is the best of its row or of its column. */
function isBest(
  values: HeatMap["values"],
  row: number,
  column: number,
  { of, is }: NonNullable<HeatMap["best"]>,
): boolean {
  const line = extent(of === "row" ? values[row] : values.map((cells) => cells[column]));
  return values[row][column] === line?.[is === "largest" ? 1 : 0];
}

/** Shares and cosines by the decimals that tell a twentieth of the span, the rest by three digits. */
function writer(low: number, high: number, percent: boolean): (value: number) => string {
  // Where all are the same there is no span: they are told from 0.
  const span = high > low ? high - low : Math.abs(high);
  const decimals = span > 0 ? Math.max(2, Math.ceil(-Math.log10(span / 20))) : 2;
  return (value) => {
    if (percent) return `${(100 * value).toFixed(0)} %`;
    return Math.abs(value) <= 1 && decimals <= 4
      ? value.toFixed(decimals).replace("-", "−")
      : formatValue(Number(value.toPrecision(3)));
  };
}
