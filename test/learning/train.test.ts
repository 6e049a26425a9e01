/** Training: it learns, it is reproducible, it stops with a reason, and it tells what it saw. */
import { describe, expect, it } from "vitest";
import { layered, nonideal } from "../../circuits";
import { crossbar, ideal, prototypical, softNeuron } from "../../devices";
import {
  adam,
  centred,
  createEngine,
  holomorphic,
  oneSided,
  sgd,
  strokeDigits,
  train,
  type EpochReport,
  type Estimator,
} from "../../src/index";
import { LONG } from "../long";

const DATA = {
  train: strokeDigits({ samples: 200, seed: 1, split: "train" }),
  test: strokeDigits({ samples: 100, seed: 1, split: "test" }),
};
const LENGTHS = { freeSteps: 30, nudgedSteps: 20 };
const COMMON = { batch: 20, dt: 1e-5, seed: 3, probe: 4, engine: "reference" };

async function run(
  estimator: Estimator,
  epochs: number,
  engine = "reference",
  temperature = "300 K",
): Promise<{ reports: EpochReport[]; weights: Float64Array }> {
  const chip = nonideal({ sizes: [64, 16, 10], temperature }).fabricate({ seed: 2 });
  const reports: EpochReport[] = [];
  for await (const report of train(chip, DATA, {
    ...COMMON,
    estimator,
    optimizer: adam({ rate: 0.02 }),
    epochs,
    engine,
  }))
    reports.push(report);
  return { reports, weights: chip.weights("input-l1").weights };
}

describe("training", () => {
  it.runIf(LONG)("teaches a nonideal chip, and its estimates point along the true error", async () => {
    const { reports } = await run(centred({ amplitude: 0.3, ...LENGTHS }), 5);
    expect(reports.map((r) => r.epoch)).toEqual([1, 2, 3, 4, 5]);
    expect(reports[4].accuracy).toBeGreaterThan(0.6);
    expect(reports[4].trainCost).toBeLessThan(reports[0].trainCost / 2);
    expect(reports[0].gradientCosine.output).toBeGreaterThan(0.9);
    expect(reports[0].gradientCosine.l1).toBeGreaterThan(0.4);
    expect(reports[4].aliasing).toBeGreaterThan(0);
  });

  it("is the same for the same seed, to the bit, and close on another engine", async () => {
    const estimator = centred({ amplitude: 0.3, ...LENGTHS });
    const [a, b, gpu] = [
      await run(estimator, 1),
      await run(estimator, 1),
      await run(estimator, 1, "gpu:cpu"),
    ];
    expect(a.weights).toEqual(b.weights);
    expect(a.reports[0].trainCost).toBe(b.reports[0].trainCost);
    expect(gpu.reports[0].trainCost / a.reports[0].trainCost).toBeCloseTo(1, 2);
  });

  it("works with complex nudges too", async () => {
    const { reports } = await run(holomorphic({ points: 3, amplitude: 0.3, ...LENGTHS }), 2);
    expect(reports[1].trainCost).toBeLessThan(reports[0].trainCost);
  });

  it("learns with the energy-based rule where weights are tied", async () => {
    const circuit = layered([64, 16, 10], {
      neuron: prototypical(),
      synapse: ideal(),
      initial: { distribution: "fan-in" },
      cost: { kind: "squared-error", argument: "state" },
    });
    const reports: EpochReport[] = [];
    const options = {
      ...COMMON,
      dt: 1,
      estimator: oneSided({ amplitude: 0.2, freeSteps: 20, nudgedSteps: 8 }),
      optimizer: sgd({ rate: 0.5 }),
      epochs: 10,
    };
    for await (const report of train(circuit.fabricate({ seed: 1 }), DATA, options)) reports.push(report);
    expect(reports[9].accuracy).toBeGreaterThan(0.5);
  });

  it("refuses phases too short for a signal to cross the circuit", async () => {
    await expect(run(centred({ amplitude: 0.3, freeSteps: 30, nudgedSteps: 1 }), 1)).rejects.toMatchObject({
      code: "LEARN-SHORT",
    });
    expect(() => centred({ amplitude: 0, ...LENGTHS })).toThrow(/LEARN-AMPLITUDE/);
    expect(() => holomorphic({ points: 0, amplitude: 1, ...LENGTHS })).toThrow(/LEARN-POINTS/);
  });

  it("refuses them, too, where they would take more steps than can be counted", async () => {
    const chip = layered([64, 5, 10], { neuron: softNeuron({ C: "1 MF" }), synapse: crossbar() }).fabricate();
    const steps = train(chip, DATA, {
      ...COMMON,
      dt: 1e-5,
      estimator: centred({ amplitude: 0.3, ...LENGTHS }),
      optimizer: adam({ rate: 0.01 }),
      epochs: 1,
    });
    await expect(steps.next()).rejects.toMatchObject({
      code: "LEARN-SHORT",
      remedy: expect.stringContaining("a longer time step"),
    });
  });

  it("refuses data that do not fit the circuit", async () => {
    const chip = nonideal({ sizes: [60, 10] }).fabricate();
    const steps = train(chip, DATA, {
      ...COMMON,
      estimator: centred({ amplitude: 0.3, ...LENGTHS }),
      optimizer: adam({ rate: 0.01 }),
      epochs: 1,
    });
    await expect(steps.next()).rejects.toMatchObject({ code: "DATA-SHAPE" });
  });

  it("stops with a reason when the circuit runs away, and leaves the chip as it was", async () => {
    const runaway = {
      kind: "neuron",
      name: "runaway",
      equations: "du/dt = 5*u*u + I + I_nudge\nrho = u",
    } as const;
    const chip = layered([64, 10], { neuron: runaway, synapse: ideal() }).fabricate({ seed: 1 });
    const before = chip.weights("input-output").weights.slice();
    const steps = train(chip, DATA, {
      ...COMMON,
      dt: 0.5,
      solver: "euler",
      estimator: oneSided({ amplitude: 0.1, freeSteps: 60, nudgedSteps: 10 }),
      optimizer: sgd({ rate: 0.1 }),
      epochs: 1,
    });
    await expect(steps.next()).rejects.toMatchObject({ code: "DYN-DIVERGED", category: "run" });
    expect(chip.weights("input-output").weights).toEqual(before);
  });

  it("warns where a nudge is too small: for float32 to see, or to stand out of the chip's noise", async () => {
    const tiny = oneSided({ amplitude: 1e-6, ...LENGTHS });
    const codes = async (temperature: string): Promise<string[]> =>
      (await run(tiny, 1, "gpu:cpu", temperature)).reports[0].warnings.map((w) => w.code);
    expect(await codes("0 K")).toContain("LEARN-PRECISION");
    expect(await codes("300 K")).toContain("LEARN-NOISE");
    const enough = await run(centred({ amplitude: 0.3, ...LENGTHS }), 1);
    expect(enough.reports[0].warnings.map((w) => w.code)).not.toContain("LEARN-NOISE");
  });

  it("stops between batches when asked", async () => {
    const chip = nonideal({ sizes: [64, 10] }).fabricate();
    const signal = { aborted: false };
    let seen = 0;
    const steps = train(chip, DATA, {
      ...COMMON,
      estimator: centred({ amplitude: 0.3, ...LENGTHS }),
      optimizer: adam({ rate: 0.01 }),
      epochs: 3,
      signal,
      onBatch: () => {
        seen++;
        signal.aborted = seen === 2;
      },
    });
    expect((await steps.next()).done).toBe(true);
    expect(seen).toBe(2);
  });

  it("disposes of engines that it made and leaves those of others alone", async () => {
    const engine = await createEngine("reference");
    const chip = nonideal({ sizes: [64, 10] }).fabricate();
    const steps = train(chip, DATA, {
      ...COMMON,
      engine,
      estimator: centred({ amplitude: 0.3, ...LENGTHS }),
      optimizer: adam({ rate: 0.01 }),
      epochs: 1,
    });
    expect((await steps.next()).done).toBe(false);
    expect(await engine.correlate([2], [3], 1, 1, 1)).toEqual(Float64Array.of(6));
  });
});
