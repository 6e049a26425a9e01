/** Tests of a chip: what they find, and how their phases ended. */
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { ideal, prototypical } from "../../devices";
import {
  createEngine,
  evaluateChip,
  evaluateChips,
  labelledBatches,
  oneSided,
  sgd,
  Simulator,
  stackChips,
  strokeDigits,
  train,
  type Batch,
  type Circuit,
  type EpochReport,
} from "../../src/index";
import { testWarnings } from "../../src/learning/warnings";

/** Runs away where its input is above a quarter. */
const runaway = {
  kind: "neuron",
  name: "runaway",
  equations: "du/dt = -u + u*u + I + I_nudge\nrho = u",
} as const;

const circuit: Circuit = layered([2, 2], { neuron: runaway, synapse: ideal() });

/** Output k sees input k, and nothing else. */
function fabricated() {
  const chip = circuit.fabricate({ seed: 1 });
  const { weights, biases } = chip.weights("input-output");
  chip.program("input-output", {
    weights: weights.map((w, i) => (i === 0 || i === 3 ? 1 : 0) - w),
    biases: biases?.map((b) => -b) ?? null,
  });
  return chip;
}

const batch: Batch = {
  samples: 4,
  // The second and the fourth run away, the fourth at its other output.
  inputs: Float64Array.of(0.2, 0, 2, 0, 0, 0.2, 0, 2),
  targets: Float64Array.of(1, 0, 1, 0, 0, 1, 0, 1),
  labels: Uint8Array.of(0, 0, 1, 1),
};

describe.each(["reference", "simd"])("a test on %s", (engine) => {
  it("says how its samples ended; those that ran away are wrong, and have no cost", async () => {
    const simulator = new Simulator(fabricated(), await createEngine(engine), { dt: 0.1, solver: "euler" });
    const found = await evaluateChip(simulator, [batch], { freeSteps: 400 });
    expect(found.ends).toMatchObject({ fixed: 2, diverged: 2, settled: 0, timedOut: 0, unstable: 0 });
    expect(found.accuracy).toBe(0.5);
    // u^2 - u + 0.2 = 0 at the smaller root.
    const u = (1 - Math.sqrt(0.2)) / 2;
    expect(found.cost).toBeCloseTo((u - 1) ** 2 / 2, 4);
    expect(testWarnings(found, false)).toEqual([
      { code: "TEST-DIVERGED", text: expect.stringContaining("2 of 4 test samples") },
    ]);
    const settled = await evaluateChip(simulator, [batch], { freeSteps: 400, tolerance: 1e-4 });
    expect(settled.ends).toMatchObject({ settled: 2, diverged: 2 });
    const early = await evaluateChip(simulator, [{ ...batch, inputs: batch.inputs.map((x) => x / 10) }], {
      freeSteps: 20,
      tolerance: 1e-4,
    });
    expect(early.ends).toMatchObject({ timedOut: 4 });
    expect(early.ends.residual).toBeGreaterThan(1e-4);
    expect(testWarnings(early, false).map(({ code }) => code)).toEqual(["TEST-UNSETTLED"]);
    simulator.dispose();
  });

  it("tells of each of several chips what it tells of one", async () => {
    const chips = [fabricated(), circuit.fabricate({ seed: 7 })];
    const made = await createEngine(engine);
    const stacked = await evaluateChips(new Simulator(stackChips(chips), made, { dt: 0.1 }), [batch], {
      freeSteps: 200,
    });
    for (const [c, chip] of chips.entries())
      expect(stacked[c].ends).toEqual(
        (await evaluateChip(new Simulator(chip, made, { dt: 0.1 }), [batch], { freeSteps: 200 })).ends,
      );
  });
});

describe("a training", () => {
  const data = {
    train: strokeDigits({ samples: 20, seed: 1, split: "train" }),
    test: strokeDigits({ samples: 20, seed: 1, split: "test" }),
  };

  /** The same set, with the samples that are wanted darkened. */
  const darkened = (set: typeof data.train, wanted: (i: number) => boolean): typeof data.train => ({
    ...set,
    pixels: (i, out, at) => {
      set.pixels(i, out, at);
      if (wanted(i)) for (let k = at; k < at + 64; k++) out[k] *= 0.01;
    },
  });

  /** It learns from dark images. */
  async function tested(test: typeof data.test): Promise<EpochReport[]> {
    const design = layered([64, 10], {
      neuron: runaway,
      synapse: ideal(),
      initial: { distribution: "lecun", scale: 3 },
    });
    const options = {
      estimator: oneSided({ amplitude: 0.02, freeSteps: 100, nudgedSteps: 40 }),
      optimizer: sgd({ rate: 1e-3 }),
      epochs: 1,
      dt: 0.1,
      probe: 0,
      engine: "reference",
    } as const;
    const reports: EpochReport[] = [];
    for await (const report of train(
      design.fabricate({ seed: 1 }),
      { train: darkened(data.train, () => true), test },
      options,
    ))
      reports.push(report);
    return reports;
  }

  it("reports how the test ended and warns of a chip that runs away there", async () => {
    const [{ ends, accuracy, cost, warnings }] = await tested(darkened(data.test, (i) => i < 8));
    expect(ends?.diverged).toBeGreaterThan(3);
    expect(ends?.diverged).toBeLessThanOrEqual(12);
    expect(accuracy).toBeLessThanOrEqual(1 - (ends?.diverged ?? 0) / 20);
    expect(cost).toBeLessThan(10);
    expect(warnings.map(({ code }) => code)).toContain("TEST-DIVERGED");
  });

  it("makes no figure of a test in which every sample runs away", async () => {
    await expect(tested(data.test)).rejects.toMatchObject({ code: "DYN-DIVERGED" });
  });

  it("warns of a test that looks before states have settled", async () => {
    const design = layered([64, 12, 10], {
      neuron: prototypical(),
      synapse: ideal(),
      initial: { distribution: "fan-in" },
      cost: { kind: "squared-error", argument: "state" },
    });
    const simulator = new Simulator(design.fabricate({ seed: 1 }), await createEngine("reference"));
    const batches = [...labelledBatches(design, data.test, { size: 20 })];
    const codes = async (freeSteps: number): Promise<string[]> =>
      testWarnings(await evaluateChip(simulator, batches, { freeSteps }), false).map(({ code }) => code);
    expect(await codes(2)).toEqual(["TEST-UNSETTLED"]);
    expect(await codes(200)).toEqual([]);
  });
});
