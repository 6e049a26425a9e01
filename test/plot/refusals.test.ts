/** What charts and pages do not draw: wrong arguments, lists of unlike lengths. Refused by name, with a remedy. */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { OhmletError } from "../../src";
import * as plot from "../../src/plot";
import { refusal } from "../refusal";

const words = { title: "t", caption: "", xLabel: "x", yLabel: "y" };
const series = { name: "loss", x: [1, 2], y: [3, 4] };
const end = { setting: "", outcome: 1 };
const report: plot.Report = {
  title: "t",
  summary: "s",
  headline: [],
  facts: [],
  commands: [],
  figures: [],
  notes: [],
};
const odd = (value: unknown): never => value as never;

describe("pictures refuse", () => {
  const { lineChart, heatMap, histogram, ranking, tornado, panels, standaloneSvg, reportHtml } = plot;
  it.each(
    [undefined, null, 3, "x", [], {}].flatMap((value) =>
      Object.entries({ lineChart, heatMap, histogram, ranking, tornado, standaloneSvg, reportHtml }).map(
        ([name, draw]) => [name, value, draw] as const,
      ),
    ),
  )("%s of %j", (_, value, draw) => {
    expect(refusal(() => draw(odd(value))).code).toMatch(/^OPTION-(VALUE|MISSING)$/);
  });

  it.each<readonly [string, () => unknown]>([
    [
      'y of the series "loss" has 1 values, where its x has 2',
      () => lineChart({ ...words, series: [{ ...series, y: [1] }] }),
    ],
    [
      'band.high of the series "loss" has 3 values, where its x has 2',
      () => lineChart({ ...words, series: [{ ...series, band: { low: [1, 2], high: [1, 2, 3] } }] }),
    ],
    [
      "values has 1 values, where y has 2",
      () => heatMap({ ...words, x: ["a"], y: ["b", "c"], values: [[1]] }),
    ],
    [
      "values[1] has 2 values, where x has 1",
      () => heatMap({ ...words, x: ["a"], y: ["b", "c"], values: [[1], [1, 2]] }),
    ],
    [
      'the row "r" has 1 values, where bars has 2',
      () =>
        ranking({ title: "", caption: "", xLabel: "", bars: ["a", "b"], rows: [{ name: "r", values: [1] }] }),
    ],
    [
      '"base" is NaN',
      () =>
        tornado({ title: "", caption: "", xLabel: "", base: NaN, bars: [{ name: "", low: end, high: end }] }),
    ],
    ['"title" is 3', () => panels(odd(3), [])],
    ['"all" is an object', () => panels("t", odd({}))],
    ['"chart" is the text "<svg>"', () => panels("t", [{ title: "", caption: "", chart: odd("<svg>") }])],
    ['"figures" is a list', () => reportHtml({ ...report, figures: [odd({ kind: "pie" })] })],
    ['"facts" is a list', () => reportHtml({ ...report, facts: [odd(["a"])] })],
  ])("%s", (fact, draw) => {
    const error = refusal(draw);
    expect(error).toBeInstanceOf(OhmletError);
    expect(error).toMatchObject({ code: "OPTION-VALUE", fact });
    expect(error.remedy).toMatch(/./);
  });
});

describe("a picture prints itself", () => {
  const chart = plot.lineChart({ ...words, title: `loss & "gain" <of> it`, series: [series] });
  it("in words, and in a notebook as the picture", () => {
    expect(String(chart)).toMatch(
      /^picture "loss & "gain" <of> it", 480 × \d+\n {2}an SVG element in its {2}markup; {2}standaloneSvg/,
    );
    expect(inspect(chart)).toBe(String(chart));
    const shown = (chart as unknown as Record<symbol, () => Record<string, string>>)[
      Symbol.for("Jupyter.display")
    ]();
    expect(shown).toEqual({ "text/plain": String(chart), "image/svg+xml": plot.standaloneSvg(chart) });
    expect(Object.keys(chart)).toEqual(["markup"]);
  });

  it("also where several share one", () => {
    const both = plot.panels("two", [{ title: "a", caption: "", chart }]);
    expect(String(both)).toMatch(/^picture "two", 536 × \d/);
  });
});
