/** Rows of bars under their names: what matters most (a ranking), and what each knob does (a tornado). */
import * as Plot from "@observablehq/plot";
import { CHART_WIDTH, chart, type ChartSpec } from "./chart";
import { readRanking, readTornado } from "./figure-options";
import { formatValue } from "./format";
import type { Markup } from "./markup";
import type { Ranking, Tornado } from "./report-types";
import { choiceScale, extent, inPercent, linearScale } from "./scale";
import { fit, widest } from "./text-width";
import { seriesColour } from "./theme";

/** Heights of a bar and between rows. */
const [BAR, GAP] = [16, 14];
/** Longest label of a bar. */
const LONGEST = CHART_WIDTH / 5;

interface Bar {
  /** Where it ends; it starts at the base that all share. */
  readonly value: number;
  /** Beside its end. */
  readonly label: string;
  readonly hint: string;
}

interface Rows extends Pick<ChartSpec, "title" | "xLabel" | "legend" | "note"> {
  readonly base: number;
  readonly percent?: boolean;
  readonly rows: readonly { readonly name: string; readonly bars: readonly Bar[] }[];
}

/** Shares of things: rows in the order given. */
export function ranking(given: Ranking): Markup {
  const { title, xLabel, bars, rows } = readRanking(given);
  return barRows({
    title,
    xLabel,
    legend: bars,
    base: 0,
    rows: rows.map(({ name, values }) => ({
      name,
      bars: values.map((value, k) => ({
        value,
        label: formatValue(Number(value.toPrecision(2))),
        hint: `${name}, ${bars[k]}: ${formatValue(value)}`,
      })),
    })),
  });
}

/** How far the outcome goes when one knob goes from one end to the other, longest first. */
export function tornado(given: Tornado): Markup {
  const { title, xLabel, percent = false, base, bars } = readTornado(given);
  const write = (value: number): string =>
    percent ? `${formatValue(Number((100 * value).toPrecision(3)))} %` : formatValue(value);
  const reach = ({ low, high }: Tornado["bars"][number]): number =>
    Math.max(low.outcome, high.outcome, base) - Math.min(low.outcome, high.outcome, base);
  return barRows({
    title,
    xLabel,
    note: `dashed line: base ${write(base)}`,
    base,
    percent,
    rows: [...bars]
      .sort((a, b) => reach(b) - reach(a))
      .map(({ name, low, high }) => ({
        name,
        bars: [low, high].map(({ setting, outcome }) => ({
          value: outcome,
          label: fit(setting, LONGEST),
          hint: `${name} ${setting}: ${write(outcome)}`,
        })),
      })),
  });
}

function barRows({ base, percent = false, rows, ...words }: Rows): Markup {
  const scale = linearScale(extent([base, ...rows.flatMap(({ bars }) => bars.map(({ value }) => value))]), {
    steps: 5,
  });
  const high = BAR * Math.max(1, ...rows.map(({ bars }) => bars.length)) + GAP;
  const half = (BAR / 2 - 1) / high;
  const all = rows.flatMap(({ bars }, row) =>
    bars
      .map((bar, k) => ({ ...bar, k, y: row - 0.5 + (GAP / 2 + (k + 0.5) * BAR) / high }))
      .filter(({ value }) => Number.isFinite(value))
      .map((bar) => ({ ...bar, y1: bar.y - half, y2: bar.y + half, fill: seriesColour(bar.k) })),
  );
  // Labels stand beyond the ends of their bars, where the axis leaves them room.
  const sides = [all.filter(({ value }) => value < base), all.filter(({ value }) => value >= base)];
  const [left, right] = sides.map((bars) => widest(bars.map(({ label }) => label)));
  return chart({
    ...words,
    x: percent ? inPercent(scale) : scale,
    y: choiceScale(
      rows.map(({ name }) => name),
      true,
    ),
    yLabel: "",
    sample: "bar",
    grid: "x",
    inset: [left + 16, right + 8],
    height: high * rows.length,
    marks: [
      Plot.rect(all, { x1: base, x2: "value", y1: "y1", y2: "y2", fill: "fill", title: "hint" }),
      Plot.ruleX([base], { className: "mark" }),
      ...sides.map((bars, k) =>
        Plot.text(bars, {
          x: "value",
          y: "y",
          dx: 12 * k - 6,
          text: "label",
          textAnchor: k === 0 ? "end" : "start",
          fill: "var(--soft)",
          stroke: "var(--paper)",
          strokeWidth: 4,
        }),
      ),
    ],
  });
}
