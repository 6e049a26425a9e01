/** Backpropagation through time against differences of the cost; and equilibrium propagation beside it. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { crossbar, energyBased, ideal, leakyIntegrator, prototypical, softNeuron } from "../../devices";
import type { Chip } from "../../src/circuit/chip-types";
import { Simulator, type SimulatorOptions } from "../../src/dynamics/simulator";
import type { Engine } from "../../src/engines/engine";
import { createEngine } from "../../src/engines/select";
import { epBesideBptt, relativeError } from "../../src/learning/ep-beside-bptt";
import { costArgument, costs } from "../../src/learning/cost";
import { adam } from "../../src/learning/optimizers";
import { bptt, exactNudge, recurrentBackprop } from "../../src/learning/references/methods";
import { energyBased as energyBasedRule } from "../../src/learning/rules";
import { train } from "../../src/learning/train";
import { strokeDigits } from "../../src/data/strokes";
import { backpropagationThroughTime } from "../../src/learning/references/backpropagation-through-time";
import type { Batch } from "../../src/learning/types";
import { fillNormals } from "../../src/random";
import { fewer } from "../long";

const SIZES = [4, 3, 2];
const [SAMPLES, T] = [2, 12];

function batchOf(seed: number): Batch {
  const values = (stream: number, length: number): Float64Array => {
    const out = new Float64Array(length);
    fillNormals(out, seed, stream, 0);
    return out.map((x) => 0.5 + 0.2 * x);
  };
  return { samples: SAMPLES, inputs: values(1, SAMPLES * SIZES[0]), targets: values(2, SAMPLES * SIZES[2]) };
}

const common = {
  synapse: ideal(),
  initial: { distribution: "glorot" },
  cost: { kind: "squared-error", argument: "state" },
} as const;

/** A soft neuron has units, and a rho of its own behind its leak. */
const physical = (): Chip =>
  layered(SIZES, {
    ...common,
    neuron: softNeuron({ T: "0 K" }),
    synapse: crossbar({}),
    feedback: "untied",
    cost: { kind: "squared-error", argument: "activity" },
  }).fabricate({ seed: 3 });

const cases: readonly [string, () => Chip, SimulatorOptions][] = [
  [
    "the prototypical map",
    () => layered(SIZES, { ...common, neuron: prototypical() }).fabricate({ seed: 3 }),
    {},
  ],
  [
    "the map in alternate order",
    () => layered(SIZES, { ...common, neuron: prototypical({ rho: "tanh" }) }).fabricate({ seed: 3 }),
    { order: "alternate" },
  ],
  ...(["euler", "heun", "rk4", "exponential-euler"] as const).map(
    (solver): [string, () => Chip, SimulatorOptions] => [
      `tied layers with an energy, ${solver}`,
      () => layered(SIZES, { ...common, neuron: energyBased({ rho: "tanh" }) }).fabricate({ seed: 4 }),
      { solver, dt: 0.2 },
    ],
  ),
  [
    "untied layers without one",
    () =>
      layered(SIZES, {
        ...common,
        neuron: leakyIntegrator({ rho: "sigmoid" }),
        feedback: "untied",
      }).fabricate({
        seed: 5,
      }),
    { solver: "euler", dt: 0.3 },
  ],
  ["neurons with units", physical, { solver: "rk4", dt: 4e-6 }],
];

describe("backpropagation through time", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine("reference");
  });
  afterAll(() => engine.dispose());

  it.each(cases)("is the slope of the cost after the last step: %s", async (_, make, options) => {
    const [chip, batch] = [make(), batchOf(7)];
    const { samples, inputs, targets } = batch;
    const costNow = async (): Promise<number> => {
      const simulator = new Simulator(chip, engine, options);
      const result = await simulator.phase({ samples, inputs, steps: T });
      simulator.dispose();
      return costs(chip, costArgument(chip, result), targets).reduce((sum, c) => sum + c / samples, 0);
    };
    const simulator = new Simulator(chip, engine, options);
    const { cost, byWeights, byState } = await backpropagationThroughTime(simulator, batch, {
      freeSteps: T,
      steps: T,
    });
    simulator.dispose();
    expect(cost).toBeCloseTo(await costNow(), 12);
    expect(byState).toHaveLength(T);
    let moved = 0;
    for (const [name, first] of Object.entries(byWeights[0])) {
      for (const part of ["weights", "biases"] as const) {
        if (first[part] === null) continue;
        const kept = chip.weights(name);
        const values = Float64Array.from(kept[part] as Float64Array);
        for (const i of [0, values.length - 1]) {
          const found = byWeights.reduce((sum, step) => sum + (step[name][part] as Float64Array)[i], 0);
          const at = async (by: number): Promise<number> => {
            const changed = values.map((w, k) => (k === i ? w + by : w));
            chip.setWeights(name, { ...kept, [part]: changed });
            return costNow();
          };
          const h = 1e-5;
          const slope = ((await at(h)) - (await at(-h))) / (2 * h);
          chip.setWeights(name, { ...kept, [part]: values });
          expect(Math.abs(found - slope), `${name}, ${part} ${i}`).toBeLessThan(
            1e-8 + 1e-6 * Math.abs(slope),
          );
          moved += Math.abs(slope);
        }
      }
    }
    expect(moved).toBeGreaterThan(1e-3);
  });

  it("refuses more steps than the phase has, a tape that no memory holds, and noise", async () => {
    const chip = layered(SIZES, { ...common, neuron: prototypical() }).fabricate({ seed: 3 });
    const simulator = new Simulator(chip, engine, {});
    const batch = batchOf(7);
    await expect(
      backpropagationThroughTime(simulator, batch, { freeSteps: 5, steps: 6 }),
    ).rejects.toMatchObject({ code: "BPTT-STEPS", remedy: expect.stringContaining("at most 5") });
    await expect(
      backpropagationThroughTime(simulator, batch, { freeSteps: 1e9, steps: 1e9 }),
    ).rejects.toMatchObject({ code: "BPTT-TAPE", remedy: expect.stringMatching(/walk at most \d+ steps/) });
    simulator.dispose();
    const warm = layered(SIZES, { ...common, neuron: softNeuron({}), synapse: crossbar({}) }).fabricate({
      seed: 1,
    });
    const noisy = new Simulator(warm, engine, { dt: 1e-5 });
    await expect(backpropagationThroughTime(noisy, batch, { freeSteps: 5, steps: 2 })).rejects.toMatchObject({
      code: "DYN-BACKWARDS",
      remedy: expect.stringContaining("0 K"),
    });
    noisy.dispose();
  });
});

describe("equilibrium propagation beside it", () => {
  it("is the same, step by step, as the nudge vanishes, where there is an energy (Theorem 1)", async () => {
    const engine = await createEngine("reference");
    const chip = layered([5, 4, 3], {
      ...common,
      neuron: energyBased({ rho: "tanh" }),
      input: energyBased({ rho: "tanh" }),
    }).fabricate({ seed: 9 });
    const simulator = new Simulator(chip, engine, { solver: "euler", dt: 0.1 });
    const inputs = new Float64Array(10).map((_, i) => Math.sin(i));
    const batch: Batch = { samples: 2, inputs, targets: new Float64Array(6).map((_, i) => (i % 3) / 2) };
    const errors = async (amplitude: number): Promise<number[]> => {
      const { ep, reference } = await epBesideBptt(simulator, batch, {
        freeSteps: 1500,
        steps: 25,
        amplitude,
      });
      return (["states", "weights", "biases"] as const).flatMap((kind) =>
        Object.keys(ep[kind]).map((name) => relativeError(ep[kind][name], reference[kind][name])),
      );
    };
    const [large, small] = [await errors(1e-2), await errors(1e-4)];
    expect(large).toHaveLength(6);
    for (const error of small) expect(error).toBeLessThan(1e-3);
    // Of first order in the amplitude.
    large.forEach((error, i) => expect(error / small[i]).toBeGreaterThan(80));
    large.forEach((error, i) => expect(error / small[i]).toBeLessThan(120));
    simulator.dispose();
  });

  it("is not where there is none: the prototypical rule leaves a slope out", async () => {
    const engine = await createEngine("reference");
    const chip = layered([5, 4, 3], { ...common, neuron: prototypical({ rho: "tanh" }) }).fabricate({
      seed: 9,
    });
    const simulator = new Simulator(chip, engine, {});
    const batch: Batch = {
      samples: 1,
      inputs: new Float64Array(5).map((_, i) => Math.sin(i)),
      targets: new Float64Array(3).fill(0.5),
    };
    const { ep, reference } = await epBesideBptt(simulator, batch, {
      freeSteps: 300,
      steps: 10,
      amplitude: 1e-5,
    });
    expect(relativeError(ep.states.l1, reference.states.l1)).toBeGreaterThan(0.01);
    simulator.dispose();
  });

  it("draws saw-teeth in the map: a layer moves in every second step only (appendix C.6)", async () => {
    const engine = await createEngine("reference");
    const rhos = ["sigmoid", "tanh", "hard-sigmoid"] as const;
    const property = fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 3, maxLength: 6 }),
      fc.constantFrom(...rhos),
      fc.constantFrom("tied", "untied" as const),
      fc.integer({ min: 1, max: 1000 }),
      async (sizes, rho, feedback, seed) => {
        const chip = layered(sizes as readonly number[], {
          ...common,
          neuron: prototypical({ rho }),
          feedback,
          initial: { distribution: "glorot", scale: 0.25 },
        }).fabricate({ seed });
        const simulator = new Simulator(chip, engine, {});
        const [samples, amplitude, steps] = [2, 1e-4, 8];
        const random = (stream: number, length: number): Float64Array => {
          const out = new Float64Array(length);
          fillNormals(out, seed, stream, 0);
          return out;
        };
        const batch: Batch = {
          samples,
          inputs: random(1, samples * sizes[0]),
          targets: random(2, samples * sizes[sizes.length - 1]),
        };
        const { ep, reference } = await epBesideBptt(simulator, batch, { freeSteps: 200, steps, amplitude });
        const layers = Object.keys(ep.states);
        const largest = Math.max(
          ...layers.flatMap((name) => ep.states[name].flatMap((v) => [...v].map(Math.abs))),
        );
        layers.forEach((name, k) => {
          const away = layers.length - 1 - k;
          for (let t = 0; t < steps; t++) {
            if (t >= away && (t - away) % 2 === 0) continue;
            // Exactly so backwards; forwards but for what the nudge itself changes on its way.
            expect(reference.states[name][t].every((x) => x === 0)).toBe(true);
            for (const x of ep.states[name][t])
              expect(Math.abs(x)).toBeLessThanOrEqual(10 * amplitude * largest);
          }
        });
        // Not of nothing: the output moves at once.
        expect(reference.states.output[0].some((x) => x !== 0)).toBe(true);
        simulator.dispose();
      },
    );
    await fc.assert(property, { numRuns: fewer(15) });
  });
});

describe("methods that know the equations", () => {
  it("find one and the same gradient, where there is an energy and all has settled", async () => {
    const engine = await createEngine("reference");
    const chip = layered([5, 4, 3], { ...common, neuron: energyBased({ rho: "tanh" }) }).fabricate({
      seed: 9,
    });
    const simulator = new Simulator(chip, engine, { solver: "euler", dt: 0.2 });
    const batch: Batch = {
      samples: 2,
      inputs: new Float64Array(10).map((_, i) => Math.sin(i)),
      targets: new Float64Array(6).map((_, i) => (i % 3) / 2),
    };
    const context = { seed: 0, round: 0 };
    const freeSteps = 2500;
    const walked = await bptt({ freeSteps, steps: 1200 }).estimate(simulator, batch, context);
    const solved = await recurrentBackprop({ freeSteps }).estimate(simulator, batch, context);
    const exact = await exactNudge({ freeSteps }).estimate(simulator, batch, context);
    const byRule = await energyBasedRule.update(chip.circuit, exact, (...of) => engine.correlate(...of));
    const updates = [walked.updates, solved.updates, byRule];
    for (const [name, { weights, biases }] of Object.entries(byRule)) {
      expect(Math.max(...weights.map(Math.abs))).toBeGreaterThan(1e-3);
      for (const found of updates) {
        found?.[name].weights.forEach((x, i) => expect(x).toBeCloseTo(weights[i], 9));
        found?.[name].biases?.forEach((x, i) => expect(x).toBeCloseTo((biases as Float64Array)[i], 9));
      }
    }
    // What the nudge would have moved: the sum over the steps walked back.
    for (const [name, values] of Object.entries(exact.dState))
      values.forEach((x, i) => expect(walked.dState[name][i]).toBeCloseTo(x, 8));
    simulator.dispose();
  });

  it.each([
    ["bptt", bptt({ freeSteps: 80, steps: 15 })],
    ["recurrent backpropagation", recurrentBackprop({ freeSteps: 80 })],
    ["the exact nudge", exactNudge({ freeSteps: 80 })],
  ])("train a chip: %s", async (_, estimator) => {
    const chip = layered([64, 12, 10], { ...common, neuron: prototypical() }).fabricate({ seed: 1 });
    const data = {
      train: strokeDigits({ samples: 120, seed: 1, split: "train" }),
      test: strokeDigits({ samples: 40, seed: 1, split: "test" }),
    };
    const optimizer = adam({ rate: 0.01 });
    const costs: number[] = [];
    for await (const epoch of train(chip, data, {
      estimator,
      optimizer,
      epochs: 3,
      engine: "simd",
      probe: 0,
    })) {
      costs.push(epoch.trainCost);
      expect(epoch.warnings).toEqual([]);
    }
    expect(costs[2]).toBeLessThan(0.85 * costs[0]);
  });
});
