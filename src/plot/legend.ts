/** How series are told apart, on a screen and on grey paper: by colour, by dash and by the shape of their points. */
import * as Plot from "@observablehq/plot";
import { drawn, group } from "./drawn";
import type { Markup } from "./markup";
import { fit, textWidth } from "./text-width";
import { DASHES, seriesColour } from "./theme";

/** What stands for a series: a bar, a curve with its mark, or the mark alone where nothing is joined. */
export type Sample = "bar" | "curve" | "mark";

/** How the curve of a series looks. */
export const curveStyle = (index: number): Plot.MarkOptions => ({
  stroke: seriesColour(index),
  strokeWidth: 2.25,
  strokeLinecap: "butt",
  strokeDasharray: DASHES[index % DASHES.length],
});

/** How its points look: on curves every second half of the styles is square; loose ones take turns. */
export const pointStyle = (index: number, loose: boolean): Plot.DotOptions => ({
  fill: seriesColour(index),
  stroke: "none",
  r: 3,
  symbol: loose
    ? (["circle", "diamond2"] as const)[index % 2]
    : (["circle", "square"] as const)[(index >> 2) % 2],
});

const ROW = 20;

/** A sample of each series and its name, in as many rows as they need. */
export function legend(
  names: readonly string[],
  width: number,
  sample: Sample = "curve",
): { readonly items?: Markup; readonly height: number } {
  let [x, y] = [4, 12];
  const marks = names.flatMap((name, index) => {
    const label = fit(name, width - 40);
    const needed = 52 + textWidth(label);
    if (x > 4 && x + needed > width) [x, y] = [4, y + ROW];
    const at = [{ x, y, middle: x + 13, right: x + 26, label }];
    x += needed;
    return [
      sample === "bar"
        ? Plot.rect(at, { x1: "x", x2: "right", y1: y - 6, y2: y + 6, fill: seriesColour(index) })
        : Plot.dot(at, { x: "middle", y: "y", ...pointStyle(index, sample === "mark") }),
      sample === "curve" ? Plot.ruleY(at, { x1: "x", x2: "right", y: "y", ...curveStyle(index) }) : null,
      Plot.text(at, { x: "right", y: "y", dx: 8, text: "label", textAnchor: "start", fill: "var(--ink)" }),
    ];
  });
  const identity = { type: "identity" } as const;
  return names.length === 0
    ? { height: 0 }
    : { items: group(drawn({ width, x: identity, y: identity, marks })), height: y + ROW - 8 };
}
