/** Saturated units are counted as they are made: by bounds, by flat maps, by flat outputs. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { energyBased, ideal, leakyIntegrator, prototypical } from "../../devices";
import { Simulator, type SimulatorOptions } from "../../src/dynamics/simulator";
import type { NeuronSpec } from "../../src/device/types";
import type { Engine } from "../../src/engines/engine";
import { createEngine } from "../../src/engines/select";
import { saturationInWords, saturationOf } from "../../src/learning/saturation";
import { curve, line } from "../../src/runs/training/curves";
import { readEpoch } from "../../src/runs/training/epochs";
import { train } from "../../src/learning/train";
import { centred } from "../../src/learning/estimators";
import { sgd } from "../../src/learning/optimizers";
import { strokeDigits } from "../../src/data/strokes";

/** Biases of the four hidden units; nothing else drives them. */
async function saturationAt(
  engine: Engine,
  neuron: NeuronSpec,
  biases: readonly number[],
  options: SimulatorOptions,
): Promise<Readonly<Record<string, number>>> {
  const chip = layered([3, 4, 2], {
    neuron,
    synapse: ideal(),
    initial: { distribution: "zero" },
    cost: { kind: "squared-error", argument: "state" },
  }).fabricate({ seed: 1 });
  chip.setWeights("input-l1", { weights: new Float64Array(12), biases: Float64Array.from(biases) });
  chip.setWeights("l1-output", { weights: new Float64Array(8), biases: Float64Array.of(0.4, 0.6) });
  const simulator = new Simulator(chip, engine, options);
  const batch = { samples: 2, inputs: new Float64Array(6), targets: new Float64Array(4) };
  const found = await saturationOf(simulator, batch, { freeSteps: 60 }, 0);
  simulator.dispose();
  return found;
}

describe("saturated units", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine("reference");
  });
  afterAll(() => engine.dispose());

  it.each<[string, NeuronSpec, readonly number[], SimulatorOptions, number]>([
    ["a map that is flat there", prototypical({ rho: "hard-sigmoid" }), [-0.5, 0.3, 0.7, 1.5], {}, 0.5],
    ["a bound holds", energyBased({}), [-0.5, 0.3, 0.7, 0.2], { dt: 0.5 }, 0.25],
    ["an output that is nearly flat", leakyIntegrator({ rho: "tanh" }), [-5, 0.3, 4, 5], { dt: 0.5 }, 0.75],
    ["all of a layer", leakyIntegrator({ rho: "tanh" }), [-5, 6, 7, 8], { dt: 0.5 }, 1],
    ["none", leakyIntegrator({ rho: "tanh" }), [-0.5, 0.3, 0.7, 1], { dt: 0.5 }, 0],
  ])("are counted: %s", async (_, neuron, biases, options, share) => {
    expect(await saturationAt(engine, neuron, biases, options)).toEqual({ l1: share, output: 0 });
  });

  it("are told where there are many, and kept where there are few", async () => {
    expect(saturationInWords({ l1: 0.5, l2: 0.04, output: 0.125 })).toBe("l1 50 %, output 12.5 %");
    expect(saturationInWords({ l1: 0.05 })).toBe("");
    const chip = layered([64, 12, 10], { neuron: prototypical({ rho: "hard-sigmoid" }), synapse: ideal() });
    const data = {
      train: strokeDigits({ samples: 40, seed: 1, split: "train" }),
      test: strokeDigits({ samples: 20, seed: 1, split: "test" }),
    };
    const how = {
      estimator: centred({ amplitude: 0.1, freeSteps: 20, nudgedSteps: 10 }),
      optimizer: sgd({ rate: 0.1 }),
      epochs: 1,
      engine,
    };
    for await (const epoch of train(chip.fabricate({ seed: 1 }), data, how)) {
      const { l1, output } = epoch.saturated;
      expect(l1).toBeGreaterThan(0.1);
      expect(line(epoch, 1)).toContain(`saturated: ${saturationInWords(epoch.saturated)}  `);
      expect(String(epoch)).toContain(saturationInWords(epoch.saturated));
      expect(curve(epoch)).toMatchObject({ saturated_l1: l1, saturated_output: output });
      const written = JSON.parse(JSON.stringify(epoch)) as Record<string, unknown>;
      expect(readEpoch(written)?.saturated).toEqual(epoch.saturated);
      const { saturated: _, ...before } = written;
      expect(readEpoch(before)?.saturated).toEqual({});
      expect(readEpoch({ ...written, saturated: { l1: "half" } })).toBeNull();
    }
  });
});
