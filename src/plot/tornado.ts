/**
 * Which knob matters most: for each, how far the outcome goes when it alone goes from one end to the other,
 * longest first.
 */
import { CHART_WIDTH, fit, textWidth } from "./axes";
import { formatValue } from "./format";
import { element, type Markup } from "./markup";
import type { Tornado } from "./report-types";
import { extent, inPercent, linearScale } from "./scale";

/** Every bar has a line of its own, so that what it was set to has room beside it. */
const [TOP, ROW, BAR, LINE] = [32, 48, 17, 20];

/** The picture as an SVG element; the line is the outcome of the base design. */
export function tornado({ title, xLabel, percent = false, base, bars }: Tornado): Markup {
  const sorted = [...bars].sort((a, b) => reach(b, base) - reach(a, base));
  const scale = linearScale(extent([base, ...bars.flatMap(({ low, high }) => [low.outcome, high.outcome])]), {
    steps: 6,
  });
  const x = percent ? inPercent(scale) : scale;
  const [left, right] = [
    Math.min(CHART_WIDTH / 3, 14 + Math.max(18, ...bars.map(({ name }) => textWidth(name)))),
    CHART_WIDTH - 56,
  ];
  const at = (value: number): number => left + (x.at(value) ?? 0) * (right - left);
  const write = (value: number): string =>
    percent ? `${formatValue(Number((100 * value).toPrecision(3)))} %` : formatValue(value);
  const bottom = TOP + ROW * sorted.length;
  const rows = sorted.map(({ name, low, high }, k) => {
    const top = TOP + k * ROW + (ROW - 2 * BAR) / 2;
    const ends = [
      { ...low, style: "d0" },
      { ...high, style: "d1" },
    ];
    return element(
      "g",
      {},
      element("text", { x: left - 8, y: top + BAR + 4.5, class: "end strong" }, fit(name, left - 12)),
      ends.map(({ outcome, style, setting }, end) => {
        const y = top + end * BAR;
        const [from, to] = [Math.min(at(base), at(outcome)), Math.max(at(base), at(outcome))];
        const hint = element("title", {}, `${name} ${setting}: ${write(outcome)}`);
        const label = fit(setting, CHART_WIDTH / 4);
        // Beyond the end of the bar; where there is no room, on the other side of the base.
        const before =
          outcome < base ? from - left > textWidth(label) + 8 : to + 6 + textWidth(label) > CHART_WIDTH;
        return [
          element(
            "rect",
            { x: from, y: y + 1, width: Math.max(1, to - from), height: BAR - 2, class: style },
            hint,
          ),
          element(
            "text",
            { x: before ? from - 6 : to + 6, y: y + BAR / 2 + 4.5, class: before ? "end halo" : "halo" },
            label,
          ),
        ];
      }),
    );
  });
  const caption = `base ${write(base)}`;
  return element(
    "svg",
    {
      class: "plot",
      viewBox: `0 0 ${CHART_WIDTH} ${bottom + LINE * 2 + 8}`,
      role: "img",
      "aria-label": title,
    },
    x.ticks.map(({ value, label }) => [
      element("line", { x1: at(value), x2: at(value), y1: TOP, y2: bottom, class: "grid" }),
      element("text", { x: at(value), y: bottom + 17, class: "middle" }, label),
    ]),
    rows,
    element("line", { x1: at(base), x2: at(base), y1: TOP - 6, y2: bottom, class: "mark" }),
    element(
      "text",
      { x: Math.min(at(base), CHART_WIDTH - textWidth(caption) / 2), y: TOP - 12, class: "middle strong" },
      caption,
    ),
    element("text", { x: right, y: bottom + LINE * 2, class: "strong end" }, fit(xLabel, right - left)),
  );
}

/** How far a knob takes the outcome, the base included. */
const reach = ({ low, high }: Tornado["bars"][number], base: number): number =>
  Math.max(low.outcome, high.outcome, base) - Math.min(low.outcome, high.outcome, base);
