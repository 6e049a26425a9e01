/**
 * The frame that charts share: margins that fit the labels, grid lines at the ticks, axis names, a legend
 * above. It gives the chart functions from data to pixels and knows nothing of what is drawn inside.
 */
import { element, type Child, type Markup } from "./markup";
import type { Scale } from "./scale";
import { SERIES_STYLES } from "./theme";

/** Width and height of a chart in its own units, about a pixel each at the width a report shows it. */
export const CHART_WIDTH = 560;
const PLOT_HEIGHT = 220;
const LINE = 20;

export interface AxesSpec {
  readonly x: Scale;
  readonly y: Scale;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Names of the series, in their order; none for no legend. */
  readonly legend: readonly string[];
  /** What the legend shows of a series; a curve unless said. */
  readonly sample?: Sample;
  /** What a screen reader says. */
  readonly title: string;
  /** Said above the plot, on the right. */
  readonly note?: string;
  /** Room inside the plot, left and right, for marks beside their place. */
  readonly inset?: number;
}

/** From data to pixels; null for what is not on the axis. */
export interface Frame {
  readonly x: (value: number | null | undefined) => number | null;
  readonly y: (value: number | null | undefined) => number | null;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Left edge of the plot area: as far in as the labels need. */
const leftEdge = (y: Scale): number =>
  14 + Math.ceil(Math.max(18, ...y.ticks.map(({ label }) => textWidth(label))));
const RIGHT_EDGE = CHART_WIDTH - 16;

/** Width of the plot area over its height, for a y axis. */
export const plotAspect = (y: Scale): number => (RIGHT_EDGE - leftEdge(y)) / PLOT_HEIGHT;

/** A whole chart: the axes around what `draw` makes of the frame. What leaves the plot area is cut off. */
export function chartWithAxes(spec: AxesSpec, draw: (frame: Frame) => readonly Markup[]): Markup {
  const left = leftEdge(spec.y);
  const right = RIGHT_EDGE;
  const { inset = 0 } = spec;
  const legend = legendRows(spec.legend, CHART_WIDTH - 8, spec.sample);
  const top = 12 + LINE + legend.height;
  const bottom = top + PLOT_HEIGHT;
  const frame: Frame = {
    left,
    right,
    top,
    bottom,
    x: (value) => place(spec.x.at(value), (share) => left + inset + share * (right - left - 2 * inset)),
    y: (value) => place(spec.y.at(value), (share) => bottom - share * (bottom - top)),
  };
  const window = [left - 4, top - 4, right - left + 8, PLOT_HEIGHT + 8];
  const height = bottom + LINE * 2 + 8;
  const widest = Math.max(...spec.x.ticks.map(({ label }) => textWidth(label)));
  // labels that do not touch
  const stride = Math.ceil(((widest + 10) * (spec.x.ticks.length - 1)) / (right - left)) || 1;
  return element(
    "svg",
    { class: "plot", viewBox: `0 0 ${CHART_WIDTH} ${height}`, role: "img", "aria-label": spec.title },
    legend.items,
    element(
      "text",
      { x: 4, y: legend.height + 16, class: "strong" },
      fit(spec.yLabel, CHART_WIDTH - 8 - textWidth(spec.note ?? "")),
    ),
    spec.note !== undefined &&
      spec.note !== "" &&
      element("text", { x: right, y: legend.height + 16, class: "end" }, fit(spec.note, right - 40)),
    spec.y.ticks.map(({ value, label }) => horizontal(frame, frame.y(value), label)),
    spec.x.ticks.map(({ value, label }, index) =>
      vertical(frame, frame.x(value), index % stride === 0 ? label : ""),
    ),
    element("line", { x1: left, x2: right, y1: bottom, y2: bottom, class: "axis" }),
    element("text", { x: right, y: bottom + LINE * 2, class: "strong end" }, fit(spec.xLabel, right - left)),
    // An inner svg cuts off what leaves it, without the document-wide id that a clip path needs. A little
    // room around it, so that a curve along the border keeps its width.
    element(
      "svg",
      { x: window[0], y: window[1], width: window[2], height: window[3], viewBox: window.join(" ") },
      draw(frame),
    ),
  );
}

function horizontal({ left, right }: Frame, y: number | null, label: string): Markup[] {
  if (y === null) return [];
  return [
    element("line", { x1: left, x2: right, y1: y, y2: y, class: "grid" }),
    element("text", { x: left - 8, y: y + 4.5, class: "end" }, label),
  ];
}

function vertical({ bottom }: Frame, x: number | null, label: string): Child[] {
  if (x === null) return [];
  return [
    element("line", { x1: x, x2: x, y1: bottom, y2: bottom + 5, class: "axis" }),
    // Centred under its tick, but not beyond the edge of the chart.
    label !== "" &&
      element(
        "text",
        { x: Math.min(x, CHART_WIDTH - textWidth(label) / 2), y: bottom + 19, class: "middle" },
        label,
      ),
  ];
}

/** What stands for a series: a bar, a curve with its mark, or the mark alone where nothing is joined. */
export type Sample = "bar" | "curve" | "mark";

function sampleOf(sample: Sample, x: number, y: number, style: number): Markup[] {
  if (sample === "bar") return [element("rect", { x, y: y - 6, width: 26, height: 12, class: `d${style}` })];
  if (sample === "mark") return [mark(x + 13, y, style)];
  return [
    element("line", { x1: x, x2: x + 26, y1: y, y2: y, class: `curve s${style}` }),
    dot(x + 13, y, style),
  ];
}

/** A sample of each series and its name, in as many rows as they need. */
export function legendRows(
  names: readonly string[],
  width: number,
  sample: Sample = "curve",
): { items: Markup[]; height: number } {
  const items: Markup[] = [];
  let x = 4;
  let row = 0;
  names.forEach((name, index) => {
    const label = fit(name, width - 40);
    const needed = 34 + textWidth(label) + 18;
    if (x > 4 && x + needed > width) {
      x = 4;
      row++;
    }
    const y = row * LINE + 12;
    const style = index % SERIES_STYLES;
    items.push(
      ...sampleOf(sample, x, y, style),
      element("text", { x: x + 34, y: y + 4.5, class: "strong" }, label),
    );
    x += needed;
  });
  return { items, height: names.length === 0 ? 0 : (row + 1) * LINE + 4 };
}

/** The mark of a loose point: without a curve, series differ by shape, a disc or a diamond. */
export function mark(x: number, y: number, style: number, hint?: Markup): Markup {
  if (style % 2 === 0) return element("circle", { cx: x, cy: y, r: 3, class: `d${style}` }, hint);
  const size = 4;
  const corners = [
    [x, y - size],
    [x + size, y],
    [x, y + size],
    [x - size, y],
  ];
  return element(
    "polygon",
    {
      points: corners
        .map((corner) => corner.map((value) => Math.round(value * 100) / 100).join(","))
        .join(" "),
      class: `d${style}`,
    },
    hint,
  );
}

/** The mark of a point: its shape and the dashes of its curve tell eight series apart without colour. */
export function dot(x: number, y: number, style: number, hint?: Markup): Markup {
  const size = 2.8;
  return style % SERIES_STYLES < SERIES_STYLES / 2
    ? element("circle", { cx: x, cy: y, r: size, class: `d${style}` }, hint)
    : element(
        "rect",
        { x: x - size, y: y - size, width: 2 * size, height: 2 * size, class: `d${style}` },
        hint,
      );
}

/**
 * About how wide a text of 13 units is; digits and small letters are close to this in all the fonts we name.
 */
export function textWidth(text: string): number {
  return Array.from(text).length * 7.3;
}

/** `text`, or as much of it as fits, with an ellipsis. */
export function fit(text: string, width: number): string {
  const letters = Array.from(text);
  const room = Math.max(1, Math.floor(width / 7.3));
  return letters.length <= room ? text : `${letters.slice(0, room - 1).join("")}…`;
}

/** `text` in lines that fit. A word that is too long for a line is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = lines.length === 0 ? word : `${lines[lines.length - 1]} ${word}`;
    if (lines.length > 0 && textWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(fit(word, width));
  }
  return lines;
}

/** Pixels, kept within what a renderer can take: far outside the plot is far enough. */
function place(share: number | null, toPixels: (share: number) => number): number | null {
  return share === null ? null : toPixels(Math.min(20, Math.max(-20, share)));
}
