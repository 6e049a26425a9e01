/**
 * Which matters most: rows of bars from zero, each with its value written beside it, so that it reads without
 * colour.
 */
import { CHART_WIDTH, fit, legendRows, textWidth } from "./axes";
import { formatValue } from "./format";
import { element, type Markup } from "./markup";
import type { Ranking } from "./report-types";
import { extent, linearScale } from "./scale";
import { SERIES_STYLES } from "./theme";

const [TOP, BAR, GAP, LINE] = [12, 16, 14, 20];

/** The picture as an SVG element; rows in the order given. */
export function ranking({ title, xLabel, bars, rows }: Ranking): Markup {
  const x = linearScale(extent([0, ...rows.flatMap(({ values }) => [...values])]), { steps: 6 });
  const [left, right] = [
    Math.min(CHART_WIDTH / 3, 14 + Math.max(18, ...rows.map(({ name }) => textWidth(name)))),
    CHART_WIDTH - 60,
  ];
  const at = (value: number): number => left + (x.at(value) ?? 0) * (right - left);
  const legend = legendRows(bars, CHART_WIDTH - 8, "bar");
  const top = TOP + legend.height;
  const height = BAR * bars.length + GAP;
  const bottom = top + height * rows.length;
  const drawn = rows.map(({ name, values }, row) =>
    element(
      "g",
      {},
      element(
        "text",
        { x: left - 8, y: top + row * height + height / 2 + 4.5, class: "end strong" },
        fit(name, left - 12),
      ),
      values.slice(0, bars.length).map((value, k) => {
        if (!Number.isFinite(value)) return null;
        const y = top + row * height + GAP / 2 + k * BAR;
        const hint = element("title", {}, `${name}, ${bars[k]}: ${formatValue(value)}`);
        return [
          element(
            "rect",
            {
              x: Math.min(at(0), at(value)),
              y: y + 1,
              width: Math.max(1, Math.abs(at(value) - at(0))),
              height: BAR - 2,
              class: `d${k % SERIES_STYLES}`,
            },
            hint,
          ),
          element(
            "text",
            { x: Math.max(at(0), at(value)) + 6, y: y + BAR / 2 + 4.5, class: "halo" },
            formatValue(Number(value.toPrecision(2))),
          ),
        ];
      }),
    ),
  );
  return element(
    "svg",
    {
      class: "plot",
      viewBox: `0 0 ${CHART_WIDTH} ${bottom + LINE * 2 + 8}`,
      role: "img",
      "aria-label": title,
    },
    legend.items,
    x.ticks.map(({ value, label }) => [
      element("line", { x1: at(value), x2: at(value), y1: top, y2: bottom, class: "grid" }),
      element("text", { x: at(value), y: bottom + 17, class: "middle" }, label),
    ]),
    element("line", { x1: at(0), x2: at(0), y1: top, y2: bottom, class: "axis" }),
    drawn,
    element("text", { x: right, y: bottom + LINE * 2, class: "strong end" }, fit(xLabel, right - left)),
  );
}
