/** Which knob matters most: for each, how far the outcome goes when it alone goes from one end to the other, longest first. */
import { CHART_WIDTH, fit, textWidth } from "./axes";
import { formatValue } from "./format";
import { element, type Markup } from "./markup";
import type { Tornado } from "./report-types";
import { extent, linearScale } from "./scale";

const [TOP, ROW, BAR, LINE] = [32, 42, 18, 20];

/** The picture as an SVG element; the line is the outcome of the base design. */
export function tornado({ title, xLabel, base, bars }: Tornado): Markup {
  const sorted = [...bars].sort((a, b) => Math.abs(b.high.outcome - b.low.outcome) - Math.abs(a.high.outcome - a.low.outcome));
  const x = linearScale(extent([base, ...bars.flatMap(({ low, high }) => [low.outcome, high.outcome])]), { steps: 6 });
  const [left, right] = [Math.min(CHART_WIDTH / 3, 14 + Math.max(18, ...bars.map(({ name }) => textWidth(name)))), CHART_WIDTH - 40];
  const at = (value: number): number => left + (x.at(value) ?? 0) * (right - left);
  const bottom = TOP + ROW * sorted.length;
  const rows = sorted.map(({ name, low, high }, k) => {
    const y = TOP + k * ROW + (ROW - BAR) / 2;
    // Each end's setting stands at that end; ends on one side of the base share a bar from it.
    const ends = [{ ...low, style: "d0" }, { ...high, style: "d1" }];
    return element("g", {},
      element("text", { x: left - 8, y: y + BAR / 2 + 4.5, class: "end strong" }, fit(name, left - 12)),
      ends.map(({ outcome, style, setting }, end) => {
        const [from, to] = [Math.min(at(base), at(outcome)), Math.max(at(base), at(outcome))];
        const hint = element("title", {}, `${name} ${setting}: ${formatValue(outcome)}`);
        return element("rect", { x: from, y: y + (end * BAR) / 2, width: Math.max(1, to - from), height: BAR / 2, class: style }, hint);
      }),
      ends.map(({ outcome, setting }, end) => {
        const room = outcome < base ? at(outcome) - left : CHART_WIDTH - at(outcome);
        // Beside the bar; where there is no room, above or below it.
        const before = (outcome < base) === textWidth(setting) + 5 < room;
        return element("text", { x: at(outcome) + (before ? -5 : 5), y: y + (end === 0 ? -2 : BAR + 11), class: before ? "end" : undefined }, setting);
      }),
    );
  });
  return element("svg", { class: "plot", viewBox: `0 0 ${CHART_WIDTH} ${bottom + LINE * 2 + 8}`, role: "img", "aria-label": title },
    x.ticks.map(({ value, label }) => [
      element("line", { x1: at(value), x2: at(value), y1: TOP, y2: bottom, class: "grid" }),
      element("text", { x: at(value), y: bottom + 17, class: "middle" }, label),
    ]),
    rows,
    element("line", { x1: at(base), x2: at(base), y1: TOP - 6, y2: bottom, class: "mark" }),
    element("text", { x: at(base), y: TOP - 12, class: "middle strong" }, `base ${formatValue(base)}`),
    element("text", { x: right, y: bottom + LINE * 2, class: "strong end" }, fit(xLabel, right - left)),
  );
}
