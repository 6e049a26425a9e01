/** Conductances learn by what the nudge changes of the squares of the voltages across them. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { resistive } from "../../circuits";
import { resistor } from "../../devices";
import type { Chip } from "../../src/circuit/chip-types";
import { Simulator } from "../../src/dynamics/simulator";
import type { Engine } from "../../src/engines/engine";
import { createEngine } from "../../src/engines/select";
import { Controller } from "../../src/learning/controller";
import { byOwner, type ByProjection } from "../../src/learning/drives";
import { centred, oneSided } from "../../src/learning/estimators";
import { sgd } from "../../src/learning/optimizers";
import { exactAnswers, gradientOf } from "../../src/learning/references/exact";
import { recurrentBackpropagation } from "../../src/learning/references/recurrent-backpropagation";
import { energyBased, vectorField } from "../../src/learning/rules";
import { defaultRule } from "../../src/learning/rules/default";

let reference: Engine;
let simd: Engine;
beforeAll(async () => {
  reference = await createEngine("reference");
  simd = await createEngine("simd");
});

const SIZES = [3, 4, 2];
const SAMPLES = 2;
const set = (values: readonly number[]) => ({ weights: Float64Array.from(values), biases: null });
const many = (min: number, max: number, length: number) =>
  fc.array(fc.double({ min, max, noNaN: true }), { minLength: length, maxLength: length });
const network = fc.record({
  first: many(0.05, 3, 12),
  second: many(0.05, 3, 8),
  inputs: many(-2, 2, 3 * SAMPLES),
  targets: many(-0.5, 0.5, 2 * SAMPLES),
});
type Network = typeof network extends fc.Arbitrary<infer T> ? T : never;

function chipOf({ first, second }: Network): Chip {
  const chip = resistive(SIZES).fabricate();
  chip.setWeights("input-l1", set(first));
  chip.setWeights("l1-output", set(second));
  return chip;
}

const batchOf = ({ inputs, targets }: Network) => ({
  samples: SAMPLES,
  inputs: Float64Array.from(inputs),
  targets: Float64Array.from(targets),
});

const balanced = (chip: Chip, engine: Engine) =>
  new Simulator(chip, engine, { solver: "balance", order: "alternate" });

async function restOf(chip: Chip, drawn: Network) {
  const simulator = balanced(chip, reference);
  const { samples, inputs } = batchOf(drawn);
  const { states, outcome } = await simulator.phase({ samples, inputs, steps: 5000, tolerance: 1e-14 });
  simulator.dispose();
  expect(outcome.kind).toBe("settled");
  return states;
}

/** By exact answers, of arrays as they are programmed. */
async function exactGradient(chip: Chip, drawn: Network) {
  const { samples, inputs, targets } = batchOf(drawn);
  const states = await restOf(chip, drawn);
  const answers = exactAnswers(chip, samples, inputs, states, targets);
  return {
    ...answers,
    states,
    gradient: byOwner(chip.circuit, gradientOf(answers.linearisation, answers.delta)),
  };
}

const largest = (of: ByProjection): number =>
  Math.max(...Object.values(of).flatMap(({ weights }) => [...weights].map(Math.abs)));
/** Largest difference of some updates from minus a gradient, against its largest entry. */
const difference = (updates: ByProjection, gradient: ByProjection): number =>
  Math.max(
    ...Object.entries(updates).flatMap(([name, { weights }]) =>
      [...weights].map((x, i) => Math.abs(x + gradient[name].weights[i])),
    ),
  ) / largest(gradient);

const lengths = { freeSteps: 5000, nudgedSteps: 5000, tolerance: 1e-14 };
const estimated = async (chip: Chip, drawn: Network, amplitude: number, make: typeof centred) => {
  const simulator = balanced(chip, reference);
  const estimate = await make({ amplitude, ...lengths }).estimate(simulator, batchOf(drawn), {
    round: 0,
    seed: 1,
  });
  simulator.dispose();
  return estimate;
};
const updatesOf = async (chip: Chip, drawn: Network, amplitude: number, make = centred, rule = energyBased) =>
  rule.update(
    chip.circuit,
    await estimated(chip, drawn, amplitude, make),
    (...of) => reference.correlate(...of),
    chip,
  );

describe("the gradient of a resistive network", () => {
  it("is that of finite differences and of recurrent backpropagation", async () => {
    await fc.assert(
      fc.asyncProperty(network, async (drawn) => {
        const chip = chipOf(drawn);
        const { gradient, delta, states, linearisation } = await exactGradient(chip, drawn);
        const { samples, inputs, targets } = batchOf(drawn);
        const iterated = await recurrentBackpropagation(chip, samples, inputs, states, targets);
        for (const [name, values] of Object.entries(delta))
          values.forEach((x, i) => expect(iterated.delta[name][i]).toBeCloseTo(x, 7));
        expect(linearisation.chip).toBe(chip);
        for (const [name, at] of [
          ["input-l1", 5],
          ["l1-output", 3],
        ] as const) {
          const values = chip.weights(name).weights.slice();
          const costAt = async (change: number): Promise<number> => {
            const changed = values.slice();
            changed[at] += change;
            chip.setWeights(name, { weights: changed, biases: null });
            return (await exactGradient(chip, drawn)).cost;
          };
          const h = 1e-4;
          const slope = ((await costAt(h)) - (await costAt(-h))) / (2 * h);
          chip.setWeights(name, { weights: values, biases: null });
          expect(Math.abs(slope - gradient[name].weights[at])).toBeLessThan(
            1e-6 * (largest(gradient) + 1e-3),
          );
        }
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });

  it("is what equilibrium propagation finds: to the second order where centred, to the first where one-sided", async () => {
    await fc.assert(
      fc.asyncProperty(network, async (drawn) => {
        const chip = chipOf(drawn);
        const { gradient } = await exactGradient(chip, drawn);
        fc.pre(largest(gradient) > 1e-3);
        const off = async (beta: number, make: typeof centred, rule = energyBased): Promise<number> =>
          difference(await updatesOf(chip, drawn, beta, make, rule), gradient);
        // States are known to 1e-14 of what a phase moves at last, which a weak network multiplies by a hundred.
        expect(await off(1e-4, centred)).toBeLessThan(1e-6 + 1e-8 / largest(gradient));
        expect(await off(1e-5, oneSided)).toBeLessThan(1e-3);
        expect(await off(1e-4, centred, vectorField)).toBeLessThan(1e-5);
        const [wide, narrow] = [await off(4e-2, centred), await off(2e-2, centred)];
        if (wide > 1e-5) expect(wide / narrow).toBeGreaterThan(2.5);
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });

  it("is what the contrast of the squares of voltages says, term by term", async () => {
    const drawn = {
      first: [1, 2, 0.5, 0.3, 0.7, 1.1, 0.2, 2.2, 0.9, 0.4, 1.3, 0.6],
      second: [1, 0.5, 0.8, 0.2, 1.5, 0.7, 0.3, 1.2],
      inputs: [1, -0.5, 0.3, -1, 0.7, 0.2],
      targets: [0.1, -0.2, 0.3, 0],
    };
    const chip = chipOf(drawn);
    const beta = 0.05;
    const simulator = balanced(chip, reference);
    const { samples, inputs, targets } = batchOf(drawn);
    const free = await simulator.phase({ samples, inputs, steps: 5000, tolerance: 1e-14 });
    const at = async (re: number) =>
      (
        await simulator.phase({
          samples,
          inputs,
          targets,
          steps: 5000,
          tolerance: 1e-14,
          nudges: [{ re, im: 0 }],
          from: free.states,
        })
      ).activities;
    const [up, down] = [await at(beta), await at(-beta)];
    const { weights } = (await updatesOf(chip, drawn, beta))["l1-output"];
    for (let i = 0; i < 4; i++)
      for (let j = 0; j < 2; j++) {
        let sum = 0;
        for (let s = 0; s < SAMPLES; s++) {
          const across = (of: typeof up) => (of.l1.re[s * 4 + i] - of.output.re[s * 2 + j]) ** 2;
          sum -= (across(up) - across(down)) / (2 * 2 * beta) / SAMPLES;
        }
        expect(weights[i * 2 + j]).toBeCloseTo(sum, 10);
      }
  });
});

describe("learning", () => {
  const drawn: Network = {
    first: [1, 2, 0.5, 0.3, 0.7, 1.1, 0.2, 2.2, 0.9, 0.4, 1.3, 0.6],
    second: [1, 0.5, 0.8, 0.2, 1.5, 0.7, 0.3, 1.2],
    inputs: [1, -0.5, 0.3, -1, 0.7, 0.2],
    targets: [0.1, -0.2, 0.3, 0],
  };
  const learned = async (engine: Engine, place?: "host", rate = 2) => {
    const chip = chipOf(drawn);
    const rule = defaultRule(chip.circuit);
    expect(rule.name).toBe("energy-based");
    const simulator = balanced(chip, engine);
    const fine = engine === reference;
    const controller = new Controller(simulator, {
      estimator: centred({
        amplitude: 0.1,
        freeSteps: 200,
        nudgedSteps: 200,
        tolerance: fine ? 1e-12 : 1e-6,
      }),
      rule,
      optimizer: sgd({ rate }),
      seed: 1,
      ...(place && { place }),
    });
    const costs: number[] = [];
    for (let k = 0; k < 12; k++) costs.push((await controller.learn(batchOf(drawn))).cost);
    const found = ["input-l1", "l1-output"].flatMap((name) => [...chip.weights(name).weights]);
    const where = controller.place.place;
    controller.dispose();
    simulator.dispose();
    return { costs, found, where };
  };

  it("lowers the cost, in the engine as on the host", async () => {
    const exact = await learned(reference);
    const there = await learned(simd);
    const host = await learned(simd, "host");
    expect([exact.where, there.where, host.where]).toEqual(["host", "engine", "host"]);
    expect(exact.costs[11]).toBeLessThan(0.5 * exact.costs[0]);
    exact.costs.forEach((cost, k) =>
      expect(Math.abs(there.costs[k] - cost)).toBeLessThan(1e-4 * exact.costs[0]),
    );
    exact.found.forEach((g, k) => {
      expect(there.found[k]).toBeCloseTo(g, 2);
      expect(there.found[k]).toBeCloseTo(host.found[k], 4);
    });
  });

  it("never takes a conductance below 0", async () => {
    const { found } = await learned(simd, undefined, 2000);
    expect(Math.min(...found)).toBe(0);
    expect(Math.max(...found)).toBeGreaterThan(0);
  });
});

describe("a resistor with a range and levels", () => {
  it("keeps to both, in the engine as on the host", async () => {
    const synapse = resistor({ range: ["0.1 mS", "2.1 mS"], levels: 5, mismatch: "5 %" });
    const rest: number[][] = [];
    for (const engine of [reference, simd]) {
      const chip = resistive([3, 2], { synapse, initial: { distribution: "fan-in" } }).fabricate({ seed: 4 });
      const simulator = balanced(chip, engine);
      const controller = new Controller(simulator, {
        estimator: centred({ amplitude: 0.1, freeSteps: 30, nudgedSteps: 30 }),
        rule: vectorField,
        optimizer: sgd({ rate: 20 }),
        seed: 1,
      });
      const batch = { samples: 1, inputs: Float64Array.of(1, -1, 0.5), targets: Float64Array.of(0.9, -0.9) };
      for (let k = 0; k < 30; k++) await controller.learn(batch);
      rest.push([...chip.weights("input-output").weights]);
      const stored = chip.array("input-output").stored.get("g") as Float64Array;
      expect(Math.min(...stored)).toBeCloseTo(1e-4, 9);
      expect(Math.max(...stored)).toBeCloseTo(2.1e-3, 8);
      const k = chip.array("input-output").parameters.k as Float64Array;
      chip.weights("input-output").weights.forEach((g, i) => {
        const level = (g / k[i] - 0.1) / 0.5;
        expect(Math.abs(level - Math.round(level))).toBeLessThan(1e-4);
      });
      controller.dispose();
      simulator.dispose();
    }
    rest[0].forEach((g, i) => expect(rest[1][i]).toBeCloseTo(g, 4));
  });
});
