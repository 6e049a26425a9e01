/**
 * Example 07 in short, as a user would keep it among the tests of a design: it fails when the design gets
 * weaker.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nonideal } from "../../circuits";
import { adam, centred, createEngine, strokeDigits, train } from "../../src/index";
import { survives, weakestPoint, type Experiment, type Ranges } from "../../src/robustness";
import { LONG } from "../long";

const digits = {
  train: strokeDigits({ samples: 600, seed: 1, split: "train" }),
  test: strokeDigits({ samples: 100, seed: 1, split: "test" }),
};
const estimator = centred({ amplitude: 0.3, freeSteps: 20, nudgedSteps: 15 });

async function learning(): Promise<Experiment> {
  const engine = await createEngine("simd");
  return async ({ angle, mismatch }, seed) => {
    const chip = nonideal({
      sizes: [64, 16, 10],
      angle: Number(angle),
      mismatch: Number(mismatch),
    }).fabricate({ seed });
    let accuracy = 0;
    for await (const epoch of train(chip, digits, {
      estimator,
      optimizer: adam({ rate: { "input-l1": 0.01, "l1-output": 0.01, "output-l1": 0 } }),
      epochs: 2,
      dt: 1e-5,
      seed,
      engine,
      probe: 0,
    }))
      accuracy = epoch.accuracy;
    return { accuracy };
  };
}

const RANGES: Ranges = { angle: { from: 0, to: 180, steps: 12 }, mismatch: [0, 0.05, 0.1] };

describe("a chip with feedback that is not the transpose", () => {
  it("learns at any angle up to 45 degrees, with any mismatch up to 10 %", async () => {
    const ranges: Ranges = { angle: { from: 0, to: 45, steps: 3 }, mismatch: [0, 0.05, 0.1] };
    await fc.assert(survives({ accuracy: ">= 0.5" }, ranges, await learning(), { seeds: 1 }), {
      examples: [[{ angle: 45, mismatch: 0.1 }]],
      numRuns: 3,
      seed: 1,
    });
  });

  it.runIf(LONG)("breaks when the feedback is turned too far, and not by mismatch alone", async () => {
    const found = await weakestPoint({ accuracy: ">= 0.5" }, RANGES, await learning(), {
      seeds: 1,
      evaluations: 16,
    });
    expect(found.kind).toBe("found");
    expect(Number(found.verdict?.point.angle)).toBeGreaterThan(45);
    expect(found.evaluations).toBeLessThanOrEqual(16);
  });
});
