/**
 * The networks and protocols that are measured, from the catalogues and with the numbers of their sources.
 */
import { convolutional, layered } from "../circuits";
import { energyBased, ideal, prototypical, shiftedSigmoid } from "../devices";
import {
  bptt,
  continuousBlocks,
  energyBasedRule,
  holomorphic,
  OhmletError,
  oneSided,
  type Circuit,
  type Complex,
  type Estimator,
  type NeuronSpec,
  type Rule,
  type SimulatorOptions,
} from "../src/index";

/** A circuit and how its steps are taken. */
export interface Dynamics {
  readonly sizes: readonly number[];
  readonly batch: number;
  readonly options: SimulatorOptions;
  /** The nudge of the phase that is timed; none: a free phase. */
  readonly nudge?: Complex;
  build(sizes: readonly number[]): Circuit;
}

const state = { kind: "squared-error", argument: "state" } as const;
const fanIn = { distribution: "fan-in" } as const;

/** A leaky integrator with white noise, its rate a sigmoid: what neuroscience's simulators are used for. */
const rateNeuron: NeuronSpec = {
  kind: "neuron",
  name: "rate neuron",
  equations: "du/dt = (-u + I + I_nudge)/tau + sigma*sqrt(2/tau)*xi\nrho = 1/(1 + exp(-4*(u - 0.5)))",
  parameters: { tau: "5 ms", sigma: 0.01 },
};

/**
 * Ernoult 2019, Eq. 72-73 and 71; Laborieux and Zenke 2023, D.2; and a noisy rate network of three layers.
 */
type DynamicsName = "prototypical" | "energy" | "holomorphic" | "rate" | "p-conv" | "hep-conv";

/** P-conv of Ernoult 2019, appendix D. */
const pConv = (): Circuit =>
  convolutional({
    shape: [28, 28, 1],
    layers: [32, 64].map((channels) => ({ channels, kernel: 5, pool: { kind: "max", window: 2 } })),
    outputs: 10,
    neuron: prototypical({ rho: "hard-sigmoid" }),
    synapse: ideal(),
    initial: fanIn,
    cost: state,
  });

/** Laborieux and Zenke 2023, D.2, an eighth as wide. */
const holomorphicConvolutional = (): Circuit =>
  convolutional({
    shape: [32, 32, 3],
    layers: [16, 32, 64, 64].map((channels, k) => ({
      channels,
      kernel: 3,
      padding: k < 3 ? 1 : 0,
      pool: { kind: "softmax", window: 2 },
    })),
    neuron: {
      kind: "neuron",
      name: "weighted sigmoid",
      equations: "u <- I + I_nudge\nrho = 0.5*u*logistic(u) + (1 - 0.5*u)*logistic(u - 2)",
    },
    synapse: ideal(),
    feedback: "untied",
    initial: { distribution: "lecun" },
    cost: { kind: "cross-entropy", argument: "activity", classes: 10, ascend: true },
  });

export const DYNAMICS: Readonly<Record<DynamicsName, Dynamics>> = {
  prototypical: {
    sizes: [784, 512, 512, 10],
    batch: 20,
    options: {},
    build: (sizes) =>
      layered(sizes, { neuron: prototypical(), synapse: ideal(), initial: fanIn, cost: state }),
  },
  energy: {
    sizes: [784, 512, 512, 10],
    batch: 20,
    options: { solver: "euler", dt: 0.2 },
    build: (sizes) =>
      layered(sizes, {
        neuron: energyBased({ rho: "sigmoid", clip: [0, 1] }),
        synapse: ideal(),
        initial: fanIn,
        cost: state,
      }),
  },
  holomorphic: {
    sizes: [784, 256, 256, 10],
    batch: 50,
    options: {},
    nudge: { re: 0, im: 0.5 },
    build: (sizes) =>
      layered(sizes, {
        neuron: shiftedSigmoid(),
        synapse: ideal(),
        feedback: "untied",
        initial: { distribution: "lecun" },
        cost: { kind: "cross-entropy", argument: "activity", classes: sizes[sizes.length - 1], ascend: true },
      }),
  },
  "p-conv": { sizes: [784, 4608, 1024, 10], batch: 20, options: {}, nudge: { re: 0.4, im: 0 }, build: pConv },
  "hep-conv": {
    sizes: [3072, 4096, 2048, 1024, 64],
    batch: 20,
    options: {},
    nudge: { re: 0, im: 0.5 },
    build: holomorphicConvolutional,
  },
  rate: {
    sizes: [100, 100, 100, 10],
    batch: 1,
    options: { solver: "euler", dt: 1e-4 },
    build: (sizes) =>
      layered(sizes, {
        neuron: rateNeuron,
        synapse: ideal(),
        initial: { distribution: "lecun" },
        cost: state,
      }),
  },
};

/** How a model learns: equilibrium propagation, backpropagation through time, or a nudge that never rests. */
export type Method = "ep" | "bptt" | "continuous";

/** What a run may ask of a protocol's estimator. */
export interface Asked {
  /** Ends phases early; the papers run them to their end. */
  readonly tolerance?: number;
  /** Nudges on the circle, where there is one. */
  readonly points?: number;
}

/** A training protocol of a paper. */
export interface Model {
  readonly build: () => Circuit;
  /** How its steps are taken. */
  readonly options?: SimulatorOptions;
  /** Samples a minibatch. */
  readonly batch: number;
  /** Learning rates from the input side, or one for all; plain SGD, or with momentum. */
  readonly rates: readonly number[] | number;
  readonly momentum?: number;
  /** Default: the one that suits the circuit. */
  readonly rule?: Rule;
  /** By method, for those that it has. */
  readonly estimators: Partial<Readonly<Record<Method, (of: Asked) => Estimator>>>;
}

/** One-sided nudge and fixed phases; or the last steps of the free phase, walked backwards. */
function ernoult(of: {
  readonly freeSteps: number;
  readonly nudgedSteps: number;
  readonly amplitude: number;
}): Model["estimators"] {
  const { freeSteps, nudgedSteps } = of;
  return {
    ep: ({ tolerance }) => oneSided({ ...of, tolerance }),
    bptt: () => bptt({ freeSteps, steps: nudgedSteps }),
  };
}

type ModelName = "p-1h" | "p-2h" | "eb-1h" | "p-conv" | "holomorphic";

/** Ernoult 2019, Table 4; Laborieux and Zenke 2023, D.2 and D.3. */
export const MODELS: Readonly<Record<ModelName, Model>> = {
  "p-1h": {
    build: () => DYNAMICS.prototypical.build([784, 512, 10]),
    batch: 20,
    rates: [0.08, 0.04],
    rule: energyBasedRule,
    estimators: ernoult({ freeSteps: 30, nudgedSteps: 10, amplitude: 0.1 }),
  },
  "p-2h": {
    build: () => DYNAMICS.prototypical.build([784, 512, 512, 10]),
    batch: 20,
    rates: [0.2, 0.05, 0.005],
    rule: energyBasedRule,
    estimators: ernoult({ freeSteps: 100, nudgedSteps: 20, amplitude: 0.5 }),
  },
  "eb-1h": {
    build: () => DYNAMICS.energy.build([784, 512, 10]),
    options: DYNAMICS.energy.options,
    batch: 20,
    rates: [0.1, 0.05],
    rule: energyBasedRule,
    estimators: ernoult({ freeSteps: 100, nudgedSteps: 12, amplitude: 0.5 }),
  },
  "p-conv": {
    build: pConv,
    batch: 20,
    rates: [0.15, 0.035, 0.015],
    rule: energyBasedRule,
    estimators: ernoult({ freeSteps: 200, nudgedSteps: 10, amplitude: 0.4 }),
  },
  holomorphic: {
    build: () => DYNAMICS.holomorphic.build(DYNAMICS.holomorphic.sizes),
    batch: 50,
    rates: 0.01,
    momentum: 0.9,
    estimators: {
      ep: ({ tolerance, points = POINTS }) =>
        holomorphic({ points, amplitude: 0.05, freeSteps: 150, nudgedSteps: 20, tolerance }),
      continuous: ({ points = POINTS }) => continuousBlocks({ points, amplitude: 0.05 }),
    },
  },
};

/** Nudges on a circle, unless asked otherwise. */
const POINTS = 4;

/** What a model learns by. @throws OhmletError CLI-CHOICE for a method that it does not have */
export function estimatorOf(name: ModelName, method: Method, asked: Asked): Estimator {
  const make = MODELS[name].estimators[method];
  if (make !== undefined) return make(asked);
  const has = Object.keys(MODELS[name].estimators);
  throw new OhmletError({
    code: "CLI-CHOICE",
    fact: `${name} is not trained by "${method}"`,
    place: { where: "bench train" },
    remedy: `use --method ${has.join(" or ")}`,
  });
}
