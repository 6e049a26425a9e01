/**
 * Learning on wired circuits, against brute force: settle, change the nudge or a weight, settle again. Kernels
 * pooled or not, kernels at every position, single synapses.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { energyBased as energyNeuron, leakyIntegrator, prototypical } from "../../devices";
import { type Chip, type NeuronLike } from "../../src/index";
import { Simulator, type SimulatorOptions } from "../../src/dynamics/simulator";
import type { PhaseResult, Planes } from "../../src/dynamics/types";
import type { Engine } from "../../src/engines/engine";
import { createEngine } from "../../src/engines/select";
import { costArgument, costs } from "../../src/learning/cost";
import { centred } from "../../src/learning/estimators";
import { backpropagationThroughTime } from "../../src/learning/references/backpropagation-through-time";
import { byOwner } from "../../src/learning/drives";
import { exactAnswers, gradientOf } from "../../src/learning/references/exact";
import { nudgeResponse } from "../../src/learning/references/nudge-response";
import { recurrentBackpropagation } from "../../src/learning/references/recurrent-backpropagation";
import { energyBased, vectorField } from "../../src/learning/rules";
import type { Batch } from "../../src/learning/types";
import { circuitOf, setAtRandom, wiredCircuits, type WiredCircuit } from "../circuit/wired-circuits";
import { draws } from "./handmade";
import { fewer, LONG } from "../long";

const SAMPLES = 2;
type Top = WiredCircuit["top"];
const kernel = { kind: "convolution", kernel: 3 } as const;
const pooled = (kind: "max" | "softmax" | "mean"): Top => ({
  through: { ...kernel, padding: 1, pool: { kind, window: 2 } },
  to: { size: 8, shape: [2, 2, 2] },
});
const flat = (through: Top["through"], shape: readonly [number, number, number]): Top => ({
  through,
  to: { size: shape[0] * shape[1] * shape[2], shape },
});
const tops: Readonly<Record<string, Top>> = {
  kernels: flat(kernel, [2, 2, 3]),
  "strided kernels": flat({ ...kernel, stride: [2, 1], padding: [1, 0], kernel: [3, 2] }, [2, 3, 2]),
  "kernels at every position": flat({ ...kernel, replicated: true }, [2, 2, 2]),
  "mean pooling": pooled("mean"),
  "softmax pooling": pooled("softmax"),
  "max pooling": pooled("max"),
  "one to one": flat({ kind: "one-to-one" }, [4, 4, 2]),
  "a list of pairs": {
    through: {
      kind: "sparse",
      pairs: [...Array(40).keys()].map((k) => [(k * 7) % 32, (k * 3 + (k >> 4)) % 5] as const),
    },
    to: { size: 5 },
  },
};

/** input 6 x 6 -> a 4 x 4 x 2, kernels of 3; a -> b as told, and back. */
function chipOf(
  top: Top,
  neuron: NeuronLike,
  argument: "state" | "activity",
  feedback: WiredCircuit["feedback"] = "tied",
): Chip {
  const recipe = { shape: [6, 6, 1], up: flat(kernel, [4, 4, 2]), top, feedback, seed: 3 } as const;
  const circuit = circuitOf(recipe, neuron, undefined, { kind: "squared-error", argument });
  const chip = circuit.fabricate({ seed: 3 });
  setAtRandom(chip, 5, 0.35);
  return chip;
}

function batchOf({ circuit }: Chip): Batch {
  const draw = draws(11);
  const { input, output } = circuit;
  return { samples: SAMPLES, inputs: draw(SAMPLES * input.size), targets: draw(SAMPLES * output.size) };
}

const models = [
  ["an energy, cost of the state", energyNeuron({ rho: "tanh" }), "state", energyBased],
  ["leaky integrators, cost of the output", leakyIntegrator({ rho: "tanh" }), "activity", vectorField],
] as const;
const STEP: SimulatorOptions = { solver: "euler", dt: 0.4 };
/** Every wiring with either model; in the test command with one of them in turn. */
const circuits = Object.entries(tops).flatMap(([name, top], k) =>
  models
    .filter((_, m) => LONG || (k + m) % 2 === 0)
    .map(([model, ...rest]) => [`${name}, ${model}`, top, ...rest] as const),
);

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine("reference");
});
afterAll(() => engine.dispose());

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, x) => Math.max(most, Math.abs(x)), 0);

async function settle(simulator: Simulator, { samples, inputs, targets }: Batch, nudge = 0) {
  const result = await simulator.phase({
    samples,
    inputs,
    steps: 3000,
    tolerance: 1e-15,
    ...(nudge !== 0 && { targets, nudges: [{ re: nudge, im: 0 }] }),
  });
  expect(result.outcome.kind).toBe("settled");
  return result;
}

const costOf = (chip: Chip, result: Pick<PhaseResult, "states" | "activities">, targets: ArrayLike<number>) =>
  costs(chip, costArgument(chip, result), targets).reduce((sum, c) => sum + c / SAMPLES, 0);

/** Differences of something by the first, a middle and the last weight and bias of each array. */
async function differences(
  chip: Chip,
  value: () => Promise<number>,
  check: (name: string, part: "weights" | "biases", index: number, slope: number) => void,
): Promise<void> {
  const h = 1e-5;
  for (const { name, spec } of chip.circuit.projections) {
    if (spec.feedback?.kind === "tied") continue;
    const kept = chip.weights(name);
    for (const part of ["weights", "biases"] as const) {
      const values = kept[part];
      if (values === null) continue;
      for (const index of new Set([0, values.length >> 1, values.length - 1])) {
        const at = async (by: number): Promise<number> => {
          chip.setWeights(name, { ...kept, [part]: values.map((w, k) => (k === index ? w + by : w)) });
          return value();
        };
        check(name, part, index, ((await at(h)) - (await at(-h))) / (2 * h));
        chip.setWeights(name, kept);
      }
    }
  }
}

describe.each(circuits)("%s", (_, top, neuron, argument, rule) => {
  const chip = chipOf(top, neuron, argument);
  const batch = batchOf(chip);
  const { samples, inputs, targets } = batch;

  it("has the gradient of the cost, and the rule finds it as the nudge vanishes", async () => {
    const simulator = new Simulator(chip, engine, STEP);
    const { states } = await settle(simulator, batch);
    const exact = exactAnswers(chip, samples, inputs, states, targets);
    const gradient = byOwner(chip.circuit, gradientOf(exact.linearisation, exact.delta));
    let moved = 0;
    await differences(
      chip,
      async () => costOf(chip, await settle(simulator, batch), targets),
      (name, part, index, slope) => {
        expect(
          Math.abs((gradient[name][part] as Float64Array)[index] - slope),
          `${name}, ${part} ${index}`,
        ).toBeLessThan(1e-7);
        moved = Math.max(moved, Math.abs(slope));
      },
    );
    expect(moved).toBeGreaterThan(1e-3);
    const { delta, outcome } = await recurrentBackpropagation(chip, samples, inputs, states, targets);
    expect(outcome.kind).toBe("settled");
    for (const name of ["a", "b"])
      delta[name].forEach((d, k) =>
        expect(Math.abs(d - exact.delta[name][k])).toBeLessThan(1e-10 * largest(exact.delta.b)),
      );
    // Of second order in the nudge.
    const correlate = engine.correlate.bind(engine);
    const apart = async (amplitude: number): Promise<number> => {
      const estimate = await centred({
        amplitude,
        freeSteps: 3000,
        nudgedSteps: 3000,
        tolerance: 1e-14,
      }).estimate(simulator, batch, { seed: 0, round: 0 });
      const found = await rule.update(chip.circuit, estimate, correlate, chip);
      expect(Object.keys(found)).toEqual(Object.keys(gradient));
      return Math.max(
        ...Object.entries(gradient).map(([name, { weights, biases }]) => {
          expect(found[name].biases === null).toBe(biases === null);
          const differ = (x: Float64Array, y: Float64Array) => largest(x.map((v, k) => v + y[k]));
          return Math.max(
            differ(found[name].weights, weights) / largest(weights),
            biases === null ? 0 : differ(found[name].biases as Float64Array, biases) / largest(biases),
          );
        }),
      );
    };
    // The largest place of a window must stay so.
    const amplitude = top.through?.kind === "convolution" && top.through.pool?.kind === "max" ? 1e-4 : 0.003;
    const [coarse, fine] = [await apart(10 * amplitude), await apart(amplitude)];
    expect(fine).toBeLessThan(2e-4);
    expect(coarse / fine).toBeGreaterThan(80);
    simulator.dispose();
  });

  it("knows how the nudge moves the fixed point", async () => {
    const simulator = new Simulator(chip, engine, STEP);
    const exact = exactAnswers(chip, samples, inputs, (await settle(simulator, batch)).states, targets);
    const h = 1e-5;
    const [up, down] = [await settle(simulator, batch, h), await settle(simulator, batch, -h)];
    for (const name of ["a", "b"])
      for (const [found, of] of [
        [exact.dState, "states"],
        [exact.dActivity, "activities"],
      ] as const)
        found[name].forEach((d, k) => {
          const slope = (up[of][name].re[k] - down[of][name].re[k]) / (2 * h);
          expect(Math.abs(d - slope), `${of}, ${name} ${k}`).toBeLessThan(2e-7);
        });
    simulator.dispose();
  });
});

const T = 5;
/** Of the three models of each wiring, in the test command two in turn. */
const walks = Object.entries(tops)
  .flatMap(([name, top]): [string, Chip, SimulatorOptions][] => [
    [`${name}, an energy`, chipOf(top, energyNeuron({ rho: "tanh" }), "state"), STEP],
    [
      `${name}, feedback of its own`,
      chipOf(top, leakyIntegrator({ rho: "tanh" }), "activity", "independent"),
      { ...STEP, solver: "heun" },
    ],
    [
      `${name}, a map in alternate order`,
      chipOf(top, prototypical({ rho: "tanh" }), "state"),
      { order: "alternate" },
    ],
  ])
  .filter((_, k) => LONG || (k + Math.floor(k / 3)) % 3 === 0);

describe("backpropagation through time", () => {
  it.each(walks)("is the slope of the cost after the last step: %s", async (_, chip, options) => {
    const batch = batchOf(chip);
    const simulator = new Simulator(chip, engine, options);
    const { cost, byWeights } = await backpropagationThroughTime(simulator, batch, {
      freeSteps: T,
      steps: T,
    });
    const { samples, inputs, targets } = batch;
    const costNow = async (): Promise<number> =>
      costOf(chip, await simulator.phase({ samples, inputs, steps: T }), targets);
    expect(cost).toBeCloseTo(await costNow(), 12);
    let moved = 0;
    await differences(chip, costNow, (name, part, index, slope) => {
      const found = byWeights.reduce((sum, step) => sum + (step[name][part] as Float64Array)[index], 0);
      expect(Math.abs(found - slope), `${name}, ${part} ${index}`).toBeLessThan(1e-7);
      moved = Math.max(moved, Math.abs(slope));
    });
    expect(moved).toBeGreaterThan(1e-3);
    simulator.dispose();
  });
});

describe("random wired circuits", () => {
  it("have one error vector and one response, solved or iterated, wherever they are asked", async () => {
    const engines = await Promise.all(["reference", "simd"].map((name) => createEngine(name)));
    await fc.assert(
      fc.asyncProperty(wiredCircuits(), async (recipe) => {
        const chip = circuitOf(recipe).fabricate({ seed: recipe.seed });
        setAtRandom(chip, recipe.seed, 0.3);
        const { inputs, targets } = batchOf(chip);
        const draw = draws(recipe.seed);
        const states: Planes = Object.fromEntries(
          ["a", "b"].map((name) => [name, { re: draw(SAMPLES * chip.circuit.population(name).size) }]),
        );
        const exact = exactAnswers(chip, SAMPLES, inputs, states, targets);
        for (const engine of engines) {
          const within = engine.info.precision === "float64" ? 1e-8 : 1e-3;
          const given = [chip, SAMPLES, inputs, states, targets, { engine }] as const;
          const [back, forth] = [await recurrentBackpropagation(...given), await nudgeResponse(...given)];
          fc.pre(back.outcome.kind === "settled" && forth.outcome.kind === "settled");
          for (const name of ["a", "b"])
            for (const [iterated, solved] of [
              [back.delta, exact.delta],
              [forth.dState, exact.dState],
              [forth.dActivity, exact.dActivity],
            ])
              solved[name].forEach((d, k) =>
                expect(Math.abs(iterated[name][k] - d)).toBeLessThanOrEqual(within * largest(solved.b)),
              );
        }
      }),
      { numRuns: fewer(25) },
    );
  });
});
