/**
 * The frame that charts share, around what Plot draws in it: margins that fit the labels, lines at the ticks,
 * names of the axes, a legend above. It knows nothing of what is drawn inside.
 */
import * as Plot from "@observablehq/plot";
import { drawn, group } from "./drawn";
import { asChart } from "./drawn-chart";
import { legend, type Sample } from "./legend";
import { element, trusted, type Child, type Markup } from "./markup";
import type { Scale, Tick } from "./scale";
import { fit, textWidth, widest, wrap } from "./text-width";

/** Width of a chart in its own units, about a pixel each at the width a report shows it. */
export const CHART_WIDTH = 480;
export const HEIGHT = 190;
const LINE = 20;
const RIGHT = 16;
/** A name whose words are longer than this is cut rather than left out. */
const LONGEST_WORD = 90;
/** Stands between what the frame draws and what is drawn inside it. */
const BETWEEN = trusted("");

/** What may stand inside: Plot's marks. */
export type Marks = Plot.Markish[];

export interface ChartSpec {
  readonly x: Scale;
  readonly y: Scale;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Height of the plot area; 190 unless said. */
  readonly height?: number;
  /** Lines at the ticks of this axis; of y unless said. */
  readonly grid?: "x" | "y" | "none";
  /** Names of the series, in their order; none for no legend. */
  readonly legend?: readonly string[];
  /** What the legend shows of a series; a curve unless said. */
  readonly sample?: Sample;
  /** What a screen reader says. */
  readonly title: string;
  /** Said above the plot, on the right. */
  readonly note?: string;
  /** Drawn there instead, at a right edge and a base line. */
  readonly corner?: (right: number, y: number) => Child;
  /** Room inside the plot, left and right, for marks beside their place. */
  readonly inset?: readonly [left: number, right: number];
  readonly marks: Marks;
}

/** Left edge of the plot area: as far in as the labels need. */
const leftEdge = (y: Scale): number =>
  Math.min(CHART_WIDTH / 3.6, 14 + Math.ceil(Math.max(18, widest(y.ticks.map(({ label }) => label)))));

/** Width of the plot area, for a y axis. */
export const plotWidth = (y: Scale): number => CHART_WIDTH - RIGHT - leftEdge(y);

/** A whole chart. What leaves the plot area is cut off. */
export function chart(spec: ChartSpec): Markup {
  const { x, y, height = HEIGHT, grid = "y", inset = [0, 0], note = "" } = spec;
  const above = legend(spec.legend ?? [], CHART_WIDTH - 8, spec.sample);
  const left = leftEdge(y);
  const right = CHART_WIDTH - Math.max(RIGHT, x.named ? 0 : textWidth(x.ticks.at(-1)?.label ?? "") / 2);
  const names = tickNames(x, right - left - inset[0] - inset[1]);
  const lines = Math.max(1, ...names.map(({ label }) => label.split("\n").length));
  const top = above.height + 12 + (spec.yLabel + note === "" ? 0 : LINE);
  const bottom = top + height;
  const total = bottom + 32 + 16 * lines;
  const window = [left - 4, top - 4, right - left + 8, height + 8];
  const strokes = { stroke: "var(--line)", strokeOpacity: 1 };
  const axis = { stroke: "var(--soft)", label: null, text: "label", lineHeight: 1.25 };
  const all = drawn({
    width: CHART_WIDTH,
    height: total,
    marginLeft: left,
    marginRight: CHART_WIDTH - right,
    marginTop: top,
    marginBottom: total - bottom,
    x: { type: x.type, domain: x.domain, insetLeft: inset[0], insetRight: inset[1] },
    y: { type: y.type, domain: y.domain },
    marks: [
      grid === "y" ? Plot.gridY(y.ticks, { ...strokes, y: "value" }) : null,
      grid === "x" ? Plot.gridX(x.ticks, { ...strokes, x: "value" }) : null,
      Plot.axisY(y.ticks, {
        ...axis,
        y: "value",
        text: ({ label }: Tick) => wrap(label, left - 14, 2).join("\n"),
        tickSize: 0,
        tickPadding: 8,
      }),
      Plot.axisX(names, { ...axis, x: "value", tickSize: grid === "y" ? 5 : 0, tickPadding: 5 }),
      grid === "y" ? Plot.ruleY([y.domain[0]], { stroke: "var(--soft)" }) : null,
      () => BETWEEN,
      ...spec.marks,
    ],
  });
  const inside = all.indexOf(BETWEEN);
  return asChart(
    element(
      "svg",
      { class: "plot", viewBox: `0 0 ${CHART_WIDTH} ${total}`, role: "img", "aria-label": spec.title },
      above.items,
      element(
        "text",
        { x: 4, y: above.height + 16, class: "strong" },
        fit(spec.yLabel, CHART_WIDTH - 8 - textWidth(note)),
      ),
      note !== "" && element("text", { x: right, y: above.height + 16, class: "end" }, fit(note, right - 40)),
      spec.corner?.(right, above.height + 16),
      group(all.slice(0, inside)),
      element("text", { x: right, y: total - 8, class: "strong end" }, fit(spec.xLabel, right - left)),
      // An inner svg cuts off what leaves it, without the document-wide id that a clip path needs. A little
      // room around it, so that a curve along the border keeps its width.
      element(
        "svg",
        { x: window[0], y: window[1], width: window[2], height: window[3], viewBox: window.join(" ") },
        group(all.slice(inside + 1)),
      ),
    ),
  );
}

/** Labels that do not touch: names in lines that fit, and of what is still too wide only every so many-th. */
function tickNames({ ticks, named = false }: Scale, width: number): readonly Tick[] {
  const step = width / Math.max(1, ticks.length - (named ? 0 : 1));
  const words = ticks.flatMap(({ label }) => (named ? label.split(" ") : [label]));
  const stride = Math.max(1, Math.ceil((Math.min(widest(words), LONGEST_WORD) + 9) / step));
  return ticks
    .filter((_, index) => index % stride === 0)
    .map(({ value, label }) => ({
      value,
      label: named ? wrap(label, stride * step - 8, 3).join("\n") : label,
    }));
}
