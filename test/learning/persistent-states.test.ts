/** States that persist: the same learning where phases settle, in fewer steps from the second epoch on. */
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { ideal, prototypical } from "../../devices";
import { oneSided, sgd, strokeDigits, train } from "../../src/index";

const DATA = {
  train: strokeDigits({ samples: 60, seed: 1, split: "train" }),
  test: strokeDigits({ samples: 20, seed: 1, split: "test" }),
};
const circuit = layered([64, 20, 20, 10], {
  neuron: prototypical(),
  synapse: ideal(),
  initial: { distribution: "fan-in" },
  cost: { kind: "squared-error", argument: "state" },
});

async function run(engine: string, persistent: boolean): Promise<{ weights: Float64Array; steps: number[] }> {
  const chip = circuit.fabricate({ seed: 1 });
  const steps: number[] = [];
  const options = {
    estimator: oneSided({ amplitude: 0.3, freeSteps: 500, nudgedSteps: 100, tolerance: 1e-6 }),
    optimizer: sgd({ rate: 0.02 }),
    epochs: 3,
    batch: 20,
    probe: 0,
    engine,
    persistent,
  };
  for await (const report of train(chip, DATA, options)) steps.push(report.steps[0]);
  return { weights: chip.weights("l1-l2").weights, steps };
}

describe("persistent states", () => {
  it.each(["reference", "simd"])("on %s lead to the same weights in fewer steps", async (engine) => {
    const [fresh, kept] = [await run(engine, false), await run(engine, true)];
    expect(kept.steps[0]).toBe(fresh.steps[0]);
    expect(kept.steps[2]).toBeLessThan(0.9 * fresh.steps[2]);
    fresh.weights.forEach((w, i) => expect(Math.abs(w - kept.weights[i])).toBeLessThan(2e-4));
  });
});
