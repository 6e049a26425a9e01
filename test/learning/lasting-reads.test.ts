/** Noise of readers that lasts from phase to phase and from sample to sample, on the chip's clock. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { crossbar, ideal, readout, shiftedSigmoid, softNeuron } from "../../devices";
import {
  centred,
  Controller,
  createEngine,
  defaultRule,
  defineReadout,
  evaluateChip,
  readThrough,
  sgd,
  Simulator,
  stackChips,
  strokeDigits,
  train,
  type Checkpoint,
  type Chip,
  type Engine,
  type ReadoutSpec,
  type TrainOptions,
} from "../../src/index";
import { evaluateChips } from "../../src/learning/evaluate";
import { labelledBatches } from "../../src/learning/batches";
import { Reading } from "../../src/learning/readout/reading";
import { refusal } from "../refusal";

const drifting = (tau: string, sd: string | number = "1 V"): ReadoutSpec => ({
  kind: "readout",
  name: "drifting",
  equations: `read = x + n\ndn/dt = -n/tau + sd*sqrt(2/tau)*xi_n : ${typeof sd === "number" ? "1" : "V"} keeps`,
  parameters: { tau, sd },
});
const data = {
  train: strokeDigits({ samples: 20, seed: 1, split: "train" }),
  test: strokeDigits({ samples: 12, seed: 1, split: "test" }),
};
const chipOf = (): Chip =>
  layered([64, 6, 10], { neuron: softNeuron({ T: "0 K" }), synapse: crossbar() }).fabricate({ seed: 1 });

let engine: Engine;
beforeAll(async () => void (engine = await createEngine("reference")));
afterAll(() => engine.dispose());

/** What is read of 0 in a free phase of 1 ms and a nudged one of so long. */
function readZeros(device: ReadoutSpec, nudged: number, samples: number, units = 4000, options = {}) {
  const chip = layered([1, units], { neuron: softNeuron(), synapse: crossbar() }).fabricate({ seed: 1 });
  const phaseKeys = (phase: number) => [{ seed: 3, phase }];
  const simulator = { chips: [chip], units: { phaseKeys }, dt: 1e-6 } as unknown as Simulator;
  const shown = { states: { output: { re: new Float64Array(samples * units) } }, activities: {} };
  const { free, ended } = new Reading({ device, ...options }).readAll({
    simulator,
    rest: simulator,
    pushed: [simulator],
    free: shown,
    left: [shown],
    steps: [1e6 * nudged],
    durations: [[1e-3, nudged]],
    samples,
    phase: 0,
  });
  return [free.states.output.re, ended[0].states.output.re];
}
const rms = (values: Float64Array): number =>
  Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

describe("a source that lasts", () => {
  it("leaves sqrt(2(1 - e^(-T/tau))) of itself in a difference of phases: .02236 at 250 us of 1 s", () => {
    const [free, nudged] = readZeros(drifting("1 s"), 250e-6, 10);
    expect(rms(free)).toBeGreaterThan(0.97);
    expect(rms(free)).toBeLessThan(1.03);
    expect(rms(nudged.map((v, k) => v - free[k])) / 0.022359).toBeCloseTo(1, 1.6);
    const [first, second] = readZeros(drifting("1 us"), 250e-6, 10);
    expect(rms(second.map((v, k) => v - first[k])) / Math.SQRT2).toBeCloseTo(1, 1.6);
  });

  it("goes on from sample to sample, and is taken off by zeros before the batch", () => {
    const units = 4000;
    const [free] = readZeros(drifting("1 s"), 250e-6, 8, units);
    // Seven samples of 1.25 ms later.
    const apart = free.slice(0, units).map((v, k) => v - free[7 * units + k]);
    expect(rms(apart) / Math.sqrt(2 * (1 - Math.exp(-7 * 1.25e-3)))).toBeCloseTo(1, 1);
    const [zeroed] = readZeros(drifting("1 s"), 250e-6, 1, units, { zero: 1 });
    expect(rms(zeroed) / Math.sqrt(2 * (1 - Math.exp(-1e-3)))).toBeCloseTo(1, 1);
  });

  it("is flicker as well, whose differences hold what is faster than the phase", () => {
    const S = 1e-2;
    const flickering = {
      ...drifting("1 s"),
      equations: "read = x + n\nn = flicker(S, 1 mHz, 1 MHz) : V keeps",
      parameters: { S: `${S} V^2/Hz` },
    };
    const [free, nudged] = readZeros(flickering, 250e-6, 1);
    const poles = Array.from({ length: 19 }, (_, k) => 1e-3 * 10 ** (k / 2));
    const each = (S * Math.log(10)) / 2;
    const variance = poles.reduce((sum, f) => sum + 2 * each * (1 - Math.exp(-2 * Math.PI * f * 250e-6)), 0);
    const found = rms(nudged.map((v, k) => v - free[k]));
    expect(found / Math.sqrt(variance)).toBeCloseTo(1, 1);
    expect(found / rms(free)).toBeLessThan(1);
  });

  it("may be a trap that both phases find full, or empty", () => {
    const trap = {
      ...drifting("1 s"),
      equations:
        "read = x + dV*full : V\nfull <- where(eta < p*(1 - exp(-dt/tau)), 1 - full, full) at step keeps : 1",
      parameters: { dV: "1 V", p: 0.5, tau: "1 s" },
    };
    const [free, nudged] = readZeros(trap, 250e-6, 400, 200);
    const jumps = nudged.filter((v, k) => v !== free[k]).length;
    expect(jumps / free.length / (0.5 * (1 - Math.exp(-250e-6)))).toBeCloseTo(1, 0);
  });
});

const options = (device: ReadoutSpec, more: Partial<TrainOptions> = {}): TrainOptions => ({
  estimator: readThrough(centred({ amplitude: 0.3, freeSteps: 20, nudgedSteps: 15 }), {
    device,
    times: { load: "3 us", sample: "1 us", read: "2 us" },
  }),
  optimizer: sgd({ rate: 0.05 }),
  dt: 1e-5,
  epochs: 2,
  probe: 0,
  engine: "reference",
  ...more,
});

describe("in a training", () => {
  it("meets each sample with the same, however samples come in batches", async () => {
    const seen = async (size: number): Promise<number[]> => {
      const chip = chipOf();
      const simulator = new Simulator(chip, engine, { dt: 1e-5, seed: 2 });
      const { estimator } = options(drifting("10 ms", 0.01));
      const controller = new Controller(simulator, {
        estimator: {
          ...estimator,
          estimate: async (...args) => {
            const found = await estimator.estimate(...args);
            all.push(...found.free.states.output.re);
            return found;
          },
        },
        rule: defaultRule(chip.circuit),
        optimizer: sgd({ rate: 0 }),
        seed: 2,
      });
      const all: number[] = [];
      for (const batch of labelledBatches(chip.circuit, data.train, { size, limit: 12 }))
        await controller.learn(batch);
      return all;
    };
    const [whole, halves] = [await seen(12), await seen(4)];
    expect(whole).toHaveLength(120);
    whole.forEach((v, k) => expect(Math.abs(v - halves[k])).toBeLessThan(1e-9));
  });

  it("goes on to the same bytes where a checkpoint was taken, on a twin as well", async () => {
    const made = (): TrainOptions => {
      const { estimator, ...rest } = options(drifting("10 ms", 0.01), { batch: 5, checkpointEvery: 1 });
      const twin = { mismatch: 0.01 };
      const device = drifting("10 ms", 0.01);
      return {
        ...rest,
        estimator: readThrough(estimator.unread ?? estimator, { device, twin, chop: "batch" }),
      };
    };
    const run = async (chip: Chip, more: Partial<TrainOptions>) => {
      for await (const _ of train(chip, data, { ...made(), ...more }));
      return chip.arrays();
    };
    const checkpoints: Checkpoint[] = [];
    const whole = await run(chipOf(), { onCheckpoint: (one) => void checkpoints.push(one) });
    const again = await run(chipOf(), { onCheckpoint: () => {}, resume: checkpoints[5] });
    expect(again).toEqual(whole);
    const { "readout/clock": _, ...arrays } = checkpoints[5].arrays;
    const other = { ...checkpoints[5], arrays };
    await expect(run(chipOf(), { onCheckpoint: () => {}, resume: other })).rejects.toMatchObject({
      code: "CHECKPOINT-ARRAYS",
    });
  });

  it("tests stacked chips as each alone, and does without seconds", async () => {
    const { free } = options(drifting("10 ms", 0.3)).estimator;
    const design = layered([64, 6, 10], { neuron: softNeuron({ T: "0 K" }), synapse: crossbar() });
    const chips = [1, 2].map((seed) => design.fabricate({ seed }));
    const tests = () => labelledBatches(design, data.test, { size: 8 });
    const stack = stackChips(chips);
    const both = await evaluateChips(new Simulator(stack, engine, { dt: 1e-5, seed: 5 }), tests(), free);
    const alone = await evaluateChip(new Simulator(chips[0], engine, { dt: 1e-5, seed: 5 }), tests(), free);
    expect(both[0].cost).toBeCloseTo(alone.cost, 9);
    const still = await evaluateChip(new Simulator(chips[0], engine, { dt: 1e-5, seed: 5 }), tests(), {
      freeSteps: 20,
    });
    expect(alone.cost).not.toBeCloseTo(still.cost, 3);
    const unitless = layered([64, 6, 10], { neuron: shiftedSigmoid(), synapse: ideal() }).fabricate();
    const device: ReadoutSpec = {
      ...drifting("1 s"),
      equations: "read = x + n\ndn/dt = -n/tau + sqrt(2/tau)*sd*xi_n keeps",
      parameters: { tau: 100, sd: 0.01 },
    };
    for await (const report of train(unitless, data, options(device, { dt: undefined, epochs: 1 })))
      expect(report.chipSeconds).toBeNull();
  });
});

it("is numbers of a readout, too", () => {
  const flicker = { S_1Hz: "1e-10 V^2/Hz", f_low: "1 Hz", f_high: "1 kHz" };
  const made = defineReadout(readout({ unit: "V", bits: 8, lasting: { sd: "1 mV", tau: "1 s" }, flicker }));
  expect(Object.values(made.stored).filter(({ keeps }) => keeps)).toHaveLength(8);
});

it("is held against its text", () => {
  const code = (equations: string): string =>
    refusal(() => defineReadout({ name: "r", equations, parameters: {} })).code;
  expect(code("read = s\ns <- x keeps")).toBe("DEVICE-KEEPS");
  expect(code("read = x + n\nn = flicker(0.1, 1 Hz, 10 Hz)")).toBe("DEVICE-KEEPS");
  expect(code("read = x + n\nn <- n + eta*dt at step")).toBe("DEVICE-KEEPS");
  expect(code("read = s + n\ns <- x\ndn/dt = s - n keeps")).toBe("DEVICE-KEEPS");
});
