/** Learning in the engine: the same laws, to the engine's precision, as on the host in float64. */
import { describe, expect, it } from "vitest";
import { layered, loop, nonideal } from "../../circuits";
import {
  crossbar,
  energyBased,
  ideal,
  leakyIntegrator,
  prototypical,
  shiftedSigmoid,
  softNeuron,
} from "../../devices";
import {
  adam,
  centred,
  clamped,
  continuousBlocks,
  coupled,
  Controller,
  createEngine,
  energyBasedRule,
  holomorphic,
  labelledBatches,
  oneSided,
  randomSign,
  sgd,
  Simulator,
  strokeDigits,
  vectorFieldRule,
  type Batch,
  type BatchReport,
  type Chip,
  type Circuit,
  type Estimator,
  type Optimizer,
  type Rule,
  type SimulatorOptions,
} from "../../src/index";

const DATA = strokeDigits({ samples: 26, seed: 1, split: "train" });
const state = { kind: "squared-error", argument: "state" } as const;
const lengths = { freeSteps: 40, nudgedSteps: 20 };

interface Case {
  readonly circuit: Circuit;
  readonly estimator: Estimator;
  readonly rule: Rule;
  readonly optimizer: () => Optimizer;
  readonly options?: SimulatorOptions;
}

const tanh = layered([64, 11, 10], {
  neuron: leakyIntegrator(),
  synapse: ideal(),
  feedback: { angle: 40, asymmetry: 0.2 },
  cost: { kind: "squared-error", argument: "activity" },
});
const discrete = layered([64, 12, 9, 10], {
  neuron: prototypical(),
  synapse: ideal(),
  initial: { distribution: "fan-in" },
  cost: state,
});
const euler = { solver: "euler", dt: 0.5 } as const;

const CASES: Record<string, Case> = {
  "tied, energy-based, plain": {
    circuit: discrete,
    estimator: oneSided({ amplitude: 0.3, ...lengths }),
    rule: energyBasedRule,
    optimizer: () => sgd({ rate: 0.3 }),
  },
  "tied, vector field, random sign, momentum and decay": {
    circuit: discrete,
    estimator: randomSign({ amplitude: 0.3, ...lengths }),
    rule: vectorFieldRule,
    optimizer: () => sgd({ rate: 0.2, momentum: 0.8, weightDecay: 0.02 }),
  },
  "tied with unequal gains, centred, Adam": {
    circuit: layered([64, 11, 10], {
      neuron: energyBased({ rho: "sigmoid", clip: [0, 1] }),
      synapse: ideal(),
      feedback: { asymmetry: 0.3 },
      initial: { distribution: "fan-in" },
      cost: state,
    }),
    estimator: centred({ amplitude: 0.3, ...lengths }),
    rule: energyBasedRule,
    optimizer: () => adam({ rate: 0.01, epsilon: 1e-4, weightDecay: 0.1 }),
    options: euler,
  },
  "untied at an angle, a rate a projection": {
    circuit: tanh,
    estimator: centred({ amplitude: 0.3, ...lengths }),
    rule: vectorFieldRule,
    optimizer: () => sgd({ rate: { "input-l1": 0.5, "l1-output": 0.2, "output-l1": 0.1 } }),
    options: euler,
  },
  "the output held at its target": {
    circuit: discrete,
    estimator: clamped(lengths),
    rule: energyBasedRule,
    optimizer: () => sgd({ rate: 0.2 }),
  },
  "the output held on its way to the target, whatever the sign of nudges": {
    circuit: layered([64, 12, 10], {
      neuron: shiftedSigmoid(),
      synapse: ideal(),
      feedback: { angle: 30 },
      cost: { kind: "squared-error", argument: "activity", ascend: true },
    }),
    estimator: coupled({ amplitude: 0.3, ...lengths }),
    rule: vectorFieldRule,
    optimizer: () => sgd({ rate: 0.3 }),
  },
  "complex nudges, a loop without symmetry": {
    circuit: loop([64, 9, 8, 10], { neuron: shiftedSigmoid(), synapse: ideal() }),
    estimator: holomorphic({ points: 4, amplitude: 0.3, ...lengths }),
    rule: vectorFieldRule,
    optimizer: () => sgd({ rate: 0.3 }),
  },
  "real and complex nudges apart": {
    circuit: layered([64, 300, 10], {
      neuron: shiftedSigmoid(),
      synapse: ideal(),
      feedback: { asymmetry: 0.2 },
      initial: { distribution: "lecun" },
    }),
    estimator: holomorphic({ points: 4, amplitude: 0.3, freeSteps: 40, nudgedSteps: 60 }),
    rule: vectorFieldRule,
    optimizer: () => sgd({ rate: 0.3 }),
  },
  "a digital readout": {
    circuit: layered([64, 14, 12], {
      neuron: shiftedSigmoid(),
      synapse: ideal(),
      feedback: "untied",
      initial: { distribution: "lecun" },
      cost: { kind: "cross-entropy", argument: "activity", classes: 10, ascend: true },
    }),
    estimator: holomorphic({ points: 3, amplitude: 0.5, ...lengths }),
    rule: vectorFieldRule,
    optimizer: () => sgd({ rate: 0.1, momentum: 0.5 }),
  },
  "a nudge that steps around the circle, and never rests": {
    circuit: loop([64, 9, 8, 10], { neuron: shiftedSigmoid(), synapse: ideal() }),
    estimator: continuousBlocks({ points: 4, amplitude: 0.3, periods: 3, stepsPerPoint: 3 }),
    rule: vectorFieldRule,
    optimizer: () => sgd({ rate: 0.3, momentum: 0.5 }),
  },
  "the same until it repeats, seen as the activity of the mean, with a readout": {
    circuit: layered([64, 14, 12], {
      neuron: shiftedSigmoid(),
      synapse: ideal(),
      feedback: "untied",
      initial: { distribution: "lecun" },
      cost: { kind: "cross-entropy", argument: "activity", classes: 10, ascend: true },
    }),
    estimator: continuousBlocks({
      points: 3,
      amplitude: 0.3,
      periods: 4,
      stepsPerPoint: 40,
      presynaptic: "activity-of-mean",
    }),
    rule: vectorFieldRule,
    optimizer: () => sgd({ rate: 0.1 }),
  },
  "the same on a noisy chip": {
    circuit: layered([64, 10, 10], {
      neuron: softNeuron(),
      synapse: crossbar({ mismatch: "5 %" }),
      initial: { distribution: "glorot" },
      cost: { kind: "squared-error", argument: "activity", levels: [-0.6, 0.6] },
    }),
    estimator: continuousBlocks({ points: 3, amplitude: 0.3, periods: 2, stepsPerPoint: 20 }),
    rule: vectorFieldRule,
    optimizer: () => sgd({ rate: 0.05 }),
    options: { dt: 1e-5 },
  },
  "crossbars that leak and differ": {
    circuit: layered([64, 10, 10], {
      neuron: softNeuron({ T: "0 K" }),
      synapse: crossbar({ mismatch: "10 %", retention: "0.01 s" }),
      feedback: { angle: 20 },
      initial: { distribution: "glorot" },
      cost: { kind: "squared-error", argument: "activity", levels: [-0.6, 0.6] },
    }),
    estimator: centred({ amplitude: 0.3, ...lengths }),
    rule: vectorFieldRule,
    optimizer: () => sgd({ rate: 0.05 }),
    options: { dt: 1e-5 },
  },
  "reads by current": {
    circuit: layered([64, 10, 9, 10], {
      neuron: softNeuron({ T: "0 K" }),
      synapse: crossbar({ mismatch: "10 %", readNoise: "0.5 %" }),
      feedback: { asymmetry: 0.2 },
      initial: { distribution: "glorot" },
    }),
    estimator: centred({ amplitude: 0.3, ...lengths }),
    rule: vectorFieldRule,
    optimizer: () => sgd({ rate: 0.05 }),
    options: { dt: 1e-5, reads: "by-current" },
  },
  "a noisy chip whose phases are averaged": {
    circuit: nonideal({ sizes: [64, 10, 10] }),
    estimator: centred({ amplitude: 0.3, ...lengths, average: 10 }),
    rule: vectorFieldRule,
    optimizer: () => sgd({ rate: 0.05 }),
    options: { dt: 1e-5 },
  },
};

/** Learns from a few batches, the last smaller, and returns what everybody can see. */
async function learn(
  { circuit, estimator, rule, optimizer, options }: Case,
  engineName: string,
  place?: "host",
): Promise<{
  chip: Chip;
  reports: BatchReport[];
  controller: Controller;
  initial: Record<string, Float64Array>;
  optimizer: Optimizer;
}> {
  const chip = circuit.fabricate({ seed: 5 });
  const initial = Object.fromEntries(
    circuit.projections.map(({ name }) => [name, chip.weights(name).weights]),
  );
  const engine = await createEngine(engineName);
  const used = optimizer();
  const controller = new Controller(new Simulator(chip, engine, { ...options, seed: 2 }), {
    estimator,
    rule,
    optimizer: used,
    seed: 4,
    ...(place && { place }),
  });
  const reports: BatchReport[] = [];
  const batches: Batch[] = [...labelledBatches(circuit, DATA, { size: 7 })];
  for (const [k, batch] of batches.entries()) reports.push(await controller.learn(batch, k === 2 ? 0.5 : 1));
  return { chip, reports, controller, initial, optimizer: used };
}

/** Largest difference over the largest value. */
function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    difference = Math.max(difference, Math.abs(a[i] - b[i]));
    size = Math.max(size, Math.abs(b[i]));
  }
  return size === 0 ? difference : difference / size;
}

describe("learning in the engine", () => {
  it.each(Object.entries(CASES))("agrees with the host: %s", async (_, plan) => {
    const [host, engine] = [await learn(plan, "reference"), await learn(plan, "simd")];
    expect([host.controller.place.place, engine.controller.place.place]).toEqual(["host", "engine"]);
    for (const { name } of plan.circuit.projections) {
      const learned = host.chip.weights(name).weights.map((w, i) => w - host.initial[name][i]);
      const found = engine.chip.weights(name).weights.map((w, i) => w - host.initial[name][i]);
      expect(learned.some((x) => x !== 0)).toBe(true);
      expect(apart(found, learned), name).toBeLessThan(2e-3);
    }
    const [a, b] = [host.chip.arrays(), engine.chip.arrays()];
    expect(Object.keys(b)).toEqual(Object.keys(a));
    for (const name of Object.keys(a)) expect(apart(b[name].values, a[name].values), name).toBeLessThan(1e-4);
    const [memory, remembered] = [host.optimizer.save(), engine.optimizer.save()];
    expect(Object.keys(remembered).sort()).toEqual(Object.keys(memory).sort());
    for (const name of Object.keys(memory))
      expect(apart(remembered[name].values, memory[name].values), name).toBeLessThan(2e-3);
    host.reports.forEach((report, k) => {
      const other = engine.reports[k];
      expect(other.cost / report.cost).toBeCloseTo(1, 3);
      expect(other.correct).toBe(report.correct);
      expect(other.nudgeShift / report.nudgeShift).toBeCloseTo(1, 2);
      if (report.aliasing === null) expect(other.aliasing).toBeNull();
      else expect((other.aliasing ?? NaN) / report.aliasing).toBeCloseTo(1, 1);
    });
  });

  it("sees what others do to the chip and the optimizer between batches", async () => {
    const plan = CASES["tied, vector field, random sign, momentum and decay"];
    const { estimator, rule } = plan;
    const batches = [...labelledBatches(plan.circuit, DATA, { size: 13 })];
    const run = async (place?: "host"): Promise<Float64Array> => {
      const chip = plan.circuit.fabricate({ seed: 5 });
      const optimizer = plan.optimizer();
      const controller = new Controller(new Simulator(chip, await createEngine("simd")), {
        estimator,
        rule,
        optimizer,
        seed: 4,
        ...(place && { place }),
      });
      await controller.learn(batches[0]);
      const saved = { arrays: chip.arrays(), memory: optimizer.save() };
      await controller.learn(batches[1]);
      chip.program("input-l1", { weights: new Float64Array(64 * 12).fill(0.1), biases: null });
      await controller.learn(batches[0]);
      chip.load(saved.arrays);
      optimizer.load(saved.memory);
      await controller.learn(batches[1]);
      controller.dispose();
      return chip.weights("input-l1").weights;
    };
    expect(apart(await run(), await run("host"))).toBeLessThan(1e-5);
  });

  it("steps devices of few levels where the host does", async () => {
    const plan: Case = {
      circuit: layered([64, 10, 10], {
        neuron: softNeuron({ T: "0 K" }),
        synapse: crossbar({ levels: 33, mismatch: "5 %" }),
        initial: { distribution: "glorot", scale: 0.5 },
      }),
      estimator: centred({ amplitude: 0.3, ...lengths }),
      rule: vectorFieldRule,
      optimizer: () => adam({ rate: 0.05, epsilon: 1e-4 }),
      options: { dt: 1e-5 },
    };
    const [host, engine] = [await learn(plan, "reference"), await learn(plan, "simd")];
    expect(engine.controller.place.place).toBe("engine");
    const [a, b] = [host, engine].map(({ chip }) => chip.weights("input-l1").weights);
    // A device on the edge between two levels may fall to either side.
    const other = a.filter((w, k) => Math.abs(w - b[k]) > 1e-5).length;
    expect(other).toBeLessThan(a.length / 50);
    expect(a.filter((w, k) => Math.abs(w - host.initial["input-l1"][k]) > 0.05).length).toBeGreaterThan(
      a.length / 10,
    );
  });

  it("is done on the host where it has to be, and says why", async () => {
    const place = async (
      circuit: Circuit,
      engine: string,
      extra: Partial<ConstructorParameters<typeof Controller>[1]> = {},
    ): Promise<unknown> => {
      const options = {
        estimator: oneSided({ amplitude: 0.3, ...lengths }),
        rule: vectorFieldRule,
        optimizer: sgd({ rate: 0.1 }),
        seed: 1,
        ...extra,
      };
      return new Controller(
        new Simulator(circuit.fabricate(), await createEngine(engine), { dt: 1e-5 }),
        options,
      ).place;
    };
    expect(await place(discrete, "reference")).toEqual({
      place: "host",
      reason: expect.stringContaining("reference"),
    });
    expect(await place(discrete, "simd", { place: "host" })).toEqual({
      place: "host",
      reason: expect.any(String),
    });
    expect(await place(nonideal({ readNoise: "1 %" }), "simd")).toEqual({
      place: "host",
      reason: expect.stringContaining("read to read"),
    });
    const current = new Controller(
      new Simulator(nonideal({ readNoise: "1 %" }).fabricate(), await createEngine("simd"), {
        dt: 1e-5,
        reads: "by-current",
      }),
      {
        estimator: oneSided({ amplitude: 0.3, ...lengths }),
        rule: vectorFieldRule,
        optimizer: sgd({ rate: 0.1 }),
        seed: 1,
      },
    );
    expect(current.place).toEqual({ place: "engine" });
    expect(await place(nonideal(), "simd")).toEqual({ place: "engine" });
  });
});
