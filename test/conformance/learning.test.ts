/**
 * Learning on every engine that learns: updates of one batch, and weights after twenty, over circuits, estimators,
 * optimizers and devices drawn at random. In Node and in pages.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import {
  crossbar,
  energyBased,
  ideal,
  leakyIntegrator,
  prototypical,
  shiftedSigmoid,
  softNeuron,
} from "../../devices";
import type { Engine } from "../../src/engines/engine";
import { createEngine } from "../../src/engines/select";
import {
  adam,
  centred,
  Controller,
  holomorphic,
  oneSided,
  randomSign,
  sgd,
  Simulator,
  vectorFieldRule,
  type Batch,
  type Chip,
} from "../../src/index";
import { contestants, runsOn } from "./compare";
import { values } from "./recipe";
import { LONG } from "../long";

const SAMPLES = 4;
const BATCHES = 20;
const lengths = { freeSteps: 12, nudgedSteps: 8 };
/** Adam divides by the root of what it remembers of a square, and carries roundings on. */
const boundOf = (plan: Plan): number => (plan.optimizer === "adam" ? 1e-4 : 1e-5);

const NEURONS = {
  prototypical: prototypical(),
  leaky: leakyIntegrator(),
  energy: energyBased({ rho: "sigmoid", clip: [0, 1] }),
  complex: shiftedSigmoid(),
  "with units": softNeuron({ T: "0 K" }),
};
const FEEDBACK = { tied: undefined, angled: { angle: 30 }, unequal: { asymmetry: 0.2 } };
const OPTIMIZERS = {
  plain: () => sgd({ rate: 0.1 }),
  momentum: () => sgd({ rate: 0.05, momentum: 0.7, weightDecay: 0.01 }),
  adam: () => adam({ rate: 0.01, epsilon: 1e-3 }),
};
const ESTIMATORS = {
  "one-sided": oneSided({ amplitude: 0.3, ...lengths }),
  centred: centred({ amplitude: 0.3, ...lengths }),
  "random sign": randomSign({ amplitude: 0.3, ...lengths }),
  holomorphic: holomorphic({ points: 3, amplitude: 0.3, ...lengths }),
};
const oneOf = <T extends string>(table: Readonly<Record<T, unknown>>): fc.Arbitrary<T> =>
  fc.constantFrom(...(Object.keys(table) as T[]));

interface Plan {
  readonly hidden: readonly number[];
  readonly outputs: number;
  readonly neuron: keyof typeof NEURONS;
  readonly feedback: keyof typeof FEEDBACK;
  readonly optimizer: keyof typeof OPTIMIZERS;
  readonly estimator: keyof typeof ESTIMATORS;
  readonly seed: number;
}

const plans: fc.Arbitrary<Plan> = fc
  .record({
    hidden: fc.array(fc.integer({ min: 2, max: 9 }), { minLength: 1, maxLength: 2 }),
    outputs: fc.integer({ min: 2, max: 5 }),
    neuron: oneOf(NEURONS),
    feedback: oneOf(FEEDBACK),
    optimizer: oneOf(OPTIMIZERS),
    estimator: oneOf(ESTIMATORS),
    seed: fc.integer({ min: 0, max: 1e6 }),
  })
  .map((plan) => ({
    ...plan,
    // Only what is holomorphic has complex nudges.
    estimator: plan.estimator === "holomorphic" && plan.neuron !== "complex" ? "centred" : plan.estimator,
  }));

function chipOf({ hidden, outputs, neuron, feedback, seed }: Plan): Chip {
  const angle = FEEDBACK[feedback];
  return layered([6, ...hidden, outputs], {
    neuron: NEURONS[neuron],
    synapse: neuron === "with units" ? crossbar({ mismatch: "5 %", retention: "0.01 s" }) : ideal(),
    // Small, so that phases settle under all nudges: what does not is chaos, where no two engines agree.
    initial: { distribution: "glorot", scale: 0.4 },
    cost:
      neuron === "with units"
        ? { kind: "squared-error", argument: "activity", levels: [-0.6, 0.6] }
        : { kind: "squared-error", argument: "state" },
    ...(angle !== undefined && { feedback: angle }),
  }).fabricate({ seed });
}

function* batches({ outputs, seed }: Plan): Generator<Batch> {
  for (let k = 0; k < BATCHES; k++) {
    const inputs = Float64Array.from(values(seed + k, "inputs", SAMPLES * 6), Math.abs);
    const targets = new Float64Array(SAMPLES * outputs);
    for (let s = 0; s < SAMPLES; s++) targets[s * outputs + ((s + k) % outputs)] = 1;
    yield { samples: SAMPLES, inputs, targets };
  }
}

/** How far the first batch moved all weights, and what they are in the end. */
interface Learned {
  readonly moved: Float64Array;
  readonly ends: Float64Array;
}

async function learned(plan: Plan, engine: Engine): Promise<Learned> {
  const chip = chipOf(plan);
  const simulator = new Simulator(chip, engine, {
    seed: plan.seed,
    ...(plan.neuron === "leaky" || plan.neuron === "energy" ? { solver: "euler", dt: 0.5 } : {}),
    ...(plan.neuron === "with units" ? { dt: 1e-5 } : {}),
  });
  const controller = new Controller(simulator, {
    estimator: ESTIMATORS[plan.estimator],
    rule: vectorFieldRule,
    optimizer: OPTIMIZERS[plan.optimizer](),
    seed: plan.seed,
    // Not the rounds that are looked at.
    round: 31,
  });
  const weights = (): Float64Array =>
    Float64Array.from(chip.circuit.projections.flatMap(({ name }) => [...chip.weights(name).weights]));
  const before = weights();
  const [first, ...others] = batches(plan);
  await controller.learn(first);
  const moved = weights().map((w, i) => w - before[i]);
  for await (const { report } of controller.learnAll(others.map((batch) => ({ batch }))))
    expect(report.cost).toBeGreaterThan(0);
  const ends = weights();
  controller.dispose();
  simulator.dispose();
  return { moved, ends };
}

const largest = (a: Float64Array): number => a.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** Weights are float32: what moved them is known to a unit of their last place. */
const ROUNDING = 2.4e-7;

/** By how much two differ, over what they may. */
function apart(one: Learned, other: Learned, bound: number): number {
  const [moved, ends] = (["moved", "ends"] as const).map((of) =>
    largest(one[of].map((x, i) => x - other[of][i])),
  );
  const size = largest(other.ends);
  return Math.max(moved / (bound * largest(other.moved) + ROUNDING * size), ends / (bound * size));
}

describe("learning", async () => {
  const names = (await contestants()).filter((name) => name !== "auto");
  let [simd, reference]: Engine[] = [];
  beforeAll(async () => {
    [simd, reference] = [await createEngine("simd", { threads: 1 }), await createEngine("reference")];
  });
  afterAll(() => [simd, reference].forEach((engine) => engine.dispose()));

  it.each(names)("%s learns what simd learns, and the reference", async (name) => {
    const engine = await createEngine(name);
    const property = fc.asyncProperty(plans, async (plan) => {
      const [ours, theirs, exact] = [
        await learned(plan, engine),
        await learned(plan, simd),
        await learned(plan, reference),
      ];
      expect(apart(ours, theirs, boundOf(plan)), "from simd").toBeLessThan(1);
      expect(apart(ours, exact, 10 * boundOf(plan)), "from reference").toBeLessThan(1);
    });
    await fc.assert(property, { numRuns: runsOn(name, LONG ? 40 : 2) });
    engine.dispose();
  });
});
