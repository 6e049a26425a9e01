/** Learning in the engine through kernels, pooled or not, and pairs: the updates of the host. */
import { describe, expect, it } from "vitest";
import { convolutional, layered } from "../../circuits";
import { ideal, prototypical, shiftedSigmoid } from "../../devices";
import { readCircuit } from "../../src/circuit/circuit";
import type { Circuit } from "../../src/circuit/chip-types";
import type { Through } from "../../src/circuit/types";
import { Simulator } from "../../src/dynamics/simulator";
import { createEngine } from "../../src/engines/select";
import { Controller } from "../../src/learning/controller";
import { centred, holomorphic, oneSided, type Estimator } from "../../src/learning/estimators";
import { sgd } from "../../src/learning/optimizers";
import { bptt } from "../../src/learning/references/methods";
import { energyBased, vectorField, type Rule } from "../../src/learning/rules";

const LENGTHS = { freeSteps: 40, nudgedSteps: 20 };
const SAMPLES = 3;
const cost = { kind: "squared-error", argument: "activity" } as const;

const kernels = (kind: "max" | "softmax" | "mean" | null, feedback: "tied" | "untied"): Circuit =>
  convolutional({
    shape: [10, 10, 1],
    layers: [
      { channels: 3, kernel: 3, ...(kind !== null && { pool: { kind, window: 2 } }) },
      { channels: 4, kernel: 3, ...(kind !== null && { pool: { kind, window: 2 } }) },
    ],
    outputs: 5,
    neuron: shiftedSigmoid(),
    synapse: ideal(),
    feedback,
    cost,
  });

/** Two populations of six behind the input, wired to each other, and an output. */
function wired(through: Through): Circuit {
  const neuron = shiftedSigmoid();
  const both = { synapse: ideal(), initial: { distribution: "glorot" } } as const;
  return readCircuit({
    name: "wired",
    populations: [
      { name: "input", size: 100 },
      { name: "one", size: 6, neuron },
      { name: "two", size: 6, neuron },
      { name: "output", size: 5, neuron },
    ],
    projections: [
      { name: "in", from: "input", to: "one", bias: true, ...both },
      { name: "up", from: "one", to: "two", through, ...both },
      { name: "down", from: "two", to: "one", ...both, feedback: { kind: "angled", to: "up", angle: 40 } },
      { name: "out", from: "two", to: "output", bias: true, ...both },
      { name: "back", from: "output", to: "two", ...both, feedback: { kind: "tied", to: "out" } },
    ],
    input: "input",
    output: "output",
    cost,
  });
}

const cases: readonly (readonly [string, Circuit, Estimator, Rule])[] = [
  ["max, tied", kernels("max", "tied"), centred({ amplitude: 0.2, ...LENGTHS }), energyBased],
  ["softmax, tied", kernels("softmax", "tied"), oneSided({ amplitude: 0.2, ...LENGTHS }), energyBased],
  [
    "softmax, kernels of their own, complex",
    kernels("softmax", "untied"),
    holomorphic({ points: 4, amplitude: 0.3, ...LENGTHS }),
    vectorField,
  ],
  ["mean, tied", kernels("mean", "tied"), centred({ amplitude: 0.2, ...LENGTHS }), vectorField],
  ["no pool, untied", kernels(null, "untied"), centred({ amplitude: 0.2, ...LENGTHS }), vectorField],
  ["one to one", wired({ kind: "one-to-one" }), centred({ amplitude: 0.2, ...LENGTHS }), vectorField],
  [
    "sparse",
    wired({ kind: "sparse", density: 0.4, seed: 2 }),
    centred({ amplitude: 0.2, ...LENGTHS }),
    vectorField,
  ],
];

const state = { neuron: prototypical(), synapse: ideal(), cost: { ...cost, argument: "state" } } as const;
const walked = bptt({ freeSteps: 30, steps: 7 });
const backwards: typeof cases = [
  ["all to all, tied", layered([100, 8, 6, 5], state), walked, vectorField],
  ["all to all, untied", layered([100, 8, 6, 5], { ...state, feedback: "untied" }), walked, vectorField],
  ...(["max", "softmax", "mean"] as const).map(
    (kind) =>
      [
        `kernels, ${kind}`,
        convolutional({
          ...state,
          shape: [10, 10, 1],
          layers: [3, 4].map((channels) => ({ channels, kernel: 3, pool: { kind, window: 2 } })),
          outputs: 5,
        }),
        walked,
        vectorField,
      ] as const,
  ),
];

/** What a batch changes of the weights. */
async function changes(
  circuit: Circuit,
  estimator: Estimator,
  rule: Rule,
  place: "engine" | "host",
): Promise<Record<string, Float64Array>> {
  const chip = circuit.fabricate({ seed: 1 });
  const engine = await createEngine("simd");
  const simulator = new Simulator(chip, engine);
  const controller = new Controller(simulator, {
    estimator,
    rule,
    optimizer: sgd({ rate: 0.5 }),
    seed: 1,
    ...(place === "host" && { place }),
  });
  const before = circuit.projections.map(({ name }) => chip.weights(name).weights.slice());
  expect(controller.place.place).toBe(place);
  await controller.learn({
    samples: SAMPLES,
    inputs: Float64Array.from({ length: SAMPLES * circuit.input.size }, (_, i) => Math.sin(i * i) / 2 + 0.5),
    targets: Float64Array.from({ length: SAMPLES * 5 }, (_, i) => (i % 6 ? 0 : 1)),
  });
  const found = circuit.projections.map(({ name }, k): [string, Float64Array] => [
    name,
    chip.weights(name).weights.map((w, i) => w - before[k][i]),
  ]);
  controller.dispose();
  simulator.dispose();
  engine.dispose();
  return Object.fromEntries(found);
}

describe("learning in the engine", () => {
  it.each([
    ...cases,
    ...backwards.map(([of, ...rest]) => [`backpropagation through time, ${of}`, ...rest] as const),
  ])("finds the updates of the host: %s", async (_, circuit, estimator, rule) => {
    const there = await changes(circuit, estimator, rule, "engine");
    const here = await changes(circuit, estimator, rule, "host");
    for (const [name, values] of Object.entries(here)) {
      const largest = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      expect(largest).toBeGreaterThan(1e-5);
      values.forEach((x, i) =>
        expect(Math.abs(there[name][i] - x), `${name} ${i}`).toBeLessThan(1e-4 * largest),
      );
    }
  });
});
