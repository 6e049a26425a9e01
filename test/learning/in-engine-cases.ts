/** Circuits that learn in an engine, with what they learn by; and how far two learned apart. */
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
  Controller,
  coupled,
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

export const DATA = strokeDigits({ samples: 26, seed: 1, split: "train" });
const state = { kind: "squared-error", argument: "state" } as const;
export const lengths = { freeSteps: 40, nudgedSteps: 20 };

export interface Case {
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
export const discrete = layered([64, 12, 9, 10], {
  neuron: prototypical(),
  synapse: ideal(),
  initial: { distribution: "fan-in" },
  cost: state,
});
const euler = { solver: "euler", dt: 0.5 } as const;

export const CASES: Record<string, Case> = {
  "tied, energy-based, plain": {
    circuit: discrete,
    estimator: oneSided({ amplitude: 0.3, ...lengths }),
    rule: energyBasedRule,
    optimizer: () => sgd({ rate: 0.3 }),
  },
  "exact differences of a hundred-thousandth, energy-based": {
    circuit: discrete,
    estimator: oneSided({ amplitude: 1e-5, ...lengths, differences: "exact" }),
    rule: energyBasedRule,
    optimizer: () => sgd({ rate: 0.3 }),
  },
  "exact differences of a millionth, centred, vector field": {
    circuit: tanh,
    estimator: centred({ amplitude: 1e-6, ...lengths, differences: "exact" }),
    rule: vectorFieldRule,
    optimizer: () => sgd({ rate: 0.2 }),
    options: euler,
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
export async function learn(
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
export function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    difference = Math.max(difference, Math.abs(a[i] - b[i]));
    size = Math.max(size, Math.abs(b[i]));
  }
  return size === 0 ? difference : difference / size;
}
