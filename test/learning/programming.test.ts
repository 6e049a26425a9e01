/** The programming stage: whole pulses, samples or batches, verification, the symmetric point, and the clock. */
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { crossbar, ideal, pcm, shiftedSigmoid, softBounds, softNeuron } from "../../devices";
import {
  adam,
  centred,
  sgd,
  strokeDigits,
  train,
  type Checkpoint,
  type Chip,
  type EpochReport,
  type ProgrammingOptions,
  type SynapseSpec,
  type TrainOptions,
} from "../../src/index";
import { programmingOf } from "../../src/learning/programming/options";
import { Programmer } from "../../src/learning/programming/programmer";
import { refusal } from "../refusal";

const sets = (samples: number, tests: number) => ({
  train: strokeDigits({ samples, seed: 1, split: "train" }),
  test: strokeDigits({ samples: tests, seed: 1, split: "test" }),
});
const LENGTHS = { amplitude: 0.3, freeSteps: 20, nudgedSteps: 10 };
const chipOf = (synapse: SynapseSpec, sizes: readonly [number, number, ...number[]] = [64, 32, 10]): Chip =>
  layered(sizes, { neuron: shiftedSigmoid(), synapse }).fabricate({ seed: 1 });

/** A weight that follows requests upwards by more than requests downwards. */
const lopsided = (d: number): SynapseSpec => ({
  kind: "synapse",
  name: "lopsided",
  equations: "I = w*rho_pre\nw <- w + dw*where(0 < dw, 1 + d, 1 - d)",
  parameters: { d },
});

const sgdOf = (programming: ProgrammingOptions, options: Partial<TrainOptions> = {}): TrainOptions => ({
  estimator: centred(LENGTHS),
  optimizer: sgd({ rate: 0.3 }),
  epochs: 2,
  probe: 0,
  seed: 1,
  engine: "simd",
  programming,
  ...options,
});

async function reportsOf(
  chip: Chip,
  data: ReturnType<typeof sets>,
  options: TrainOptions,
): Promise<EpochReport[]> {
  const reports: EpochReport[] = [];
  for await (const report of train(chip, data, options)) reports.push(report);
  return reports;
}

describe("programming per sample and per batch", () => {
  it("is the same without asymmetry, and with it only averaging hides it", async () => {
    const data = sets(700, 150);
    const after = async (d: number, per: "sample" | "batch"): Promise<EpochReport> =>
      (await reportsOf(chipOf(lopsided(d)), data, sgdOf({ kind: "direct", per }))).at(-1) as EpochReport;
    const [batch, sample] = [await after(0.2, "batch"), await after(0.2, "sample")];
    expect(batch.accuracy).toBeGreaterThan(0.45);
    expect(sample.accuracy).toBeLessThan(batch.accuracy - 0.15);
    // What was written is off by as little either way.
    expect(sample.programming?.writtenCosine["input-l1"]).toBeCloseTo(0.98, 2);
    const few = sets(200, 50);
    const even = async (per: "sample" | "batch"): Promise<Float64Array> => {
      const chip = chipOf(lopsided(0), [64, 8, 10]);
      await reportsOf(chip, few, sgdOf({ kind: "direct", per }, { epochs: 1 }));
      return chip.weights("input-l1").weights;
    };
    const [one, many] = [await even("batch"), await even("sample")];
    one.forEach((w, k) => expect(many[k]).toBeCloseTo(w, 4));
  });

  it("is refused where an optimizer remembers batches", () => {
    expect(
      refusal(() => programmingOf({ kind: "direct", per: "sample" }, chipOf(lopsided(0)), adam({ rate: 1 }))),
    ).toMatchObject({ code: "LEARN-PROGRAMMING" });
    expect(
      refusal(() => programmingOf({ kind: "direct", verify: 1 }, chipOf(lopsided(0)), sgd({ rate: 1 }))),
    ).toMatchObject({ code: "LEARN-PROGRAMMING" });
  });
});

describe("pulses", () => {
  const programmer = (synapse: SynapseSpec, options: Partial<ProgrammingOptions> = {}) => {
    const chip = chipOf(synapse, [64, 16, 10]);
    return {
      chip,
      stage: new Programmer(chip, programmingOf({ kind: "pulses", ...options }, chip, sgd({ rate: 1 })), 3),
    };
  };
  const all = (chip: Chip, value: number) => {
    const { weights, biases } = chip.weights("input-l1");
    return {
      weights: new Float64Array(weights.length).fill(value),
      biases: biases && new Float64Array(biases.length),
    };
  };
  const mean = (values: Float64Array): number => values.reduce((sum, v) => sum + v, 0) / values.length;
  const change = (before: Float64Array, chip: Chip): Float64Array =>
    chip.weights("input-l1").weights.map((w, k) => w - before[k]);

  it("are whole, and what is asked for in the mean", () => {
    // Bounds so far away that all steps are alike.
    const { chip, stage } = programmer(softBounds({ b_up: 1e9, b_down: -1e9, dw_up: 0.01, dw_down: 0.01 }));
    const before = chip.weights("input-l1").weights;
    stage.write("input-l1", all(chip, -0.0137));
    const written = change(before, chip);
    expect([...new Set(written.map((v) => Math.round(v / 0.01)))].sort()).toEqual([-1, -2]);
    expect(Math.abs(mean(written) + 0.0137)).toBeLessThan(0.0007);
    const { pulses } = stage.report();
    expect(pulses["input-l1"]).toBe(Math.round(-written.reduce((sum, v) => sum + v, 0) / 0.01));
    stage.write("input-l1", all(chip, 0.0002));
    expect(stage.report().pulses["input-l1"] - pulses["input-l1"]).toBeLessThan(50);
  });

  it("are at most so many, and verified where that is asked for", () => {
    const noisy = softBounds({ dw_up: 0.01, dw_down: 0.01, b_up: 4, b_down: -4, sigma_c2c: 2 });
    const spread = (verify: number): number => {
      const { chip, stage } = programmer(noisy, { verify });
      const before = chip.weights("input-l1").weights;
      stage.write("input-l1", all(chip, 0.1));
      return Math.sqrt(mean(change(before, chip).map((v) => (v - 0.1) ** 2)));
    };
    expect(spread(8)).toBeLessThan(0.5 * spread(0));
    const { chip, stage } = programmer(noisy, { most: 3 });
    stage.write("input-l1", all(chip, 5));
    expect(stage.report().pulses["input-l1"]).toBe(3 * 64 * 16);
  });

  it("count requests that a device no longer follows", () => {
    const { chip, stage } = programmer(softBounds({ b_up: 0.3, b_down: -0.3, dw_up: 0.1, dw_down: 0.1 }));
    for (let k = 0; k < 10; k++) stage.write("input-l1", all(chip, 1));
    stage.nextEpoch();
    expect(stage.report().saturated["input-l1"]).toBe(0);
    stage.write("input-l1", all(chip, 1));
    expect(stage.report().saturated["input-l1"]).toBe(1);
  });

  it("about the symmetric point leave a weight where it is, on average", () => {
    const uneven = softBounds({ dw_up: 0.022, dw_down: 0.018, b_up: 1.25, b_down: -0.75 });
    const drift = (reference: "none" | "symmetric-point"): number => {
      const { chip, stage } = programmer(uneven, { reference });
      stage.begin();
      chip.setWeights("input-l1", all(chip, 0));
      for (let k = 0; k < 40; k++) stage.write("input-l1", all(chip, k % 2 === 0 ? 0.04 : -0.04));
      return Math.abs(mean(chip.weights("input-l1").weights));
    };
    expect(drift("none")).toBeGreaterThan(0.05);
    expect(drift("symmetric-point")).toBeLessThan(0.01);
  });

  it("are needed by devices that nothing else moves, and are refused by those that know none", async () => {
    const pulsed = chipOf(softBounds());
    await expect(
      reportsOf(pulsed, sets(20, 10), { ...sgdOf({ kind: "direct" }), programming: undefined }),
    ).rejects.toMatchObject({
      code: "DEVICE-EVENT",
    });
    expect(
      refusal(() => programmingOf({ kind: "pulses" }, chipOf(lopsided(0)), sgd({ rate: 1 }))),
    ).toMatchObject({
      code: "DEVICE-EVENT",
    });
  });
});

describe("direct writes of a least change", () => {
  it("are whole multiples of it, keep the mean, and leave alone what is given none", () => {
    const chip = chipOf(ideal(), [64, 16, 10]);
    const stage = new Programmer(
      chip,
      programmingOf({ kind: "direct", least: 0.05 }, chip, sgd({ rate: 1 })),
      3,
    );
    const before = chip.weights("input-l1").weights;
    const change = { weights: before.map(() => 0.0137), biases: new Float64Array(16) };
    stage.write("input-l1", change);
    const written = chip.weights("input-l1").weights.map((w, k) => w - before[k]);
    expect([...new Set(written.map((v) => Math.round(v / 0.05)))].sort()).toEqual([0, 1]);
    expect(written.filter((v) => Math.abs(v) < 1e-9).length / written.length).toBeCloseTo(
      1 - 0.0137 / 0.05,
      1,
    );
    expect(stage.report().pulses["input-l1"]).toBe(written.filter((v) => v > 0.01).length);
  });

  it("are not for pulses, each of which is one", () => {
    const asked = () => programmingOf({ kind: "pulses", least: 0.1 }, chipOf(softBounds()), sgd({ rate: 1 }));
    expect(refusal(asked)).toMatchObject({ code: "LEARN-PROGRAMMING" });
  });
});

describe("a training that programs by pulses", () => {
  const data = sets(60, 20);
  const OPTIONS = sgdOf(
    { kind: "pulses", verify: 1, reference: "symmetric-point", width: 0 },
    { batch: 20, probe: 2, optimizer: sgd({ rate: 0.3, momentum: 0.5 }) },
  );
  const make = () =>
    chipOf(
      softBounds({ dw_up: 0.02, dw_down: 0.02, sigma_c2c: 0.5, b_up: { value: 2, mismatch: 0.1 } }),
      [64, 6, 10],
    );

  it.each(["reference", "simd"])(
    "resumes to the same bits on %s, with draws, references and counts",
    async (engine) => {
      const checkpoints: Checkpoint[] = [];
      const whole = make();
      const reports = await reportsOf(whole, data, {
        ...OPTIONS,
        engine,
        optimizer: sgd({ rate: 0.3, momentum: 0.5 }),
        checkpointEvery: 1,
        onCheckpoint: (c) => void checkpoints.push(c),
      });
      const timeless = (all: EpochReport[]) => all.map((r) => ({ ...r, seconds: null }));
      for (const resume of [checkpoints[1], checkpoints[3], checkpoints[5]]) {
        const chip = make();
        const rest = await reportsOf(chip, data, {
          ...OPTIONS,
          engine,
          optimizer: sgd({ rate: 0.3, momentum: 0.5 }),
          resume,
        });
        expect(chip.arrays()).toEqual(whole.arrays());
        expect(timeless(rest)).toEqual(timeless(reports.slice(resume.position.epoch - 1)));
      }
      expect(reports[0].learned).toMatchObject({ place: "host" });
    },
  );

  it("lets its clock count phases and writes, and its devices age by it", async () => {
    const circuit = layered([64, 4, 10], { neuron: softNeuron({ T: "0 K" }), synapse: crossbar() });
    const seconds = async (programming: ProgrammingOptions): Promise<number> => {
      const options = sgdOf(programming, {
        epochs: 1,
        dt: "10 us",
        engine: "simd",
        optimizer: sgd({ rate: 0.01 }),
      });
      const [report] = await reportsOf(circuit.fabricate({ seed: 1 }), data, options);
      return report.chipSeconds?.training ?? NaN;
    };
    // 60 samples of 20 + 2 * 10 steps of 10 us; three batches, two arrays, a write of 1 ms each.
    expect(await seconds({ kind: "direct" })).toBeCloseTo(60 * 40 * 1e-5, 12);
    expect(await seconds({ kind: "direct", width: "1 ms" })).toBeCloseTo(60 * 40 * 1e-5 + 6e-3, 12);
    const cells = layered([64, 2, 10], { neuron: softNeuron({ T: "0 K" }), synapse: pcm() }).fabricate({
      seed: 1,
    });
    await reportsOf(
      cells,
      data,
      sgdOf({ kind: "direct" }, { epochs: 1, dt: "10 us", optimizer: sgd({ rate: 0 }) }),
    );
    const [age] = cells.array("input-l1").stored.get("age") as Float64Array;
    // Nothing was asked for: no device was written again, and all have aged by training and tests.
    expect(age).toBeCloseTo(60 * 40 * 1e-5 + 20 * 20 * 1e-5, 9);
  });
});
