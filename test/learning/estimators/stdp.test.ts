/** Updates at every nudged step: added up they are the single update, and programmed as they come they learn, too. */
import { describe, expect, it } from "vitest";
import { layered } from "../../../circuits";
import { ideal, leakyIntegrator, prototypical } from "../../../devices";
import {
  Controller,
  createEngine,
  energyBasedRule,
  labelledBatches,
  oneSided,
  sgd,
  Simulator,
  stdp,
  strokeDigits,
  vectorFieldRule,
  type Chip,
  type Circuit,
  type Estimator,
  type Rule,
} from "../../../src/index";

const LENGTHS = { freeSteps: 400, nudgedSteps: 200 };
const untied = layered([64, 5, 10], {
  neuron: leakyIntegrator({ rho: "tanh" }),
  synapse: ideal(),
  feedback: { angle: 40 },
  initial: { distribution: "lecun", scale: 0.5 },
  cost: { kind: "squared-error", argument: "state" },
});
const tied = layered([64, 5, 10], {
  neuron: prototypical({ rho: "tanh" }),
  synapse: ideal(),
  initial: { distribution: "fan-in", scale: 0.5 },
  cost: { kind: "squared-error", argument: "state" },
});
const [BATCH] = [
  ...labelledBatches(untied, strokeDigits({ samples: 4, seed: 1, split: "train" }), { size: 4 }),
];

/** What a chip's weights change by in one batch. */
async function changes(circuit: Circuit, estimator: Estimator, rule: Rule, rate = 1): Promise<Float64Array> {
  const chip = circuit.fabricate({ seed: 2 });
  const before = weightsOf(chip);
  const engine = await createEngine("reference");
  const simulator = new Simulator(chip, engine, circuit === untied ? { dt: 0.3, solver: "euler" } : {});
  const controller = new Controller(simulator, {
    estimator,
    rule,
    optimizer: sgd({ rate }),
    seed: 1,
    place: "host",
  });
  await controller.learn(BATCH);
  controller.dispose();
  simulator.dispose();
  return weightsOf(chip).map((w, k) => w - before[k]);
}
const weightsOf = (chip: Chip): Float64Array =>
  Float64Array.from(
    chip.circuit.projections.flatMap(({ name }) => {
      const { weights, biases } = chip.weights(name);
      return [...weights, ...(biases ?? [])];
    }),
  );
const apart = (a: Float64Array, b: Float64Array): number =>
  Math.hypot(...a.map((x, k) => x - b[k])) / Math.hypot(...b);

describe("updates at every nudged step", () => {
  it("add up to the contrast of the phases, exactly, where the rule is one", async () => {
    const [steps, once] = await Promise.all([
      changes(tied, stdp({ amplitude: 0.4, ...LENGTHS }), energyBasedRule),
      changes(tied, oneSided({ amplitude: 0.4, ...LENGTHS }), energyBasedRule),
    ]);
    expect(apart(steps, once)).toBeLessThan(1e-9);
  });
  it("differ from the single vector-field update by the order of the nudge", async () => {
    const gap = async (amplitude: number): Promise<number> =>
      apart(
        await changes(untied, stdp({ amplitude, ...LENGTHS }), vectorFieldRule),
        await changes(untied, oneSided({ amplitude, ...LENGTHS }), vectorFieldRule),
      );
    const [large, small] = [await gap(0.02), await gap(0.002)];
    expect(large).toBeGreaterThan(1e-3);
    expect(large / small).toBeGreaterThan(8);
    expect(large / small).toBeLessThan(12);
  });
  it("programmed as they come are the same at small rates, and not at large ones", async () => {
    const gap = async (rate: number): Promise<number> => {
      const [atEnd, every] = await Promise.all(
        (["at-end", "every-step"] as const).map((updates) =>
          changes(untied, stdp({ amplitude: 0.1, updates, ...LENGTHS }), vectorFieldRule, rate),
        ),
      );
      return apart(every, atEnd);
    };
    const [small, large] = [await gap(1e-5), await gap(1e-2)];
    expect(small).toBeLessThan(1e-3);
    expect(large).toBeGreaterThan(100 * small);
  });
  it("are not programmed beside homeostasis at every step, and say where they are learned", async () => {
    const chip = untied.fabricate({ seed: 2 });
    const simulator = new Simulator(chip, await createEngine("simd"), { dt: 0.3 });
    const options = { rule: vectorFieldRule, optimizer: sgd({ rate: 0.1 }), seed: 1 };
    const estimator = stdp({ amplitude: 0.1, updates: "every-step", ...LENGTHS });
    expect(
      () => new Controller(simulator, { ...options, estimator, homeostasis: { coefficient: 1 } }),
    ).toThrow("LEARN-CONTINUAL");
    expect(new Controller(simulator, { ...options, estimator }).place).toMatchObject({ place: "host" });
    simulator.dispose();
  });
});
