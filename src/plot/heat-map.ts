/**
 * A value over two parameters, as cells with the value in them; the fuller a cell, the more. What was not
 * measured is left empty. Cells are never so full that ink on them would be hard to read, on either ground.
 */
import { CHART_WIDTH, fit, textWidth } from "./axes";
import { formatValue } from "./format";
import { element, type Markup } from "./markup";
import type { HeatMap } from "./report-types";

const [TOP, LINE, CELL] = [36, 20, 34];
/** Opacity of the least and the most. */
const [FAINT, FULL] = [0.04, 0.7];
/** The scale of colours, above on the right: boxes, and the width of one. */
const [SHADES, SHADE] = [6, 16];

/** The map as an SVG element: columns along x, rows along y from below. */
export function heatMap({
  title,
  xLabel,
  yLabel,
  x,
  y,
  values,
  best,
  range,
  percent = false,
}: HeatMap): Markup {
  const finite = values.flat().filter((value): value is number => value !== null && Number.isFinite(value));
  const [low, high] = range ?? [Math.min(...finite), Math.max(...finite)];
  const span = high / 2 - low / 2; // halves: the whole difference may overflow
  const fullness = (value: number): number =>
    span > 0 ? FAINT + Math.min(1, Math.max(0, (value / 2 - low / 2) / span)) * (FULL - FAINT) : FAINT;
  // Enough to tell a twentieth of the span.
  const decimals = high > low ? Math.max(2, Math.min(4, Math.ceil(-Math.log10((high - low) / 20)))) : 2;
  const write = (value: number): string => (percent ? shownPercent(value) : shown(value, decimals));
  const left = Math.min(CHART_WIDTH / 3, 14 + Math.ceil(Math.max(18, ...y.map(textWidth))));
  const width = (CHART_WIDTH - 16 - left) / Math.max(1, x.length);
  const bottom = TOP + CELL * y.length;
  const cells = y.flatMap((_, row) =>
    x.map((__, column) => {
      const value = values[row]?.[column] ?? null;
      const place = { x: left + column * width, y: bottom - (row + 1) * CELL };
      if (value === null || !Number.isFinite(value))
        return element("rect", { ...place, width, height: CELL, class: "frame" });
      const opacity = fullness(value);
      const chosen = best === undefined ? false : isBest(values, row, column, best);
      const hint = element(
        "title",
        {},
        `${formatValue(value)} at ${xLabel} ${x[column]}, ${yLabel} ${y[row]}`,
      );
      return element(
        "g",
        {},
        element("rect", { ...place, width, height: CELL, class: "heat", "fill-opacity": opacity }, hint),
        chosen &&
          element("rect", {
            x: place.x + 2,
            y: place.y + 2,
            width: width - 4,
            height: CELL - 4,
            class: "best",
          }),
        element(
          "text",
          { x: place.x + width / 2, y: place.y + CELL / 2 + 4.5, class: "middle strong" },
          fit(write(value), width - 2),
        ),
      );
    }),
  );
  const stride = Math.ceil((Math.max(...x.map(textWidth)) + 8) / width);
  return element(
    "svg",
    {
      class: "plot",
      viewBox: `0 0 ${CHART_WIDTH} ${bottom + LINE * 2 + 8}`,
      role: "img",
      "aria-label": title,
    },
    high > low && shades(write(low), write(high)),
    element(
      "text",
      { x: 4, y: TOP - 10, class: "strong" },
      fit(yLabel, CHART_WIDTH - 8 - (high > low ? 120 + SHADES * SHADE : 0)),
    ),
    cells,
    y.map((label, row) =>
      element(
        "text",
        { x: left - 8, y: bottom - row * CELL - CELL / 2 + 4.5, class: "end" },
        fit(label, left - 10),
      ),
    ),
    x.map(
      (label, column) =>
        column % stride === 0 &&
        element("text", { x: left + (column + 0.5) * width, y: bottom + 17, class: "middle" }, label),
    ),
    element(
      "text",
      { x: CHART_WIDTH - 16, y: bottom + LINE * 2, class: "strong end" },
      fit(xLabel, CHART_WIDTH - 16 - left),
    ),
  );
}

/** From the least to the most. */
function shades(low: string, high: string): Markup {
  const right = CHART_WIDTH - 16 - textWidth(high) - 6;
  const left = right - SHADES * SHADE;
  return element(
    "g",
    {},
    element("text", { x: left - 6, y: TOP - 10, class: "end" }, low),
    Array.from({ length: SHADES }, (_, k) =>
      element("rect", {
        x: left + k * SHADE,
        y: TOP - 21,
        width: SHADE,
        height: 13,
        class: "heat",
        "fill-opacity": FAINT + (k / (SHADES - 1)) * (FULL - FAINT),
      }),
    ),
    element("text", { x: right + 6, y: TOP - 10 }, high),
  );
}

/** Whether a cell is the best of its row or of its column. */
function isBest(
  values: HeatMap["values"],
  row: number,
  column: number,
  { of, is }: NonNullable<HeatMap["best"]>,
): boolean {
  const line = of === "row" ? values[row] : values.map((cells) => cells[column]);
  const known = line.filter((value): value is number => value !== null && Number.isFinite(value));
  return values[row][column] === (is === "largest" ? Math.max(...known) : Math.min(...known));
}

/** Shares and cosines by their decimals, the rest by three digits. */
const shown = (value: number, decimals: number): string =>
  Math.abs(value) <= 1
    ? value.toFixed(decimals).replace("-", "−")
    : formatValue(Number(value.toPrecision(3)));
const shownPercent = (share: number): string => `${(100 * share).toFixed(0)} %`;
