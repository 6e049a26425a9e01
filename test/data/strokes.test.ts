import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Dataset } from "../../src/data/dataset";
import { type StrokeOptions, strokeDigits } from "../../src/data/strokes";
import { codeOf } from "../refusal";
import { stopwatch } from "../stopwatch";

function sample(dataset: Dataset, i: number): number[] {
  const out = new Float64Array(dataset.features);
  dataset.pixels(i, out, 0);
  return [...out];
}

const cases = fc.record({
  size: fc.integer({ min: 8, max: 28 }),
  samples: fc.integer({ min: 1, max: 25 }),
  seed: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  split: fc.constantFrom("train" as const, "test" as const),
  noise: fc.double({ min: 0, max: 2, noNaN: true }),
});

/**
 * Squared distance to the nearest of some images: enough to tell digits apart if they look like themselves.
 */
function nearest(image: number[], models: number[][]): number {
  const distances = models.map((model) => model.reduce((sum, value, p) => sum + (value - image[p]) ** 2, 0));
  return distances.indexOf(Math.min(...distances));
}

describe("stroke digits", () => {
  it("are in [0, 1] and a pure function of seed, split and index, however many are asked for", () => {
    fc.assert(
      fc.property(cases, fc.nat(24), (options, i) => {
        const few = strokeDigits(options);
        const many = strokeDigits({ ...options, samples: 25 });
        const at = i % options.samples;
        expect(sample(few, at)).toEqual(sample(many, at));
        expect(few.labels[at]).toBe(many.labels[at]);
        expect(sample(few, at).every((value) => value >= 0 && value <= 1)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it("differ by seed, by split and by index", () => {
    const set = (seed: number, split: "train" | "test") => strokeDigits({ samples: 20, seed, split });
    const images = [...Array(20).keys()].flatMap((i) => [
      sample(set(1, "train"), i),
      sample(set(2, "train"), i),
      sample(set(1, "test"), i),
    ]);
    expect(new Set(images.map(String)).size).toBe(60);
  });

  it("are drawn by other hands in train and test: without noise too, no image is in both", () => {
    const [train, test] = (["train", "test"] as const).map((split) =>
      strokeDigits({ samples: 200, seed: 3, split, noise: 0 }),
    );
    const known = new Set([...Array(200).keys()].map((i) => String(sample(train, i))));
    expect([...Array(200).keys()].filter((i) => known.has(String(sample(test, i))))).toEqual([]);
  });

  it("hold every class equally often", () => {
    const { labels, classes } = strokeDigits({ samples: 200, seed: 5, split: "train" });
    for (let digit = 0; digit < classes; digit++)
      expect(labels.filter((label) => label === digit)).toHaveLength(20);
  });

  it("are one hand at every size: a fine image, averaged, is the coarse one", () => {
    const [coarse, fine] = [8, 24].map((size) =>
      strokeDigits({ size, samples: 10, seed: 7, split: "train", noise: 0 }),
    );
    for (let i = 0; i < 10; i++) {
      const [small, large] = [sample(coarse, i), sample(fine, i)];
      const ink = (image: number[]) => image.reduce((sum, value) => sum + value, 0) / image.length;
      expect(Math.abs(ink(small) - ink(large))).toBeLessThan(0.03);
      expect(ink(large)).toBeGreaterThan(0.05);
    }
  });

  it("can be told apart, and not by their class means alone", () => {
    const train = strokeDigits({ samples: 1000, seed: 1, split: "train" });
    const test = strokeDigits({ samples: 300, seed: 1, split: "test" });
    const means = Array.from({ length: 10 }, () => Array<number>(64).fill(0));
    for (let i = 0; i < train.samples; i++)
      sample(train, i).forEach((value, p) => (means[train.labels[i]][p] += value / 100));
    const hits = [...Array(test.samples).keys()].filter(
      (i) => nearest(sample(test, i), means) === test.labels[i],
    ).length;
    expect(hits / test.samples).toBeGreaterThan(0.75);
    expect(hits / test.samples).toBeLessThan(0.97);
  });

  it("cost little: 2,000 of 8x8 well under a second", () => {
    const seconds = [1, 2, 3].map((seed) => {
      const elapsed = stopwatch();
      strokeDigits({ samples: 2000, seed, split: "train" });
      return elapsed() / 1000;
    });
    expect(Math.min(...seconds)).toBeLessThan(0.8);
  });

  it.each<[Partial<StrokeOptions>, string]>([
    [{ size: 7 }, "DATA-SIZE"],
    [{ size: 29 }, "DATA-SIZE"],
    [{ size: 8.5 }, "DATA-SIZE"],
    [{ samples: 0 }, "DATA-COUNT"],
    [{ samples: NaN }, "DATA-COUNT"],
    [{ samples: 1e12 }, "DATA-SIZE"],
    [{ seed: -1 }, "ENGINE-SEED"],
    [{ seed: 0.5 }, "ENGINE-SEED"],
    [{ noise: -1 }, "DATA-NOISE"],
    [{ noise: NaN }, "DATA-NOISE"],
  ])("refuse %j with %s", (wrong, code) => {
    expect(codeOf(() => strokeDigits({ samples: 1, seed: 1, split: "train", ...wrong }))).toBe(code);
  });
});
