/** Wires between nodes that conductances load: held against netlists in which every segment is a resistor. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resistive } from "../../circuits";
import { diodeNode } from "../../devices";
import { showsState } from "../../src/circuit/amplifiers";
import { byOwner } from "../../src/learning/drives";
import { netlistOf, operatingPoint, readCircuit as readNetlist } from "../../src/spice";
import {
  centred,
  createEngine,
  energyBasedRule,
  exactAnswers,
  gradientOf,
  Simulator,
  type Chip,
  type Population,
  type WiresSpec,
} from "../../src/index";
import { circuitOf, optimizerOf, runOf } from "../../src/config";
import { checkRates } from "../../src/learning/optimizers";
import { fewer } from "../long";

/** A resistive network of which every segment of wire is a resistor of a netlist. */
function segmentBySegment(chip: Chip, inputs: readonly number[], row: number, column: number): string {
  const out = netlistOf(chip, { inputs })
    .split("\n")
    .filter((line) => !/^[rg]\d/.test(line));
  const shown = ({ name, neuron }: Population, i: number): string =>
    `${name}_${i}${neuron === null || showsState(neuron) ? "" : "_out"}`;
  chip.circuit.projections
    .filter(({ spec }) => spec.feedback === undefined)
    .forEach(({ name, from, to }, p) => {
      const { weights } = chip.weights(name);
      const at = (i: number, j: number): string => `${p}_${i}_${j}`;
      for (let i = 0; i < from.size; i++)
        for (let j = 0; j < to.size; j++) {
          const [x, y] = [`x${at(i, j)}`, `y${at(i, j)}`];
          out.splice(
            -3,
            0,
            `rd${at(i, j)} ${x} ${y} ${1e3 / weights[i * to.size + j]}`,
            `rr${at(i, j)} ${j === 0 ? shown(from, i) : `x${at(i, j - 1)}`} ${x} ${row}`,
            `rc${at(i, j)} ${y} ${i === from.size - 1 ? `${to.name}_${j}` : `y${at(i + 1, j)}`} ${column}`,
          );
        }
    });
  return out.join("\n");
}

describe("wires between nodes", () => {
  const conductances = (length: number) =>
    fc.array(fc.double({ min: 0.1, max: 3, noNaN: true }), { minLength: length, maxLength: length });
  const net = fc.record({
    arrays: fc.tuple(conductances(12), conductances(12), conductances(6)),
    inputs: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }),
    row: fc.double({ min: 1, max: 300, noNaN: true }),
    column: fc.double({ min: 1, max: 300, noNaN: true }),
    amplifiers: fc.constantFrom(undefined, { A: 3, k: 1.5 }, { A: 2 }),
  });
  const made = (
    { arrays, amplifiers }: { arrays: readonly (readonly number[])[]; amplifiers?: object },
    wires?: WiresSpec,
  ): Chip => {
    const chip = resistive([3, 4, 3, 2], {
      ...(amplifiers && { neuron: diodeNode(amplifiers) }),
    }).fabricate({ ...(wires && { wires }) });
    ["input-l1", "l1-l2", "l2-output"].forEach((name, k) =>
      chip.setWeights(name, { weights: Float64Array.from(arrays[k]), biases: null }),
    );
    return chip;
  };
  const restOf = async (chip: Chip, inputs: readonly number[]) => {
    const simulator = new Simulator(chip, await createEngine("reference"), {
      solver: "balance",
      order: "alternate",
    });
    const { states, outcome } = await simulator.phase({
      samples: 1,
      inputs,
      steps: 20_000,
      tolerance: 1e-14,
    });
    simulator.dispose();
    expect(outcome.kind).toBe("settled");
    return states;
  };

  it("leave what a netlist of all their segments has, behind amplifiers too; and so does their own netlist", async () => {
    await fc.assert(
      fc.asyncProperty(net, async (given) => {
        const { inputs, row, column } = given;
        const chip = made(given, { row, column });
        const states = await restOf(chip, inputs);
        for (const text of [
          segmentBySegment(made(given), inputs, row, column),
          netlistOf(chip, { inputs }),
        ]) {
          const { nodes } = operatingPoint(readNetlist(text, "wires"));
          for (const name of ["l1", "l2", "output"])
            states[name].re.forEach((u, i) =>
              expect(Math.abs(u - nodes[`${name}_${i}`])).toBeLessThan(1e-9 * Math.max(1, Math.abs(u))),
            );
        }
      }),
      { numRuns: fewer(12) },
    );
  });

  it("to first order are off by the square of what they take", () => {
    fc.assert(
      fc.property(net, ({ arrays }) => {
        const off = (ohms: number): number => {
          const [first, exact] = (["first-order", "exact"] as const).map((solve) => {
            const chip = made({ arrays }, { row: ohms, column: 2 * ohms, solve });
            return ["l1-l2", "l1-l2.rows", "l1-l2.columns"].map((name) => chip.weights(name).weights);
          });
          return Math.max(...first.flatMap((of, p) => [...of].map((g, k) => Math.abs(g - exact[p][k]))));
        };
        expect(off(2) / off(1)).toBeGreaterThan(3.5);
        expect(off(2) / off(1)).toBeLessThan(4.5);
      }),
      { numRuns: fewer(3) },
    );
  });

  it("learn: estimates are the gradient that exact answers have, and only devices are moved", async () => {
    const chip = made(
      { arrays: [12, 12, 6].map((n) => Array.from({ length: n }, (_, k) => 0.3 + ((k * 7) % 5) / 4)) },
      { row: 50, column: 80 },
    );
    const inputs = [0.9, -0.5, 0.4];
    const [batch, states] = [
      { samples: 1, inputs: Float64Array.from(inputs), targets: Float64Array.of(0.2, -0.1) },
      await restOf(chip, inputs),
    ];
    const { linearisation, delta } = exactAnswers(chip, 1, batch.inputs, states, batch.targets);
    const gradient = byOwner(chip.circuit, gradientOf(linearisation, delta));
    const simulator = new Simulator(chip, await createEngine("reference"), {
      solver: "balance",
      order: "alternate",
    });
    const lengths = { freeSteps: 5000, nudgedSteps: 5000, tolerance: 1e-14 };
    const estimate = await centred({ amplitude: 1e-4, ...lengths }).estimate(simulator, batch, {
      round: 0,
      seed: 1,
    });
    const updates = await energyBasedRule.update(
      chip.circuit,
      estimate,
      (...of) => simulator.engine.correlate(...of),
      chip,
    );
    simulator.dispose();
    expect(Object.keys(updates)).toEqual(["input-l1", "l1-l2", "l2-output"]);
    const most = Math.max(...Object.values(gradient).flatMap(({ weights }) => [...weights].map(Math.abs)));
    for (const [name, { weights }] of Object.entries(updates))
      weights.forEach((by, k) => expect(Math.abs(by + gradient[name].weights[k])).toBeLessThan(1e-6 * most));
  });

  it("take a learning rate of a config for devices alone, and nobody writes to them", () => {
    const run = runOf({
      circuit: { topology: "resistive", name: "wired", sizes: [64, 3, 10] },
      wires: { row: 1 },
      data: { kind: "generated", size: 8 },
      estimator: { kind: "centred", amplitude: 1e-3, freeSteps: 9, nudgedSteps: 9 },
      rule: "energy-based",
      solver: "balance",
      optimizer: { kind: "sgd", rate: 0.1 },
      epochs: 1,
      batch: 5,
    });
    const circuit = circuitOf(run).fabricate({ wires: { row: 1 } }).circuit;
    const optimizer = optimizerOf(run, circuit);
    checkRates(optimizer, circuit);
    expect(optimizer.rates).toEqual(["input-l1", "l1-output", "output-l1"]);
    const chip = circuit.fabricate();
    const weights = new Float64Array(9);
    expect(() => chip.setWeights("input-l1.columns", { weights, biases: null })).toThrow(/CIRCUIT-PORT/);
    expect(() => chip.pulse("input-l1.columns", { weights, biases: null })).toThrow(/CIRCUIT-PORT/);
  });
});
