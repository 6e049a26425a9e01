/** Signal over noise of repeated updates, against numbers by hand. */
import { describe, expect, it } from "vitest";
import { ratioOf, sumsOf } from "../../src/runs/studying/update-snr";

describe("the signal over the noise of updates", () => {
  it("is that of the mean and the variance of each entry, less what noise leaves in the mean", () => {
    // Entries 3, 5, 7 and 1, 1, 4: means 5 and 2, variances 4 and 3.
    const { signal, noise, scale } = sumsOf([
      [3, 1],
      [5, 1],
      [7, 4],
    ]);
    expect([signal, noise, scale]).toEqual([29 - 7 / 3, 7, 29]);
    expect(ratioOf({ signal, noise, scale })).toBeCloseTo(Math.sqrt((29 - 7 / 3) / 7), 12);
  });

  it("is 0 where there is nothing but noise, and nothing where there is none", () => {
    expect(ratioOf(sumsOf([[1], [-1]]))).toBe(0);
    expect(ratioOf(sumsOf([[2], [2]]))).toBeNull();
    expect(ratioOf(sumsOf([[1], [1 + 1e-8]]))).toBeNull();
  });
});
