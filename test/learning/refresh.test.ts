/** What leaks is rewritten when that comes due: its time, its writes, what is remembered, and how it goes on. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { crossbar, ideal, shiftedSigmoid, softNeuron } from "../../devices";
import {
  centred,
  sgd,
  strokeDigits,
  train,
  type Chip,
  type EpochReport,
  type ProgrammingOptions,
  type TrainOptions,
} from "../../src/index";
import { ChipClock } from "../../src/learning/clock";
import { programmingOf } from "../../src/learning/programming/options";
import { Programmer } from "../../src/learning/programming/programmer";
import { refusal } from "../refusal";

const chipOf = (retention: string | null = "50 ms", range: [string, string] = ["0.1 uS", "100 uS"]): Chip =>
  layered([64, 10], {
    neuron: softNeuron({ T: "0 K" }),
    synapse: crossbar({ retention, rest: "middle", range }),
    initial: { distribution: "glorot", scale: 0.3 },
  }).fabricate({ seed: 1 });
const stageOf = (chip: Chip, options: Partial<ProgrammingOptions> = {}): Programmer => {
  const asked = { kind: "direct", refresh: "10 ms", ...options } as const;
  return new Programmer(chip, programmingOf(asked, chip, sgd({ rate: 1 })), 1);
};
const NAME = "input-output";
const constant = (chip: Chip, value: number) => {
  const { weights, biases } = chip.weights(NAME);
  return { weights: weights.map(() => value), biases: biases && biases.map(() => value) };
};
const clockOf = (chip: Chip, stage: Programmer, solver: "euler" | "balance" = "euler") => {
  const clock = new ChipClock({ chip, circuit: chip.circuit, dt: 1e-5, solver });
  stage.refreshBy(clock);
  return clock;
};

describe("refreshing", () => {
  it("keeps what was written, through any stretches of time, to the leak since the last refresh", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 0.03, noNaN: true }), { minLength: 1, maxLength: 8 }),
        fc.double({ min: -0.1, max: 0.1, noNaN: true }),
        (stretches, change) => {
          const chip = chipOf();
          const stage = stageOf(chip);
          stage.begin();
          const clock = clockOf(chip, stage);
          const first = chip.weights(NAME).weights;
          stage.write(NAME, constant(chip, change));
          for (const seconds of stretches) clock.pass("training", seconds);
          clock.ageNow();
          const left = Math.exp(-(clock.reading!.sinceRefresh as number) / 0.05);
          const off = chip.weights(NAME).weights.map((w, k) => Math.abs(w - left * (first[k] + change)));
          expect(Math.max(...off)).toBeLessThan(1e-9);
          const all = stretches.reduce((sum, s) => sum + s, 0);
          expect(clock.reading!.training).toBeCloseTo(all, 12);
          const { pulses, refreshed } = stage.report();
          // A write of each, and one a refresh.
          const devices = 65 * 10;
          const times = Math.round((refreshed as Record<string, number>)[NAME] / devices);
          expect(Math.abs(times - Math.floor(all / 0.01))).toBeLessThanOrEqual(1);
          expect(pulses[NAME]).toBe(
            (change === 0 ? 0 : devices) + (refreshed as Record<string, number>)[NAME],
          );
        },
      ),
      { numRuns: 8 },
    );
  });

  it("takes time of its own, within which more comes due", () => {
    const chip = chipOf();
    const stage = stageOf(chip, { width: "1 ms" });
    stage.begin();
    const clock = clockOf(chip, stage);
    clock.pass("training", 0.9);
    // A tenth of all time: 0.9 s of work and 0.1 s of refreshes.
    expect(clock.reading!.training).toBeCloseTo(1, 2);
  });

  it("does not pile up what devices at their bounds cannot take", () => {
    const chip = chipOf("50 ms", ["1 nS", "79 nS"]);
    const stage = stageOf(chip);
    stage.begin();
    const clock = clockOf(chip, stage);
    for (let k = 0; k < 200; k++) {
      stage.write(NAME, constant(chip, 0.3));
      clock.pass("training", 0.01);
    }
    const asked = stage.save()[`${NAME}@remembered`].values;
    const most = Math.max(...chip.weights(NAME).weights);
    expect(Math.max(...asked)).toBeLessThan(4 * most);
  });

  it("goes on to the same bytes where a checkpoint was taken, and counts its time", async () => {
    const data = {
      train: strokeDigits({ samples: 60, seed: 1, split: "train" }),
      test: strokeDigits({ samples: 20, seed: 1, split: "test" }),
    };
    const options = (): TrainOptions => ({
      estimator: centred({ amplitude: 0.3, freeSteps: 40, nudgedSteps: 25 }),
      optimizer: sgd({ rate: 0.05 }),
      programming: { kind: "direct", width: "20 us", refresh: "4 ms" },
      dt: 1e-5,
      epochs: 2,
      batch: 10,
      probe: 0,
      engine: "reference",
      checkpointEvery: 1,
    });
    const run = async (chip: Chip, more: Partial<TrainOptions>): Promise<EpochReport> => {
      let last: EpochReport | undefined;
      for await (last of train(chip, data, { ...options(), ...more }));
      return last as EpochReport;
    };
    const whole = chipOf();
    const checkpoints: Parameters<NonNullable<TrainOptions["onCheckpoint"]>>[0][] = [];
    const report = await run(whole, { onCheckpoint: (one) => void checkpoints.push(one) });
    const resumed = chipOf();
    const again = await run(resumed, { onCheckpoint: () => {}, resume: checkpoints[4] });
    expect(resumed.arrays()).toEqual(whole.arrays());
    expect([again.chipSeconds, again.programming]).toEqual([report.chipSeconds, report.programming]);
    const { training, testing } = report.chipSeconds!;
    const refreshes = report.programming!.refreshed![NAME] / 650;
    // Samples times phases, a write a batch, and refreshes; those of the last test come after the report.
    expect(training + testing).toBeCloseTo(
      2 * (60 * 90e-5 + 20 * 40e-5) + 12 * 20e-6 + refreshes * 20e-6,
      12,
    );
    expect(refreshes).toBeGreaterThan(25);
  });

  it("is refused where nothing leaks, nothing has seconds, or no time is left", () => {
    const code = (chip: Chip, options: Partial<ProgrammingOptions> = {}) =>
      refusal(() => stageOf(chip, options));
    expect(code(chipOf(null))).toMatchObject({ code: "LEARN-PROGRAMMING" });
    const unitless = layered([4, 2], { neuron: shiftedSigmoid(), synapse: ideal() }).fabricate();
    expect(code(unitless)).toMatchObject({ code: "LEARN-PROGRAMMING" });
    expect(code(chipOf(), { width: "10 ms" })).toMatchObject({
      code: "LEARN-PROGRAMMING",
      fact: expect.stringContaining("leaves no time"),
    });
    expect(code(chipOf(), { refresh: 0 })).toMatchObject({ code: "LEARN-PROGRAMMING" });
    const chip = chipOf();
    const stage = stageOf(chip, { refresh: "1 ns" });
    expect(refusal(() => clockOf(chip, stage).pass("training", 1))).toMatchObject({
      code: "LEARN-PROGRAMMING",
    });
    expect(refusal(() => clockOf(chip, stage, "balance"))).toMatchObject({
      code: "LEARN-PROGRAMMING",
    });
  });
});
