/** Charts side by side in one picture, each under its title and above its caption. */
import { CHART_WIDTH, wrap } from "./axes";
import { element, trusted, type Markup } from "./markup";

export interface Panel {
  readonly title: string;
  readonly caption: string;
  /** What lineChart or histogram drew. */
  readonly chart: Markup;
}

const GAP = 28;
const LINE = 20;

/** One SVG element of so many columns; rows are as high as their highest panel. */
export function panels(title: string, all: readonly Panel[], columns = 2): Markup {
  const drawn = all.map(({ title: name, caption, chart }) => {
    const height = Number(/viewBox="0 0 \S+ ([\d.]+)"/.exec(chart.markup)?.[1] ?? 0);
    const words = wrap(caption, CHART_WIDTH);
    return { name, words, chart, height, needs: LINE + height + LINE * words.length };
  });
  const placed: Markup[] = [element("rect", { width: "100%", height: "100%", class: "paper" })];
  let y = GAP;
  for (let first = 0; first < drawn.length; first += columns) {
    const row = drawn.slice(first, first + columns);
    row.forEach(({ name, words, chart, height }, column) => {
      const x = GAP + column * (CHART_WIDTH + GAP);
      placed.push(element("text", { x, y: y + 14, class: "strong title" }, name));
      // A nested svg needs its place and size; its own attributes stay.
      placed.push(trusted(chart.markup.replace(/^<svg class="plot"/, `<svg x="${x}" y="${y + LINE}" width="${CHART_WIDTH}" height="${height}"`)));
      words.forEach((line, i) => placed.push(element("text", { x, y: y + LINE + height + 14 + i * LINE }, line)));
    });
    y += Math.max(...row.map(({ needs }) => needs)) + GAP;
  }
  const width = GAP + Math.min(columns, all.length) * (CHART_WIDTH + GAP);
  return element("svg", { class: "plot", viewBox: `0 0 ${width} ${y}`, role: "img", "aria-label": title }, placed);
}
