/** The chip's clock counts samples, nudges and steps as they were run, and devices age by it. */
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { crossbar, leakyIntegrator, ideal, softNeuron } from "../../devices";
import {
  centred,
  continuousBlocks,
  createEngine,
  evaluateChip,
  labelledBatches,
  oneSided,
  oscillating,
  sgd,
  Simulator,
  strokeDigits,
  train,
  type Chip,
  type Estimator,
  type TrainOptions,
} from "../../src/index";

const DT = 1e-5;
const data = {
  train: strokeDigits({ samples: 120, seed: 1, split: "train" }),
  test: strokeDigits({ samples: 40, seed: 1, split: "test" }),
};
const chipOf = (retention: string | null = "1 s"): Chip =>
  layered([64, 10], {
    neuron: softNeuron({ T: "0 K" }),
    synapse: crossbar({ retention, rest: "middle" }),
    initial: { distribution: "glorot" },
  }).fabricate({ seed: 1 });
const still = (): TrainOptions["optimizer"] => sgd({ rate: 0 });
const last = async (chip: Chip, options: Partial<TrainOptions> & { readonly estimator: Estimator }) => {
  let report;
  for await (report of train(chip, data, { optimizer: still(), dt: DT, epochs: 1, probe: 0, ...options }));
  return report!;
};
const settings = { amplitude: 0.3, freeSteps: 40, nudgedSteps: 25 };
const seconds = (steps: number): number => steps * DT;

describe("the chip's clock", () => {
  it.each([1, 12, 120])("counts every sample of a batch of %d, and every nudge", async (batch) => {
    const report = await last(chipOf(), { estimator: centred(settings), batch, engine: "simd" });
    expect(report.chipSeconds!.training).toBeCloseTo(seconds(120 * (40 + 2 * 25)), 12);
    expect(report.chipSeconds!.testing).toBeCloseTo(seconds(40 * 40), 12);
  });

  it.each<readonly [string, Estimator, number]>([
    ["one-sided", oneSided(settings), 40 + 25],
    ["oscillating", oscillating({ amplitude: 0.1, period: 40, form: "lock-in", periods: 2 }), 3 * 40],
    ["continuous", continuousBlocks({ amplitude: 0.1, periods: 2, stepsPerPoint: 20 }), 8 * 20],
  ])("counts the phases of %s nudges", async (_, estimator, steps) => {
    const report = await last(chipOf(), { estimator, batch: 30, engine: "reference" });
    expect(report.chipSeconds!.training).toBeCloseTo(seconds(120 * steps), 12);
  });

  it("counts steps that were run, row by row, where a tolerance ends phases early", async () => {
    const estimator = centred({ amplitude: 0.3, freeSteps: 400, nudgedSteps: 250, tolerance: 1e-3 });
    const report = await last(chipOf(), { estimator, batch: 40, engine: "simd" });
    const chip = chipOf(null);
    const simulator = new Simulator(chip, await createEngine("simd"), { dt: DT });
    let rowSteps = 0;
    for (const { samples, inputs, targets } of labelledBatches(chip.circuit, data.train, { size: 1 })) {
      const free = await simulator.phase({ samples, inputs, steps: 400, tolerance: 1e-3 });
      expect(free.outcome.rowSteps).toBe(free.outcome.steps);
      rowSteps += free.outcome.rowSteps;
      for (const re of [0.3, -0.3])
        rowSteps += (
          await simulator.phase({
            samples,
            inputs,
            targets,
            nudges: [{ re, im: 0 }],
            from: free.states,
            steps: 250,
            tolerance: 1e-3,
          })
        ).outcome.rowSteps;
    }
    expect(report.chipSeconds!.training / seconds(rowSteps)).toBeCloseTo(1, 2);
    expect(report.chipSeconds!.training).toBeLessThan(seconds(120 * 900) / 4);
  });

  it.each(["reference", "simd"])("ages the devices by training and tests, on %s", async (engine) => {
    for (const batch of [6, 120]) {
      const [chip, fresh] = [chipOf(), chipOf()];
      const { chipSeconds } = await last(chip, { estimator: centred(settings), batch, engine, epochs: 2 });
      const { training, testing } = chipSeconds!;
      expect(training + testing).toBeCloseTo(2 * seconds(120 * 90 + 40 * 40), 12);
      const [w, w0] = ["input-output", "input-output"].map(
        (name, k) => [chip, fresh][k].weights(name).weights,
      );
      const factor = Math.exp(-(training + testing));
      w.forEach((v, k) => expect(Math.abs(v - factor * w0[k])).toBeLessThan(2e-6));
    }
  });

  it("shows nothing where time has no unit", async () => {
    const chip = layered([64, 10], { neuron: leakyIntegrator(), synapse: ideal() }).fabricate();
    expect(
      (await last(chip, { estimator: centred(settings), dt: 0.2, engine: "simd" })).chipSeconds,
    ).toBeNull();
  });

  it("goes on where a checkpoint was taken, also between two batches", async () => {
    const options = {
      estimator: centred(settings),
      optimizer: sgd({ rate: 0.01 }),
      batch: 20,
      engine: "simd",
      epochs: 2,
      checkpointEvery: 1,
    };
    const whole = chipOf("0.3 s");
    const checkpoints: Parameters<NonNullable<TrainOptions["onCheckpoint"]>>[0][] = [];
    const report = await last(whole, {
      ...options,
      optimizer: sgd({ rate: 0.01 }),
      onCheckpoint: (one) => void checkpoints.push(one),
    });
    const { position } = checkpoints[8];
    expect(position.clock!.training).toBeGreaterThan(0);
    const resumed = chipOf("0.3 s");
    const again = await last(resumed, {
      ...options,
      optimizer: sgd({ rate: 0.01 }),
      onCheckpoint: () => {},
      resume: checkpoints[8],
    });
    expect(again.chipSeconds).toEqual(report.chipSeconds);
    expect(resumed.weights("input-output")).toEqual(whole.weights("input-output"));
  });
});

describe("a test", () => {
  it("says how long it took and leaves the chip as it was", async () => {
    const chip = chipOf();
    const { version } = chip;
    const simulator = new Simulator(chip, await createEngine("simd"), { dt: DT });
    const { chipSeconds, rowSteps } = await evaluateChip(
      simulator,
      labelledBatches(chip.circuit, data.test, { size: 7 }),
      { freeSteps: 30 },
    );
    expect(rowSteps).toBe(40 * 30);
    expect(chipSeconds).toBeCloseTo(seconds(40 * 30), 12);
    expect(chip.version).toBe(version);
  });

  it("draws noise of its own in every epoch, which no batch draws", async () => {
    const phases: (number | undefined)[] = [];
    const phase = Simulator.prototype.phase;
    Simulator.prototype.phase = function (this: Simulator, request, observe) {
      phases.push(request.phase);
      return phase.call(this, request, observe);
    };
    try {
      await last(chipOf(), {
        estimator: centred(settings),
        batch: 40,
        engine: "reference",
        epochs: 3,
        testBatch: 20,
        probe: 5,
      });
    } finally {
      Simulator.prototype.phase = phase;
    }
    // Three batches of two phases, two test batches, a probe, a look at the time step and one at saturated units
    // an epoch; the first batch and the last are estimated three times more.
    expect(phases).toHaveLength(3 * (6 + 2 + 2 + 1 + 1) + 2 * 3 * 2);
    expect(new Set(phases).size).toBe(phases.length);
    for (const number of phases) expect(Number.isSafeInteger(number)).toBe(true);
  });
});
