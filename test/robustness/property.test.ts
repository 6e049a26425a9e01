/** Claims as properties of fast-check: shrunk by it, reported by it, replayed by its seed and path. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  imperfections,
  IMPERFECTIONS,
  points,
  survives,
  type Experiment,
  type Ranges,
} from "../../src/robustness";

const RANGES: Ranges = { angle: { from: 0, to: 90, steps: 90 }, levels: [0, 256, 16, 4] };
const experiment: Experiment = ({ angle }) => ({ accuracy: 1 - Number(angle) / 100 });

describe("a claim as a property", () => {
  it("shrinks to the smallest point, names it, and is replayed by seed and path", async () => {
    const claim = { accuracy: ">= 0.5" };
    const found = await fc.check(survives(claim, RANGES, experiment), { seed: 3 });
    expect(found.counterexample?.[0]).toEqual({ angle: 51, levels: 0 });
    expect(String(found.errorInstance)).toContain("the claim accuracy >= 0.5 fails at angle = 51");
    const again = await fc.check(survives(claim, RANGES, experiment), {
      seed: found.seed,
      path: found.counterexamplePath ?? "",
    });
    expect([again.counterexample, again.numShrinks]).toEqual([found.counterexample, 0]);
  });

  it("shrinks a point of the user's too, and never asks twice about one", async () => {
    const asked: string[] = [];
    const once: Experiment = (point, seed) => (
      asked.push(JSON.stringify([point, seed])),
      experiment(point, seed)
    );
    const found = await fc.check(survives({ accuracy: ">= 0.5" }, RANGES, once, { seeds: 1 }), {
      examples: [[{ angle: 90, levels: 4 }]],
      numRuns: 1,
    });
    expect(found.counterexample?.[0]).toEqual({ angle: 51, levels: 0 });
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked.length).toBeLessThan(30);
  });

  it("passes where the claim holds, and refuses what is no claim", async () => {
    await fc.assert(survives({ accuracy: ">= 0" }, { angle: [0, 10] }, experiment));
    expect(() => survives({ accuracy: "good" }, RANGES, experiment)).toThrow("WEAKEST-CLAIM");
    expect(() => points({ angle: [] })).toThrow("WEAKEST-RANGE");
  });
});

describe("imperfections", () => {
  it("shrink to the ideal", () => {
    const found = fc.check(
      fc.property(imperfections(), () => false),
      { seed: 2 },
    );
    expect(found.counterexample?.[0]).toEqual(
      Object.fromEntries(
        Object.entries(IMPERFECTIONS).map(([name, range]) => [name, "from" in range ? range.from : range[0]]),
      ),
    );
  });
});
