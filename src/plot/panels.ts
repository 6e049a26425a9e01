/** Charts side by side in one picture, each under its title and above its caption. */
import { CHART_WIDTH } from "./chart";
import { asChart, sizeOf } from "./drawn-chart";
import { CHART } from "./figure-options";
import { wrap } from "./text-width";
import { check, expectValue, optionsOf } from "../options";
import { element, trusted, type Markup } from "./markup";

/** A chart with its title and caption, as one of several in a picture. */
export interface Panel {
  readonly title: string;
  readonly caption: string;
  /** What lineChart, histogram or another of them drew. */
  readonly chart: Markup;
}

const readPanel = optionsOf<Panel>("panels", {
  needs: { title: check.text, caption: check.text, chart: CHART },
});

const GAP = 28;
const LINE = 20;

/** One SVG element of so many columns; rows are as high as their highest panel. */
export function panels(title: string, all: readonly Panel[], columns = 2): Markup {
  expectValue("panels", "title", title, check.text);
  expectValue("panels", "all", all, check.list(check.part(readPanel)));
  expectValue("panels", "columns", columns, check.whole(1));
  const drawn = all.map((panel) => {
    const { title: name, caption, chart } = panel;
    const [width, height] = sizeOf(chart) ?? [CHART_WIDTH, 0];
    const words = caption === "" ? [] : wrap(caption, width);
    return { name, words, chart, width, height, needs: LINE + height + LINE * words.length };
  });
  const column = Math.max(CHART_WIDTH, ...drawn.map(({ width }) => width));
  const placed: Markup[] = [element("rect", { width: "100%", height: "100%", class: "paper" })];
  let y = GAP;
  for (let first = 0; first < drawn.length; first += columns) {
    const row = drawn.slice(first, first + columns);
    row.forEach(({ name, words, chart, width, height }, k) => {
      const x = GAP + k * (column + GAP);
      placed.push(element("text", { x, y: y + 14, class: "strong title" }, name));
      // A nested svg needs its place and size; its own attributes stay.
      placed.push(
        trusted(
          chart.markup.replace(
            /^<svg class="plot"/,
            `<svg x="${x}" y="${y + LINE}" width="${width}" height="${height}"`,
          ),
        ),
      );
      words.forEach((line, i) =>
        placed.push(element("text", { x, y: y + LINE + height + 14 + i * LINE }, line)),
      );
    });
    y += Math.max(...row.map(({ needs }) => needs)) + GAP;
  }
  const width = GAP + Math.min(columns, all.length) * (column + GAP);
  return asChart(
    element("svg", { class: "plot", viewBox: `0 0 ${width} ${y}`, role: "img", "aria-label": title }, placed),
  );
}
