/** Offsets of columns: a current into each unit, drawn at fabrication, beside the biases of an array. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { layered } from "../../circuits";
import { leakyIntegrator } from "../../devices";
import {
  adam,
  centred,
  createEngine,
  Simulator,
  stackChips,
  strokeDigits,
  type Chip,
  type Engine,
  type SynapseSpec,
} from "../../src/index";
import { Controller } from "../../src/learning/controller";
import { labelledBatches } from "../../src/learning/batches";
import { defaultRule } from "../../src/learning/rules";

const synapse: SynapseSpec = {
  kind: "synapse",
  name: "with an offset",
  equations: "I = w*rho_pre + I_os\nw <- clip(w + dw, -4, 4)\nI_os per column",
  parameters: { I_os: { value: 0, sd: 0.1 } },
};
const chipOf = (seed: number, asymmetry = 0): Chip =>
  layered([64, 6, 10], {
    neuron: leakyIntegrator(),
    synapse,
    ...(asymmetry > 0 && { feedback: { asymmetry } }),
  }).fabricate({ seed });

let engines: Engine[];
beforeAll(async () => void (engines = [await createEngine("reference"), await createEngine("simd")]));
afterAll(() => engines.forEach((engine) => engine.dispose()));

it("flows into each unit, whatever is put in, on every engine, stacked too", async () => {
  const chips = [chipOf(1, 0.1), chipOf(2, 0.1)];
  const [first, second] = chips.map((chip) => chip.weights("input-l1").biases as Float64Array);
  expect(new Set(first).size).toBe(6);
  expect(first).not.toEqual(second);
  for (const engine of engines) {
    for (const stack of [[chips[0]], chips]) {
      const simulator = new Simulator(stackChips(stack), engine, { dt: 0.1 });
      stack.forEach((chip) => chip.setWeights("l1-output", { weights: new Float64Array(60), biases: null }));
      const samples = stack.length;
      const { states } = await simulator.phase({
        samples,
        inputs: new Float64Array(64 * samples),
        steps: 400,
      });
      const held = stack.flatMap((chip) => [...(chip.weights("input-l1").biases as Float64Array)]);
      // States end at 0.
      held.forEach((I, k) => expect(states.l1.re[k]).toBeCloseTo(Math.max(0, I), 5));
      simulator.dispose();
    }
  }
});

it("is made up for by what is written and verified, and no weight is stored of it", () => {
  const chip = chipOf(1);
  const asked = { weights: new Float64Array(384).fill(0.2), biases: new Float64Array(6).fill(0.3) };
  const offset = (chip.weights("input-l1").biases as Float64Array).slice();
  chip.setWeights("input-l1", asked);
  chip.weights("input-l1").biases?.forEach((b) => expect(b).toBeCloseTo(0.3, 10));
  const stored = chip.array("input-l1").stored.get("w") as Float64Array;
  offset.forEach((I, j) => expect(stored[384 + j]).toBeCloseTo(0.3 - I, 10));
  // A change is a change: the offset stays.
  chip.program("input-l1", { weights: new Float64Array(384), biases: new Float64Array(6).fill(0.1) });
  chip.weights("input-l1").biases?.forEach((b) => expect(b).toBeCloseTo(0.4, 10));
});

it("is learned against in the engine as on the host", async () => {
  const data = strokeDigits({ samples: 40, seed: 1, split: "train" });
  const learned = async (place?: "host"): Promise<Float64Array> => {
    const chip = chipOf(3);
    const simulator = new Simulator(chip, engines[1], { dt: 0.2 });
    const controller = new Controller(simulator, {
      estimator: centred({ amplitude: 0.3, freeSteps: 30, nudgedSteps: 20 }),
      rule: defaultRule(chip.circuit),
      optimizer: adam({ rate: 0.01, weightDecay: 0.01 }),
      seed: 1,
      ...(place && { place }),
    });
    expect(controller.place.place).toBe(place ?? "engine");
    for (const batch of labelledBatches(chip.circuit, data, { size: 10 })) await controller.learn(batch);
    const { biases } = chip.weights("input-l1");
    controller.dispose();
    simulator.dispose();
    return biases as Float64Array;
  };
  const [there, here] = [await learned(), await learned("host")];
  there.forEach((b, j) => expect(b).toBeCloseTo(here[j], 4));
});
