import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { extent, linearScale, logScale } from "../../src/plot/scale";

const finite = fc.oneof(
  fc.double({ min: -1e300, max: 1e300, noNaN: true }),
  fc.double({ min: -1000, max: 1000, noNaN: true }),
  fc.integer({ min: -50, max: 50 }),
);
const positive = fc.oneof(
  fc.double({ min: 1e-280, max: 1e280, noNaN: true }),
  fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
);
const ordered = (number: fc.Arbitrary<number>): fc.Arbitrary<[number, number]> =>
  fc.tuple(number, number).map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);

describe("a linear axis", () => {
  it("has a few ticks, in order, that cover the data", () => {
    fc.assert(
      fc.property(ordered(finite), ([low, high]) => {
        const { ticks, domain } = linearScale([low, high]);
        const slack = 1e-6 * (domain[1] - domain[0]);
        expect(ticks[0].value).toBeLessThanOrEqual(low + slack);
        expect(ticks[ticks.length - 1].value).toBeGreaterThanOrEqual(high - slack);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(8);
        for (let index = 1; index < ticks.length; index++)
          expect(ticks[index].value).toBeGreaterThan(ticks[index - 1].value);
        for (const value of [low, high, ...ticks.map((tick) => tick.value)]) {
          expect(value).toBeGreaterThanOrEqual(domain[0] - slack);
          expect(value).toBeLessThanOrEqual(domain[1] + slack);
        }
      }),
    );
  });

  it("labels every tick differently", () => {
    fc.assert(
      fc.property(ordered(finite), (span) => {
        const labels = linearScale(span).ticks.map(({ label }) => label);
        expect(new Set(labels).size).toBe(labels.length);
      }),
    );
  });

  it("keeps a range that was asked for", () => {
    const { domain, ticks } = linearScale([0, 0.97], { exact: true });
    expect(domain).toEqual([0, 0.97]);
    expect(ticks.map(({ label }) => label)).toEqual(["0", "0.2", "0.4", "0.6", "0.8"]);
  });

  it("ticks whole numbers only, where asked", () => {
    expect(linearScale([1, 3], { whole: true, steps: 8 }).ticks.map(({ value }) => value)).toEqual([1, 2, 3]);
  });

  it("gives a constant room, and stands without data", () => {
    const [low, high] = linearScale([3, 3]).domain;
    expect(low / 2 + high / 2).toBeCloseTo(3);
    expect(linearScale([0, 0]).domain).toEqual([0, 1]);
    expect(linearScale(null).domain).toEqual([0, 1]);
  });

  it("stands at the ends of what a double can hold", () => {
    const ends = [Number.MAX_VALUE, 1.2e308, 1e306, 5e-324, 0, -5e-324, -1e306, -Number.MAX_VALUE];
    for (const low of ends)
      for (const high of ends.filter((end) => end >= low)) {
        for (const scale of [
          linearScale([low, high]),
          linearScale([low, high], { whole: true }),
          logScale([low, high]),
          logScale([low, high], true),
        ]) {
          expect(scale.ticks.length).toBeGreaterThanOrEqual(2);
          expect(scale.ticks.length).toBeLessThanOrEqual(13);
          expect(
            [...scale.ticks.map(({ value }) => value), ...scale.domain].every(Number.isFinite) &&
              Number.isFinite(scale.domain[1] - scale.domain[0]),
          ).toBe(true);
        }
      }
  });

  it("writes labels as people read them", () => {
    const labels = (low: number, high: number): string[] =>
      linearScale([low, high]).ticks.map(({ label }) => label);
    expect(labels(-1, 1)).toEqual(["−1.0", "−0.5", "0", "0.5", "1.0"]);
    expect(labels(0, 2e-5)).toEqual(["0", "5×10⁻⁶", "1×10⁻⁵", "1.5×10⁻⁵", "2×10⁻⁵"]);
    expect(labels(0, 4000)).toEqual(["0", "1000", "2000", "3000", "4000"]);
  });
});

describe("a logarithmic axis", () => {
  it("has ticks, in order, that cover the data", () => {
    fc.assert(
      fc.property(ordered(positive), ([low, high]) => {
        const { ticks, domain } = logScale([low, high]);
        expect(ticks[0].value).toBeLessThanOrEqual(low * (1 + 1e-6));
        expect(ticks[ticks.length - 1].value).toBeGreaterThanOrEqual(high * (1 - 1e-6));
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(13);
        expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length);
        expect(domain[0]).toBeLessThanOrEqual(low);
        expect(domain[1]).toBeGreaterThanOrEqual(high);
      }),
    );
  });

  it("keeps a range that was asked for, where it holds two ticks", () => {
    expect(logScale([0.015, 3], true).domain).toEqual([0.015, 3]);
    expect(logScale([0.015, 3], true).ticks.map(({ label }) => label)).toEqual([
      "0.02",
      "0.05",
      "0.1",
      "0.2",
      "0.5",
      "1",
      "2",
    ]);
    expect(logScale([3, 4], true).ticks.map(({ label }) => label)).toEqual(["2", "5"]);
  });

  it("stands without data", () => {
    for (const span of [null, [0, 0], [-3, 5]] as const)
      expect(logScale(span).ticks.length).toBeGreaterThanOrEqual(2);
  });
});

describe("helpers", () => {
  it("the extent passes over what is no number", () => {
    expect(extent([null, NaN, 3, -1, Infinity])).toEqual([-1, 3]);
    expect(extent([null, NaN])).toBeNull();
  });
});
