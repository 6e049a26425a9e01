/** A feedforward net beside a chip in training: it starts free phases, learns from them, and is resumed. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layered } from "../../../circuits";
import { energyBased, ideal } from "../../../devices";
import { Initializer } from "../../../src/learning/initialized";
import { shown as activitiesOf } from "../../../src/learning/initialized/initializer";
import {
  centred,
  createEngine,
  forwardNet,
  randomSign,
  sgd,
  strokeDigits,
  take,
  Simulator,
  train,
  type Batch,
  type Checkpoint,
  type Engine,
  type EpochReport,
  type Estimator,
  type ForwardOptions,
  type NeuronSpec,
} from "../../../src/index";

const digits = {
  train: strokeDigits({ samples: 500, seed: 3, split: "train" }),
  test: strokeDigits({ samples: 100, seed: 3, split: "test" }),
};
const design = layered([64, 32, 10], {
  neuron: energyBased(),
  synapse: ideal(),
  cost: { kind: "squared-error", argument: "state" },
});
const engines = new Map<string, Engine>();
beforeAll(async () => {
  for (const name of ["reference", "simd"] as const) engines.set(name, await createEngine(name));
});
afterAll(() => [...engines.values()].forEach((engine) => engine.dispose()));

const RATE = { rate: 0.4 };
const learning = (name = "reference") => ({
  estimator: randomSign({ amplitude: 0.5, freeSteps: 8, nudgedSteps: 6 }),
  optimizer: sgd(RATE),
  epochs: 2,
  batch: 10,
  probe: 0,
  solver: "euler" as const,
  dt: 0.5,
  seed: 5,
  engine: engines.get(name) as Engine,
});
/** Few samples, for what needs no learning. */
const few = { train: take(digits.train, 60), test: take(digits.test, 20) };
const beside = (options: Partial<ForwardOptions> = {}) => {
  const chip = design.fabricate({ seed: 1 });
  return { chip, net: forwardNet(chip, { optimizer: sgd(RATE), lambda: 0.1, ...options }) };
};

describe("a training with a feedforward net", () => {
  it("learns, and the net with it", async () => {
    const { chip, net } = beside();
    const reports: EpochReport[] = [];
    for await (const report of train(chip, digits, { ...learning("simd"), epochs: 7, initialized: net }))
      reports.push(report);
    const [first] = reports;
    const last = reports[6];
    expect(last.accuracy).toBeGreaterThan(0.6);
    expect(last.forward?.accuracy).toBeGreaterThan(0.45);
    expect(last.forward?.missed.l1).toBeLessThan(first.forward?.missed.l1 ?? 0);
    expect(Object.keys(last.forward?.alignment ?? {})).toEqual(["l1"]);
    expect(last.learned).toEqual({ place: "engine" });
    expect(String(last)).toContain("forward net");
  });

  it("reports what neurons of several states show, and nothing of the rest", async () => {
    const neuron: NeuronSpec = {
      kind: "neuron",
      name: "two",
      equations: "du/dt = -u + I + I_nudge - a/2\n3*da/dt = u - a\nrho = tanh(u)",
    };
    const chip = layered([64, 8, 10], { neuron, synapse: ideal() }).fabricate({ seed: 1 });
    const initialized = forwardNet(chip, { optimizer: sgd(RATE) });
    const estimator = randomSign({ amplitude: 0.5, freeSteps: 40, nudgedSteps: 30 });
    const reports = train(chip, few, { ...learning("simd"), estimator, epochs: 1, initialized });
    for await (const { forward } of reports)
      expect(Object.keys(forward?.missed ?? {})).toEqual(["l1", "output"]);
  });

  it("goes on to the same bytes where it was stopped", async () => {
    const momentum = { optimizer: sgd({ ...RATE, momentum: 0.5 }) };
    const all: Checkpoint[] = [];
    const whole = beside(momentum);
    const keep = (checkpoint: Checkpoint): void => {
      all.push(structuredClone(checkpoint));
    };
    const options = { ...learning(), onCheckpoint: keep, checkpointEvery: 4 };
    for await (const _ of train(whole.chip, few, { ...options, initialized: whole.net }));
    const resumed = beside(momentum);
    for await (const _ of train(resumed.chip, few, {
      ...learning(),
      onCheckpoint: () => undefined,
      resume: all[1],
      initialized: resumed.net,
    }));
    expect(resumed.chip.arrays()).toEqual(whole.chip.arrays());
    expect(resumed.net.chip.arrays()).toEqual(whole.net.chip.arrays());
    const other = beside({ ...momentum, leak: 0.02 });
    const refused = train(other.chip, few, { ...learning(), resume: all[1], initialized: other.net });
    await expect(refused.next()).rejects.toThrow(/CHECKPOINT-OTHER/);
  });

  it("learns where the nudged phase ended, where it is asked to, on the host", async () => {
    const { chip, net } = beside({ target: "nudged", lambda: 0 });
    const other = beside({ lambda: 0 });
    const whole = { ...learning(), epochs: 1, batch: 20, engine: engines.get("reference") as Engine };
    const one = { train: take(digits.train, 20), test: few.test };
    // By hand: both phases of the one batch, and the local losses of s+.
    const by = beside({ lambda: 0 });
    const simulator = new Simulator(by.chip, whole.engine, { solver: "euler", dt: 0.5 });
    const initializer = new Initializer(by.net, by.chip.circuit, whole.engine);
    const seen: Batch[] = [];
    const watching: Estimator = {
      ...whole.estimator,
      estimate: (at, batch, context) => {
        seen.push(batch);
        return whole.estimator.estimate(at, batch, context);
      },
    };
    const reports: EpochReport[] = [];
    for await (const report of train(chip, one, { ...whole, estimator: watching, initialized: net }))
      reports.push(report);
    expect(reports[0].learned).toMatchObject({
      place: "host",
      reason: "the feedforward net learns where the nudged phase ended",
    });
    for await (const _ of train(other.chip, one, { ...whole, initialized: other.net }));
    expect(chip.arrays()).toEqual(other.chip.arrays());
    const [batch] = seen.slice(-1);
    const begun = await initializer.begin({ ...batch, start: undefined });
    const { samples, inputs, targets } = begun;
    const free = await simulator.phase({ samples, inputs, from: begun.start, steps: 8 });
    const [nudge] = (await whole.estimator.estimate(simulator, begun, { round: 0, seed: whole.seed })).nudges;
    const pushed = await simulator.phase({
      samples,
      inputs,
      targets,
      nudges: [nudge],
      from: free.states,
      steps: 6,
    });
    const end = { states: free.states, activities: pushed.activities };
    by.net.learn(initializer.predictionOf(begun), activitiesOf(end));
    for (const { name } of net.chip.circuit.projections)
      net.chip.weights(name).weights.forEach((w, i) => {
        expect(w).toBeCloseTo(by.net.chip.weights(name).weights[i], 12);
      });
    expect(net.chip.arrays()).not.toEqual(other.net.chip.arrays());
    initializer.dispose();
    simulator.dispose();
  });

  it("leaves the chip that it pulls as it was: the same arrays, the same inputs", async () => {
    const { chip, net } = beside();
    const bench = net.bench(chip);
    expect(bench.circuit.inputSize).toBe(64 + 32 + 10);
    expect(Object.keys(bench.arrays())).toEqual(Object.keys(chip.arrays()));
    expect(bench.weights("prediction.l1").weights[3]).toBeCloseTo(0.2, 12);
    expect(bench.weights("leak.l1").weights[3]).toBeCloseTo(-0.2, 12);
    expect(beside({ lambda: 0 }).net.bench(chip)).toBe(chip);
    expect(forwardNet(chip, { optimizer: sgd(RATE), lambda: 0.1, factor: "code" }).pull).toBe(0.1);
  });

  it.each<[string, RegExp, (given: ReturnType<typeof beside>) => object]>([
    ["a negative lambda", /INIT-OPTION/, () => beside({ lambda: -1 })],
    [
      "a target that its estimator has not",
      /INIT-OPTION/,
      () => ({
        initialized: beside({ target: "nudged" }).net,
        estimator: centred({ amplitude: 0.5, freeSteps: 8, nudgedSteps: 6 }),
      }),
    ],
    ["a leak of nothing known", /INIT-OPTION/, () => beside({ leak: Number.NaN })],
    ["states that persist", /INIT-OPTION/, ({ net }) => ({ initialized: net, persistent: true })],
    [
      "the chip's own optimizer",
      /INIT-OPTION/,
      ({ chip }) => {
        const optimizer = sgd({ rate: 0.1, momentum: 0.9 });
        return { optimizer, initialized: forwardNet(chip, { optimizer }) };
      },
    ],
    [
      "a net of another chip",
      /INIT-OPTION/,
      () => {
        const other = layered([64, 20, 10], { neuron: energyBased(), synapse: ideal() }).fabricate();
        return { initialized: forwardNet(other, { optimizer: sgd(RATE) }) };
      },
    ],
  ])("refuses %s", async (_, code, options) => {
    const run = async (): Promise<unknown> => {
      const given = beside();
      return train(given.chip, few, { ...learning(), ...options(given) } as never).next();
    };
    await expect(run()).rejects.toThrow(code);
  });
});
