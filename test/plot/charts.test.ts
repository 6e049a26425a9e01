import { inflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { histogram, lineChart, panels, standaloneSvg, type LineChart } from "../../src/plot";
import { imageGrid } from "../../src/plot/image-grid";
import { greyPng } from "../../src/plot/png";
import type { ImageGrid } from "../../src/plot/report-types";
import { readXml } from "./well-formed";

const text = fc.string({
  unit: fc.constantFrom("<", "&", '"', "'", ">", "x", "é", "\0", "\n", "\uDC00", " ", "1"),
  maxLength: 60,
});
const anyNumber = fc.oneof(fc.double(), fc.integer({ min: -9, max: 9 }), fc.constant(0));
const series = fc
  .record({ name: text, points: fc.array(fc.tuple(anyNumber, fc.option(anyNumber)), { maxLength: 9 }) })
  .map(({ name, points }) => ({ name, x: points.map(([x]) => x), y: points.map(([, y]) => y) }));

const chart = (over: Partial<LineChart>): LineChart => ({
  title: "t",
  caption: "",
  xLabel: "epoch",
  yLabel: "loss",
  series: [],
  ...over,
});
const curve = (y: (number | null)[], over: Partial<LineChart> = {}): string =>
  lineChart(chart({ series: [{ name: "a", x: y.map((_, index) => index), y }], ...over })).markup;
/** What is drawn inside the axes. */
const inside = (svg: string): string => svg.slice(svg.indexOf("<svg", 1));
const paths = (svg: string): string[] =>
  Array.from(inside(svg).matchAll(/ d="([^"]*)"/g), ([, path]) => path);

/** Well-formed, and no NaN or Infinity where a renderer looks for a number. */
function expectSound(svg: string): ReturnType<typeof readXml> {
  const reading = readXml(svg);
  for (const [, key, value] of reading.attributes)
    if (!["aria-label", "class", "href"].includes(key))
      expect(value).not.toMatch(/NaN|Infinity|undefined|e[+-]/);
  return reading;
}

describe("line chart", () => {
  it("draws anything", () => {
    const range = fc.option(fc.tuple(anyNumber, anyNumber), { nil: undefined });
    const charts = fc.record({
      title: text,
      caption: text,
      xLabel: text,
      yLabel: text,
      log: fc.boolean(),
      logX: fc.boolean(),
      equal: fc.boolean(),
      yRange: range,
      series: fc.array(series, { maxLength: 10 }),
    });
    const warn = vi.spyOn(console, "warn");
    fc.assert(
      fc.property(charts, (any) => void expectSound(lineChart(any).markup)),
      { numRuns: 60 },
    );
    expect(warn).not.toHaveBeenCalled(); // the terminal is not Plot's
    warn.mockRestore();
  });

  it("gives a unit the same length on both axes where that is asked", () => {
    const turn = Array.from({ length: 200 }, (_, i) => (2 * Math.PI * i) / 199);
    for (const [wide, high] of [
      [1, 1],
      [30, 1],
      [1, 30],
    ]) {
      const [path] = paths(
        lineChart(
          chart({
            equal: true,
            series: [
              {
                name: "o",
                x: turn.map((t) => 5 + wide * Math.cos(t)),
                y: turn.map((t) => high * Math.sin(t)),
              },
            ],
          }),
        ).markup,
      );
      const points = Array.from(path.matchAll(/([-\d.]+),([-\d.]+)/g), ([, x, y]) => [Number(x), Number(y)]);
      const span = (k: number): number =>
        Math.max(...points.map((p) => p[k])) - Math.min(...points.map((p) => p[k]));
      expect(Math.abs(span(0) / span(1) / (wide / high) - 1)).toBeLessThan(0.02);
    }
  });

  it("draws x on a logarithmic scale, without what is not on it", () => {
    const [path] = paths(
      lineChart(chart({ logX: true, series: [{ name: "a", x: [0, 1, 10, 100], y: [1, 1, 1, 1] }] })).markup,
    );
    const [a, b, c] = Array.from(path.matchAll(/([\d.]+),/g), ([, x]) => Number(x));
    expect(b - a).toBeCloseTo(c - b, 1);
    expect(path.match(/[ML]/g)).toHaveLength(3);
  });

  it("draws a gap where there is no value", () => {
    for (const gap of [null, NaN, Infinity])
      expect(paths(curve([1, 2, gap, 3, 4]))[0].match(/M/g)).toHaveLength(2);
    expect(paths(curve([1, 10, 0, 100, 10], { log: true }))[0].match(/M/g)).toHaveLength(2);
    expect(paths(curve([1, 2, 3, 4]))[0].match(/M/g)).toHaveLength(1);
  });

  it("shows a point that stands alone even among many", () => {
    const y: (number | null)[] = Array.from({ length: 100 }, (_, index) => (index < 50 ? 1 : null));
    y[70] = 2;
    expect(curve(y).match(/<circle[^>]*><title>/g)).toHaveLength(1);
  });

  it("stands without data, without values, with a constant, with one point", () => {
    for (const y of [[], [null, null], [NaN], [5, 5, 5], [0], [-1e308, 1e308], [5e-324, 1e-323]])
      for (const log of [false, true]) expectSound(curve(y, { log }));
  });

  it("draws larger values higher, and puts a range where it belongs", () => {
    const heights = Array.from(
      curve([0, 1], { yRange: [0, 1] }).matchAll(/cy="([\d.]+)"[^>]*><title>/g),
      ([, y]) => Number(y),
    );
    expect(heights[0] - heights[1]).toBe(190);
  });

  it("names several series, in a legend of as many rows as they need", () => {
    const names = Array.from({ length: 12 }, (_, index) => `a rather long name ${index}`);
    const { texts } = readXml(
      lineChart(chart({ series: names.map((name) => ({ name, x: [1], y: [1] })) })).markup,
    );
    for (const name of names) expect(texts).toContain(name);
  });
});

describe("histogram", () => {
  const counts = (values: number[]): number[] =>
    Array.from(
      histogram({ title: "t", caption: "", values }).markup.matchAll(/<title>[^<]*: (\d+)<\/title>/g),
      ([, count]) => Number(count),
    );

  it("counts every finite value once, whatever the values", () => {
    fc.assert(
      fc.property(fc.array(anyNumber, { maxLength: 60 }), text, (values, unit) => {
        expectSound(histogram({ title: unit, caption: "", values, unit }).markup);
        const total = counts(values).reduce((sum, count) => sum + count, 0);
        expect(total).toBe(values.filter(Number.isFinite).length);
      }),
      { numRuns: 40 },
    );
  });

  it("says how many values it left out", () => {
    expect(histogram({ title: "t", caption: "", values: [1, 2, NaN, Infinity] }).markup).toContain(
      "2 not finite",
    );
  });

  it("puts values where they belong", () => {
    expect(counts([0.1, 0.1, 0.1, 0.9])[0]).toBe(3);
    expect(counts([2, 2, 2])).toEqual([3]);
  });
});

describe("image grid", () => {
  const grid = (over: Partial<ImageGrid>): ImageGrid => ({
    title: "t",
    caption: "",
    size: [2, 3],
    images: [],
    ...over,
  });

  it("draws anything", () => {
    const image = fc.record({
      pixels: fc.array(anyNumber, { maxLength: 9 }),
      caption: text,
      wrong: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(image, { maxLength: 30 }),
        (images) => void expectSound(imageGrid(grid({ images })).markup),
      ),
      { numRuns: 50 },
    );
    expectSound(imageGrid(grid({ size: [NaN, 0], images: [{ pixels: [], caption: "" }] })).markup);
  });

  it("marks the wrong ones with more than a colour", () => {
    const { texts } = readXml(
      imageGrid(grid({ images: [{ pixels: [], caption: "3 as 5", wrong: true }] })).markup,
    );
    expect(texts).toContain("✗ 3 as 5");
  });

  it("draws ink dark, row by row", () => {
    const svg = imageGrid(grid({ images: [{ pixels: [0, 1, 0.5, NaN, 2, -1], caption: "" }] })).markup;
    const png = Buffer.from(/base64,([^"]*)/.exec(svg)?.[1] ?? "", "base64");
    expect([...rows(png)]).toEqual([0, 255, 0, 128, 0, 255, 0, 255]);
  });
});

/** The unfiltered rows of a PNG with one IDAT chunk, by Node's own zlib. */
function rows(png: Buffer): Uint8Array {
  const at = png.indexOf("IDAT");
  return inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
}

it("a PNG larger than one block of deflate is whole", () => {
  const levels = Uint8Array.from({ length: 300 * 301 }, (_, index) => index * 7);
  const back = rows(Buffer.from(greyPng(300, 301, levels)));
  expect(back.length).toBe(300 * 302);
  expect(back.subarray(302 * 299 + 1)).toEqual(Buffer.from(levels.subarray(301 * 299)));
});

it("a chart of its own brings name space and style", () => {
  const svg = standaloneSvg(lineChart(chart({ title: "<a>" })));
  expectSound(svg);
  expect(svg).toMatch(/^<\?xml[^>]*>\n<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" class="plot"/);
  expect(svg).toContain("prefers-color-scheme: dark");
});

describe("panels", () => {
  it("puts charts side by side, well-formed whatever they are called", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ title: text, caption: text }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 3 }),
        (names, columns) => {
          const all = names.map(({ title, caption }) => ({
            title,
            caption,
            chart: lineChart(chart({ series: [{ name: "a", x: [0, 1], y: [1, 2] }] })),
          }));
          const svg = standaloneSvg(panels("all", all, columns));
          expectSound(svg);
          // A curve each, and its sample in the legend.
          expect(svg.match(/stroke-width="2.25"/g)).toHaveLength(2 * names.length);
          expect(svg.match(/xmlns="/g)).toHaveLength(1);
        },
      ),
      { numRuns: 40 },
    );
  });
});
