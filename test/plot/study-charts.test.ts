/** Pictures of studies: bands, heat maps, tornados, whatever the numbers. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heatMap, lineChart, tornado, type HeatMap, type Tornado } from "../../src/plot";
import { readXml } from "./well-formed";

const text = fc.string({ unit: fc.constantFrom("<", "&", '"', "x", "é", "\0", " "), maxLength: 30 });
const value = fc.oneof(fc.double(), fc.constant(0), fc.constant(1));

function expectSound(svg: string): void {
  for (const [, key, found] of readXml(svg).attributes) if (!["aria-label", "class"].includes(key)) expect(found).not.toMatch(/NaN|Infinity|undefined|e[+-]/);
}

const map = (values: HeatMap["values"], over: Partial<HeatMap> = {}): string =>
  heatMap({ title: "t", caption: "", xLabel: "x", yLabel: "y", x: values[0].map((_, k) => String(k)), y: values.map((_, k) => String(k)), values, ...over }).markup;

describe("heat map", () => {
  it("draws anything", () => {
    const any = fc.integer({ min: 1, max: 5 }).chain((columns) => fc.array(fc.array(fc.option(value), { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 5 }));
    fc.assert(fc.property(any, text, (values, label) => expectSound(map(values, { xLabel: label, yLabel: label, best: { of: "row", is: "largest" } }))), { numRuns: 150 });
  });

  it("darkens with the value, leaves out what was not measured, and frames the best of each row or column", () => {
    const values = [[0.1, 0.5, null], [0.9, 0.2, 0.3]];
    const opacities = Array.from(map(values).matchAll(/fill-opacity="([\d.]+)"/g), ([, x]) => Number(x));
    expect(opacities).toHaveLength(5);
    expect(Math.max(...opacities)).toBe(opacities[2]);
    expect(Math.min(...opacities)).toBe(opacities[0]);
    expect(map(values)).not.toContain('"best"');
    expect(map(values, { best: { of: "row", is: "largest" } }).match(/class="best"/g)).toHaveLength(2);
    expect(map(values, { best: { of: "column", is: "smallest" } }).match(/class="best"/g)).toHaveLength(3);
  });
});

const picture = (bars: Tornado["bars"], base: number): string => tornado({ title: "t", caption: "", xLabel: "accuracy", base, bars }).markup;

describe("tornado", () => {
  it("draws anything", () => {
    const end = fc.record({ setting: text, outcome: fc.double({ min: -1e6, max: 1e6, noNaN: true }) });
    fc.assert(fc.property(fc.array(fc.record({ name: text, low: end, high: end }), { maxLength: 6 }), fc.double({ min: -1e6, max: 1e6, noNaN: true }), (bars, base) => expectSound(picture(bars, base))), { numRuns: 150 });
  });

  it("puts the longest bar first", () => {
    const bar = (name: string, low: number, high: number): Tornado["bars"][number] => ({ name, low: { setting: "0", outcome: low }, high: { setting: "1", outcome: high } });
    const svg = picture([bar("small", 0.8, 0.9), bar("large", 0.9, 0.1)], 0.85);
    expect(svg.indexOf("large")).toBeLessThan(svg.indexOf("small"));
  });
});

describe("band", () => {
  const x = [1, 2, 3];
  const chart = (low: (number | null)[], high: (number | null)[]): string => lineChart({ title: "t", caption: "", xLabel: "x", yLabel: "y", series: [{ name: "a", x, y: [1, 2, 3], band: { low, high } }] }).markup;

  it("goes round the values of many chips, and widens the axis for them", () => {
    const svg = chart([0, 1, 2], [2, 30, 4]);
    const [, path] = / d="([^"]*Z)"/.exec(svg) ?? [];
    expect(path?.match(/L/g)).toHaveLength(5);
    expect(svg).toContain(">30<");
  });

  it("leaves out points without an edge", () => {
    expect(/ d="([^"]*Z)"/.exec(chart([0, null, 2], [2, 3, 4]))?.[1].match(/L/g)).toHaveLength(3);
    expect(chart([null, null, 2], [2, 3, 4])).not.toContain("Z\"");
  });
});
