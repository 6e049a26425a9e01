/** A value over two parameters, as cells with the value in them; a darker cell is more. What was not measured is left empty. */
import { CHART_WIDTH, fit, textWidth } from "./axes";
import { formatValue } from "./format";
import { element, type Markup } from "./markup";
import type { HeatMap } from "./report-types";

const [TOP, LINE, CELL] = [32, 20, 34];
/** Opacity of the least and the most. */
const [FAINT, FULL] = [0.06, 0.85];
/** From this opacity on the paper's colour is easier to read. */
const DARK = 0.55;

/** The map as an SVG element: columns along x, rows along y from below. */
export function heatMap({ title, xLabel, yLabel, x, y, values, best }: HeatMap): Markup {
  const finite = values.flat().filter((value): value is number => value !== null && Number.isFinite(value));
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  // Enough to tell a twentieth of the span.
  const decimals = high > low ? Math.max(2, Math.min(4, Math.ceil(-Math.log10((high - low) / 20)))) : 2;
  const left = 14 + Math.ceil(Math.max(18, ...y.map(textWidth)));
  const width = (CHART_WIDTH - 16 - left) / Math.max(1, x.length);
  const bottom = TOP + CELL * y.length;
  const cells = y.flatMap((_, row) => x.map((__, column) => {
    const value = values[row]?.[column] ?? null;
    const place = { x: left + column * width, y: bottom - (row + 1) * CELL };
    if (value === null || !Number.isFinite(value)) return element("rect", { ...place, width, height: CELL, class: "frame" });
    // Halves: the whole difference may overflow.
    const opacity = high > low ? FAINT + ((value / 2 - low / 2) / (high / 2 - low / 2)) * (FULL - FAINT) : FAINT;
    const chosen = best === undefined ? false : isBest(values, row, column, best);
    const hint = element("title", {}, `${formatValue(value)} at ${xLabel} ${x[column]}, ${yLabel} ${y[row]}`);
    return element("g", {},
      element("rect", { ...place, width, height: CELL, class: "heat", "fill-opacity": opacity }, hint),
      chosen && element("rect", { x: place.x + 2, y: place.y + 2, width: width - 4, height: CELL - 4, class: "best" }),
      element("text", { x: place.x + width / 2, y: place.y + CELL / 2 + 4.5, class: opacity > DARK ? "middle over" : "middle strong" }, fit(shown(value, decimals), width - 2)),
    );
  }));
  const stride = Math.ceil((Math.max(...x.map(textWidth)) + 8) / width);
  return element("svg", { class: "plot", viewBox: `0 0 ${CHART_WIDTH} ${bottom + LINE * 2 + 8}`, role: "img", "aria-label": title },
    element("text", { x: 4, y: 16, class: "strong" }, fit(yLabel, CHART_WIDTH - 8)),
    cells,
    y.map((label, row) => element("text", { x: left - 8, y: bottom - row * CELL - CELL / 2 + 4.5, class: "end" }, label)),
    x.map((label, column) => column % stride === 0 && element("text", { x: left + (column + 0.5) * width, y: bottom + 17, class: "middle" }, label)),
    element("text", { x: CHART_WIDTH - 16, y: bottom + LINE * 2, class: "strong end" }, fit(xLabel, CHART_WIDTH - 16 - left)),
  );
}

/** Whether a cell is the best of its row or of its column. */
function isBest(values: HeatMap["values"], row: number, column: number, { of, is }: NonNullable<HeatMap["best"]>): boolean {
  const line = of === "row" ? values[row] : values.map((cells) => cells[column]);
  const known = line.filter((value): value is number => value !== null && Number.isFinite(value));
  return values[row][column] === (is === "largest" ? Math.max(...known) : Math.min(...known));
}

/** Shares and cosines by their decimals, the rest by three digits. */
const shown = (value: number, decimals: number): string => (Math.abs(value) <= 1 ? value.toFixed(decimals).replace("-", "−") : formatValue(Number(value.toPrecision(3))));
