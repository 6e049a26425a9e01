/** Pictures of studies: bands, heat maps, tornados, whatever the numbers. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heatMap, histogram, lineChart, ranking, tornado, type HeatMap, type Tornado } from "../../src/plot";
import { figureFiles } from "../../src/plot/figure";
import { PALETTE_CSS } from "../../src/plot/theme";
import { readXml } from "./well-formed";

const text = fc.string({ unit: fc.constantFrom("<", "&", '"', "x", "é", "\0", " "), maxLength: 30 });
const value = fc.oneof(fc.double(), fc.constant(0), fc.constant(1));

function expectSound(svg: string): void {
  for (const [, key, found] of readXml(svg).attributes)
    if (!["aria-label", "class"].includes(key)) expect(found).not.toMatch(/NaN|Infinity|undefined|e[+-]/);
}

const map = (values: HeatMap["values"], over: Partial<HeatMap> = {}): string =>
  heatMap({
    title: "t",
    caption: "",
    xLabel: "x",
    yLabel: "y",
    x: values[0].map((_, k) => String(k)),
    y: values.map((_, k) => String(k)),
    values,
    ...over,
  }).markup;

describe("heat map", () => {
  it("draws anything", () => {
    const any = fc.integer({ min: 1, max: 5 }).chain((columns) =>
      fc.array(fc.array(fc.option(value), { minLength: columns, maxLength: columns }), {
        minLength: 1,
        maxLength: 5,
      }),
    );
    fc.assert(
      fc.property(any, text, (values, label) =>
        expectSound(map(values, { xLabel: label, yLabel: label, best: { of: "row", is: "largest" } })),
      ),
      { numRuns: 40 },
    );
  });

  it("darkens with the value, leaves out what was not measured, and frames the best of each row or column", () => {
    const values = [
      [0.1, 0.5, null],
      [0.9, 0.2, 0.3],
    ];
    const opacities = Array.from(map(values).matchAll(/fill-opacity="([\d.]+)"[^>]*><title>/g), ([, x]) =>
      Number(x),
    );
    expect(opacities).toHaveLength(5);
    expect(Math.max(...opacities)).toBe(opacities[2]);
    expect(Math.min(...opacities)).toBe(opacities[0]);
    const frames = (best: HeatMap["best"]): number =>
      /stroke-width="2.5"[^>]*>(<rect[^/]*\/rect>)*/.exec(map(values, { best }))?.[0].match(/<rect/g)
        ?.length ?? 0;
    expect(frames(undefined)).toBe(0);
    expect(frames({ of: "row", is: "largest" })).toBe(2);
    expect(frames({ of: "column", is: "smallest" })).toBe(3);
  });
});

const picture = (bars: Tornado["bars"], base: number): string =>
  tornado({ title: "t", caption: "", xLabel: "accuracy", base, bars }).markup;

describe("tornado", () => {
  it("draws anything", () => {
    const end = fc.record({ setting: text, outcome: fc.double({ min: -1e6, max: 1e6, noNaN: true }) });
    fc.assert(
      fc.property(
        fc.array(fc.record({ name: text, low: end, high: end }), { maxLength: 6 }),
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        (bars, base) => expectSound(picture(bars, base)),
      ),
      { numRuns: 40 },
    );
  });

  it("puts the longest bar first", () => {
    const bar = (name: string, low: number, high: number): Tornado["bars"][number] => ({
      name,
      low: { setting: "0", outcome: low },
      high: { setting: "1", outcome: high },
    });
    const svg = picture([bar("small", 0.8, 0.9), bar("large", 0.9, 0.1)], 0.85);
    expect(svg.indexOf("large")).toBeLessThan(svg.indexOf("small"));
  });
});

describe("band", () => {
  const x = [1, 2, 3];
  const chart = (low: (number | null)[], high: (number | null)[]): string =>
    lineChart({
      title: "t",
      caption: "",
      xLabel: "x",
      yLabel: "y",
      series: [{ name: "a", x, y: [1, 2, 3], band: { low, high } }],
    }).markup;

  it("goes round the values of many chips, and widens the axis for them", () => {
    const svg = chart([0, 1, 2], [2, 30, 4]);
    const [, path] = / d="([^"]*Z)"/.exec(svg) ?? [];
    expect(path?.match(/L/g)).toHaveLength(5);
    expect(svg).toContain(">30<");
  });

  it("leaves out points without an edge", () => {
    expect(/ d="([^"]*Z)"/.exec(chart([0, null, 2], [2, 3, 4]))?.[1].match(/L/g)).toHaveLength(3);
    expect(/ d="([^"]*Z)"/.exec(chart([null, null, 2], [2, 3, 4]))?.[1] ?? "").not.toContain("L3");
  });
});

describe("bars where many bands would hide each other", () => {
  const series = (count: number) =>
    Array.from({ length: count }, (_, k) => ({
      name: String(k),
      x: [1, 2],
      y: [1, 2],
      band: { low: [0, 1], high: [2, 3] },
    }));
  const drawn = (count: number): string =>
    lineChart({ title: "t", caption: "", xLabel: "x", yLabel: "y", series: series(count) }).markup;

  it("take the place of bands from the third curve on", () => {
    expect(drawn(2).match(/fill-opacity="0.16"/g)).toHaveLength(2);
    expect(drawn(3)).not.toContain("fill-opacity");
    expect(drawn(3).match(/stroke-opacity="0.75"/g)).toHaveLength(3);
  });
});

describe("loose points", () => {
  it("are told apart by shape, and joined by nothing", () => {
    const svg = lineChart({
      title: "t",
      caption: "",
      xLabel: "x",
      yLabel: "y",
      series: ["a", "b"].map((name) => ({ name, loose: true, x: [1, 2], y: [1, 2] })),
    }).markup;
    const diamond = / d="([^"]*)"[^>]*><title>b: /.exec(svg)?.[1] ?? "";
    // one of each in the legend
    expect([svg.match(/<circle/g)?.length, svg.split(` d="${diamond}"`).length - 1]).toEqual([3, 3]);
    expect(svg).not.toContain('stroke-width="2.25"');
  });
});

describe("choices along x", () => {
  it("stand under their names, side by side", () => {
    const svg = lineChart({
      title: "t",
      caption: "",
      xLabel: "dt",
      yLabel: "y",
      xNames: ["10 us", "1 ms"],
      level: { y: 0.5, name: "the bound" },
      percent: true,
      series: [{ name: "", x: [0, 1], y: [0, 1] }],
    }).markup;
    for (const label of ["10 us", "1 ms", "100 %", "dashed line: the bound"])
      expect(svg).toContain(`>${label}<`);
  });
});

describe("ranking", () => {
  it("draws anything, with each value beside its bar", () => {
    const row = fc.record({ name: text, values: fc.array(fc.double(), { minLength: 2, maxLength: 2 }) });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 6 }), (rows) =>
        expectSound(ranking({ title: "t", caption: "", xLabel: "x", bars: ["a", "b"], rows }).markup),
      ),
      { numRuns: 40 },
    );
    expect(
      ranking({ title: "t", caption: "", xLabel: "x", bars: ["a"], rows: [{ name: "k", values: [0.25] }] })
        .markup,
    ).toContain(">0.25<");
  });
});

describe("a bound in a histogram", () => {
  it("is on the axis even where no value is", () => {
    const svg = histogram({
      title: "t",
      caption: "",
      values: [1, 2, 3],
      mark: { x: 40, name: "wanted" },
    }).markup;
    expect(svg).toContain("solid: wanted");
    expect(svg).toMatch(/>40</);
  });
});

describe("files of figures", () => {
  it("carry title and caption, a ground of their own, and names that any disk takes", () => {
    const [file, other] = figureFiles([
      { kind: "histogram", title: "Chips: <a/b>", caption: "What it shows.", values: [1, 2] },
      { kind: "images", title: "é", caption: "", size: [1, 1], images: [] },
    ]);
    expect([file.name, other.name]).toEqual(["01-chips-a-b.svg", "02-figure.svg"]);
    const { texts } = readXml(file.svg);
    expect(texts).toEqual(expect.arrayContaining(["Chips: <a/b>", "What it shows."]));
    expect(file.svg).toContain('class="paper"');
  });
});

describe("colours", () => {
  /** WCAG's relative luminance. */
  const luminance = (hex: string): number => {
    const [r, g, b] = [1, 3, 5]
      .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a: string, b: string): number => {
    const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (light + 0.05) / (dark + 0.05);
  };
  const over = (top: string, ground: string, opacity: number): string =>
    `#${[1, 3, 5]
      .map((at) =>
        Math.round(
          opacity * Number.parseInt(top.slice(at, at + 2), 16) +
            (1 - opacity) * Number.parseInt(ground.slice(at, at + 2), 16),
        )
          .toString(16)
          .padStart(2, "0"),
      )
      .join("")}`;
  const themes = PALETTE_CSS.split("@media").map((css) =>
    Object.fromEntries(
      Array.from(css.matchAll(/(--[\w-]+): (#\w{6})/g), ([, name, colour]) => [name, colour]),
    ),
  );

  it("leave text readable, on light and on dark (WCAG: 4.5 for text, 3 for lines)", () => {
    expect(themes).toHaveLength(2);
    for (const theme of themes) {
      for (const ground of ["--paper", "--panel"])
        for (const ink of ["--ink", "--soft"])
          expect(contrast(theme[ink], theme[ground])).toBeGreaterThan(4.5);
      expect(contrast(theme["--warn"], theme["--warn-panel"])).toBeGreaterThan(4.5);
      for (const opacity of [0.04, 0.35, 0.7])
        expect(contrast(theme["--ink"], over(theme["--heat"], theme["--paper"], opacity))).toBeGreaterThan(
          4.5,
        );
      for (const [name, colour] of Object.entries(theme))
        if (name.startsWith("--series")) expect(contrast(colour, theme["--paper"])).toBeGreaterThan(3);
    }
  });
});

it("a histogram closes its last bin: the largest values are drawn", () => {
  const widths = (values: readonly number[]): number[] =>
    [...histogram({ title: "", caption: "", values }).markup.matchAll(/<rect[^>]* width="([\d.]+)"/g)].map(
      ([, width]) => Number(width),
    );
  for (const values of [
    [1, 2, 2, 2, 2, 2],
    [0, 10],
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    [0.85, 0.9, 1, 1],
  ])
    for (const width of widths(values)) expect(width).toBeGreaterThan(3);
  expect(widths([1, 2, 2, 2, 2, 2])).toHaveLength(2);
});
