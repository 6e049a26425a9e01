import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exactAnswers, gradientOf } from "../../../src/learning/references/exact";
import { layered } from "../../../circuits";
import { ideal, prototypical as prototypicalNeuron, shiftedSigmoid } from "../../../devices";
import { Simulator } from "../../../src/dynamics/simulator";
import { createEngine } from "../../../src/engines/select";
import { oneSided } from "../../../src/learning/estimators";
import {
  energyBased,
  prototypical,
  vectorField,
  type Correlate,
  type Rule,
} from "../../../src/learning/rules";
import { foldTied } from "../fold-tied";
import type { Estimate } from "../../../src/learning/types";
import type { CostSpec } from "../../../src/circuit/types";
import type { Planes } from "../../../src/dynamics/types";
import { chipOf, draws, energy, leaky, map, settle, type Design, type TestNeuron } from "../handmade";

const correlate: Correlate = async (pre, post, rows, m, n) =>
  Float64Array.from({ length: m * n }, (_, k) => {
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += pre[r * m + Math.floor(k / n)] * post[r * n + (k % n)];
    return sum;
  });
const SAMPLES = 3;
const SIZES = { in: 3, a: 4, b: 2 } as const;
type Name = keyof typeof SIZES;
const NAMES = Object.keys(SIZES) as Name[];

function design(device: TestNeuron, cost: CostSpec, tied: boolean): Design {
  const draw = draws(21);
  return {
    populations: [
      { name: "in", size: 3 },
      { name: "a", size: 4, device },
      { name: "b", size: 2, device },
    ],
    projections: [
      { from: "in", to: "a", weights: draw(12, 0.4), biases: draw(4, 0.3) },
      { from: "a", to: "b", weights: draw(8, 0.4), biases: draw(2, 0.3) },
      { from: "b", to: "a", weights: draw(8, 0.4), ...(tied && { tied: "a-b" }) },
    ],
    cost,
  };
}

const inputs = draws(22)(SAMPLES * 3).map((x) => (x + 1) / 2);
const targets = Float64Array.of(1, 0, 0, 1, 1, 0);
const descend = (argument: "state" | "activity"): CostSpec => ({ kind: "squared-error", argument });

/** An estimate of random numbers, with the middle of two phases. */
function randomEstimate(seed: number): Estimate {
  const draw = draws(seed);
  const arrays = () => Object.fromEntries(NAMES.map((n) => [n, draw(SAMPLES * SIZES[n])]));
  const planes = (): Planes => Object.fromEntries(NAMES.map((n) => [n, { re: draw(SAMPLES * SIZES[n]) }]));
  return {
    free: { states: planes(), activities: planes() },
    dState: arrays(),
    dActivity: arrays(),
    midpoint: planes(),
    aliasing: null,
    outcomes: [],
    nudges: [],
  };
}

/** The estimate that an exact solve gives, without a middle. */
function exactEstimate(plan: Design): { estimate: Estimate; answers: ReturnType<typeof exactAnswers> } {
  const states = settle(plan, SAMPLES, inputs, targets);
  const answers = exactAnswers(chipOf(plan), SAMPLES, inputs, states, targets);
  const activities = Object.fromEntries(
    Object.entries(answers.linearisation.activities).map(([n, re]) => [n, { re }]),
  );
  return {
    answers,
    estimate: {
      free: { states, activities },
      dState: answers.dState,
      dActivity: answers.dActivity,
      aliasing: null,
      outcomes: [],
      nudges: [],
    },
  };
}

const close = (found: Float64Array | null, expected: Float64Array | null, scale = 1, digits = 12): void => {
  expect(found?.length).toBe(expected?.length);
  found?.forEach((x, i) => expect(x).toBeCloseTo(scale * expected![i], digits));
};

describe("the vector-field rule", () => {
  it.each([
    ["state", 1],
    ["activity", 1],
    ["activity", -1],
  ] as const)(
    "multiplies free presynaptic activity with d_beta of the %s, sign %s",
    async (argument, sign) => {
      const { circuit } = chipOf(design(leaky, { ...descend(argument), ascend: sign < 0 }, false));
      const estimate = randomEstimate(1);
      const update = await vectorField.update(circuit, estimate, correlate);
      const post = argument === "state" ? estimate.dState : estimate.dActivity;
      expect(vectorField.factor(circuit)).toBe(argument === "state" ? "dState" : "dActivity");
      let [w, b] = [0, 0];
      for (let s = 0; s < SAMPLES; s++) {
        w += estimate.free.activities.a.re[s * 4 + 3] * post.b[s * 2 + 1];
        b += post.b[s * 2 + 1];
      }
      expect(update["a-b"].weights[3 * 2 + 1]).toBeCloseTo((sign * w) / SAMPLES, 14);
      expect(update["a-b"].biases![1]).toBeCloseTo((sign * b) / SAMPLES, 14);
      expect(update["b-a"].biases).toBeNull();
    },
  );

  it("with the exact derivative and tied maps, goes down the true gradient", async () => {
    for (const ascend of [false, true]) {
      const plan = design(map, { ...descend("activity"), ascend }, true);
      const { estimate, answers } = exactEstimate(plan);
      const { circuit } = chipOf(plan);
      const update = await vectorField.update(circuit, estimate, correlate);
      const gradient = foldTied(circuit, gradientOf(answers.linearisation, answers.delta));
      expect(Object.keys(update)).toEqual(["in-a", "a-b"]);
      for (const name of Object.keys(update)) {
        close(update[name].weights, gradient[name].weights, -1);
        close(update[name].biases, gradient[name].biases, -1);
      }
    }
  });
});

describe("the energy-based rule", () => {
  it("with a small nudge goes down the true gradient of tied energy-based circuits", async () => {
    const plan = design(energy, descend("state"), true);
    const chip = chipOf(plan);
    const { answers, estimate } = exactEstimate(plan);
    const beta = 1e-4;
    const phase = (nudge: number): Planes => {
      const states = settle(plan, SAMPLES, inputs, targets, nudge);
      return {
        in: { re: inputs },
        a: { re: states.a.re.map(energy.rho) },
        b: { re: states.b.re.map(energy.rho) },
      };
    };
    const [up, down] = [phase(beta), phase(-beta)];
    const dActivity = Object.fromEntries(
      Object.keys(up).map((n) => [n, up[n].re.map((x, i) => (x - down[n].re[i]) / (2 * beta))]),
    );
    const midpoint = Object.fromEntries(
      Object.keys(up).map((n) => [n, { re: up[n].re.map((x, i) => (x + down[n].re[i]) / 2) }]),
    );
    const gradient = foldTied(chip.circuit, gradientOf(answers.linearisation, answers.delta));
    const contrasted = await energyBased.update(
      chip.circuit,
      { ...estimate, dActivity, midpoint },
      correlate,
    );
    const derived = await energyBased.update(chip.circuit, estimate, correlate);
    expect(Object.keys(contrasted)).toEqual(["in-a", "a-b"]);
    for (const name of Object.keys(gradient)) {
      for (const part of ["weights", "biases"] as const) {
        close(contrasted[name][part], gradient[name][part], -1, 7);
        close(derived[name][part], gradient[name][part], -1, 12);
      }
    }
  });

  it("is both directions of the vector-field rule on activities, in one (appendix B of Laborieux and Zenke)", async () => {
    const { circuit } = chipOf(design(leaky, descend("activity"), true));
    const { midpoint: _, ...estimate } = randomEstimate(2);
    const [a, b] = [
      await energyBased.update(circuit, estimate, correlate),
      await vectorField.update(circuit, estimate, correlate),
    ];
    expect(Object.keys(a)).toEqual(Object.keys(b));
    for (const name of Object.keys(a)) close(a[name].weights, b[name].weights);
  });

  it("is turned round by a cost that ascends", async () => {
    const [down, up] = await Promise.all(
      [false, true].map((ascend) =>
        energyBased.update(
          chipOf(design(leaky, { ...descend("activity"), ascend }, true)).circuit,
          randomEstimate(3),
          correlate,
        ),
      ),
    );
    close(down["a-b"].weights, up["a-b"].weights, -1);
    close(down["a-b"].biases, up["a-b"].biases, -1);
  });
});

describe("locality", () => {
  const rules: readonly Rule[] = [vectorField, energyBased];

  /** Replaces every number that does not belong to the two units by another. */
  function scramble(estimate: Estimate, keep: readonly (readonly [Name, number])[], seed: number): Estimate {
    const draw = draws(seed + 77);
    const array = (name: Name, values: Float64Array): Float64Array =>
      values.map((x, k) => (keep.some(([n, j]) => n === name && k % SIZES[name] === j) ? x : 5 * draw(1)[0]));
    const arrays = (record: Readonly<Record<string, Float64Array>>) =>
      Object.fromEntries(NAMES.map((n) => [n, array(n, record[n])]));
    const planes = (record: Planes): Planes =>
      Object.fromEntries(NAMES.map((n) => [n, { re: array(n, record[n].re) }]));
    const { states, activities } = estimate.free;
    return {
      ...estimate,
      free: { states: planes(states), activities: planes(activities) },
      dState: arrays(estimate.dState),
      dActivity: arrays(estimate.dActivity),
      midpoint: estimate.midpoint && planes(estimate.midpoint),
    };
  }

  it("holds: a synapse's update depends on nothing but its own two ends", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...rules),
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom("state" as const, "activity" as const),
        fc.constantFrom("in-a", "a-b", "b-a"),
        fc.nat(),
        fc.nat(),
        async (rule, tied, phases, argument, wire, seed, pick) => {
          const { circuit } = chipOf(design(leaky, descend(argument), tied));
          const name = tied && wire === "b-a" ? "a-b" : wire;
          const { from, to, bias } = circuit.projection(name);
          const [i, j] = [pick % from.size, Math.floor(pick / from.size) % to.size];
          const { midpoint, ...rest } = randomEstimate(seed);
          const estimate = phases ? { ...rest, midpoint } : rest;
          const ends = [
            [from.name, i],
            [to.name, j],
          ] as [Name, number][];
          const [before, after] = [
            await rule.update(circuit, estimate, correlate),
            await rule.update(circuit, scramble(estimate, ends, seed), correlate),
          ];
          const at = i * to.size + j;
          expect(after[name].weights[at]).toBe(before[name].weights[at]);
          // Some other synapse must have changed, or nothing was tested.
          expect(after[name].weights.some((x, k) => x !== before[name].weights[k])).toBe(true);
          if (bias) {
            const alone = await rule.update(circuit, scramble(estimate, [ends[1]], seed), correlate);
            expect(alone[name].biases![j]).toBe(before[name].biases![j]);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("the prototypical rule", () => {
  it("is the energy-based one of maps that show their state, and refuses others", async () => {
    const maps = layered([3, 4, 2], {
      neuron: prototypicalNeuron(),
      synapse: ideal(),
      cost: { kind: "squared-error", argument: "state" },
    });
    const engine = await createEngine("reference");
    const simulator = new Simulator(maps.fabricate({ seed: 1 }), engine);
    const batch = { samples: 1, inputs: Float64Array.of(0.2, 0.9, 0.4), targets: Float64Array.of(1, 0) };
    const estimate = await oneSided({ amplitude: 0.3, freeSteps: 30, nudgedSteps: 9 }).estimate(
      simulator,
      batch,
      { round: 0, seed: 1 },
    );
    const found = await prototypical.update(maps, estimate, correlate);
    const wanted = await energyBased.update(maps, estimate, correlate);
    expect(found["input-l1"].weights.some((w) => w !== 0)).toBe(true);
    expect(found).toEqual(wanted);
    const others = layered([3, 2], { neuron: shiftedSigmoid(), synapse: ideal() });
    await expect(prototypical.update(others, estimate, correlate)).rejects.toThrow("LEARN-RULE");
    engine.dispose();
  });
});
