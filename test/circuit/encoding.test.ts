/** Inputs that are encoded: each value times factors, and constants, at nodes of their own. */
import { describe, expect, it } from "vitest";
import { resistive } from "../../circuits";
import { diodeNode, ideal, plainNode } from "../../devices";
import { partsOfInputs } from "../../src/circuit/inputs";
import { circuitOf } from "../../src/config";
import {
  createEngine,
  defineCircuit,
  Simulator,
  type InputEncoding,
  type PopulationSpec,
} from "../../src/index";
import { refusal } from "../refusal";
import { readAll } from "../config/read";

const circuit = (input: Partial<PopulationSpec>, output: Partial<PopulationSpec> = {}) =>
  defineCircuit({
    name: "encoded",
    populations: [
      { name: "input", size: 4, ...input },
      { name: "other", size: 2 },
      { name: "output", size: 1, neuron: plainNode(), ...output },
    ],
    projections: [
      {
        name: "w",
        from: "other",
        to: "output",
        synapse: ideal({ name: "current", unit: "A" }),
        initial: { distribution: "zero" },
      },
    ],
    input: ["input", "other"],
    output: "output",
    cost: { kind: "squared-error", argument: "state" },
  });

describe("an encoded input", () => {
  it("shows all values times each factor, then constants, beside other inputs", () => {
    const made = circuit({ size: 7, encoding: { factors: [2, -1], constants: [5] } });
    expect(made.inputSize).toBe(5);
    const parts = partsOfInputs(made, [1, 2, 3, 8, 9, 4, 5, 6, 10, 11]);
    expect([...(parts.get("input") as Float64Array)]).toEqual([
      2, 4, 6, -1, -2, -3, 5, 8, 10, 12, -4, -5, -6, 5,
    ]);
    expect([...(parts.get("other") as Float64Array)]).toEqual([8, 9, 10, 11]);
  });

  it("is a network whose inputs were doubled by hand", async () => {
    const neuron = diodeNode({ rails: "down", V_down: "0.1 V" });
    const [sizes, weights] = [
      [2, 3, 1],
      Float64Array.from({ length: 18 }, (_, i) => 0.1 + ((7 * i) % 5) / 10),
    ];
    const found: number[][] = [];
    const reference = await createEngine("reference");
    for (const [design, inputs] of [
      [resistive(sizes, { neuron, volts: 3 }), [0.5, -0.2]],
      [resistive([6, 3, 1], { neuron }), [1.5, -0.6000000000000001, -1.5, 0.6000000000000001, 3, -3]],
    ] as const) {
      const chip = design.fabricate();
      chip.setWeights("input-l1", { weights, biases: null });
      chip.setWeights("l1-output", { weights: Float64Array.of(1, 2, 3), biases: null });
      const simulator = new Simulator(chip, reference, { solver: "balance" });
      const { states, outcome } = await simulator.phase({ samples: 1, inputs, steps: 200, tolerance: 1e-12 });
      expect(outcome.kind).toBe("settled");
      found.push([...states.l1.re, ...states.output.re]);
    }
    expect(found[0]).toEqual(found[1]);
    // One diode, to a rail below: no node is far below it.
    expect(Math.min(...found[0])).toBeGreaterThan(-0.6);
  });

  it("is what a config's resistive topology makes", () => {
    const read = readAll(`
circuit:
  topology: resistive
  sizes: [64, 3, 10]
  neuron: { device: diode-node, rails: up, V_up: 0 V }
  synapse: { device: resistor, range: [0 S, 1 mS], mismatch: 5 %, levels: 64 }
  volts: 20
  initial: fan-in
data: { kind: generated, train: 10, test: 10 }
estimator: { kind: centred, amplitude: 0.1, freeSteps: 4, nudgedSteps: 4 }
optimizer: { kind: sgd, rate: 0.01 }
solver: balance
epochs: 1
`);
    const made = circuitOf(read);
    expect(made.inputSize).toBe(64);
    expect(made.populations.map(({ size }) => size)).toEqual([130, 3, 10]);
    expect(made.projections[0].synapse.parameters.levels.value.value).toBe(64);
    expect(made.toString()).toContain("130 of 64 values");
  });

  it.each<[string, InputEncoding | undefined, Partial<PopulationSpec>]>([
    ["no whole number of values", { factors: [1, -1], constants: [1] }, {}],
    ["no value", { factors: [1], constants: [1, 1, 1, 1] }, {}],
    ["a shape beside", { factors: [1] }, { shape: [2, 2, 1] }],
  ])("is refused with %s", (_, encoding, rest) => {
    expect(refusal(() => circuit({ encoding, ...rest })).code).toBe("CIRCUIT-ENCODING");
  });

  it("is refused where nothing is clamped, and with what is no number", () => {
    expect(refusal(() => circuit({}, { encoding: { factors: [1] } })).code).toBe("CIRCUIT-ENCODING");
    expect(refusal(() => circuit({ encoding: { factors: [Number.NaN] } })).code).toBe("CIRCUIT-NUMBER");
    expect(refusal(() => circuit({ encoding: { factors: [] } })).code).toBe("CIRCUIT-TYPE");
  });
});
