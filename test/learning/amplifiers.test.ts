/**
 * Bidirectional amplifiers between the layers of a resistive network, with outputs in pairs: Kirchhoff's law, the
 * gradient, what a gain backwards that is not the one forwards makes of it, and what is refused.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { resistive } from "../../circuits";
import { diodeNode } from "../../devices";
import { compensation, terminalOf } from "../../src/circuit/amplifiers";
import { compile } from "../../src/equations/evaluate";
import {
  createEngine,
  defineCircuit,
  defineNeuron,
  Simulator,
  type Chip,
  type Circuit,
  type Engine,
  type NeuronSpec,
} from "../../src";
import { hasNgspice, ngspice } from "../../src/io/ngspice";
import { CONSTANTS } from "../../src/units/constants";
import { costArgument, costs } from "../../src/learning/cost";
import { byOwner } from "../../src/learning/drives";
import { centred } from "../../src/learning/estimators";
import { exactAnswers, gradientOf } from "../../src/learning/references/exact";
import { recurrentBackpropagation } from "../../src/learning/references/recurrent-backpropagation";
import { energyBased, vectorField } from "../../src/learning/rules";
import { netlistOf, operatingPoint, readCircuit } from "../../src/spice";
import { refusal } from "../refusal";

let reference: Engine;
let simd: Engine;
beforeAll(async () => {
  reference = await createEngine("reference");
  simd = await createEngine("simd");
});

const SIZES = [3, 4, 3, 2];
const NAMES = ["input-l1", "l1-l2", "l2-output"];
const LENGTHS = [12, 12, 12];
const many = (min: number, max: number, length: number) =>
  fc.array(fc.double({ min, max, noNaN: true }), { minLength: length, maxLength: length });
const drawn = fc.record({
  arrays: fc.tuple(...LENGTHS.map((length) => many(0.05, 2, length))),
  inputs: many(-1, 1, 3),
  targets: many(-0.5, 0.5, 2),
  A: fc.double({ min: 0.5, max: 5, noNaN: true }),
  k: fc.double({ min: 0.2, max: 5, noNaN: true }),
});
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

const circuitOf = (neuron: NeuronSpec): Circuit => resistive(SIZES, { neuron, doubled: true });
function chipOf(neuron: NeuronSpec, { arrays }: Pick<Drawn, "arrays">): Chip {
  const chip = circuitOf(neuron).fabricate();
  NAMES.forEach((name, i) => chip.setWeights(name, { weights: Float64Array.from(arrays[i]), biases: null }));
  return chip;
}

const balanced = (chip: Chip, engine = reference) =>
  new Simulator(chip, engine, { solver: "balance", order: "alternate" });
async function restOf(chip: Chip, inputs: ArrayLike<number>, engine = reference, tolerance = 1e-14) {
  const simulator = balanced(chip, engine);
  const found = await simulator.phase({ samples: 1, inputs, steps: 20_000, tolerance });
  simulator.dispose();
  expect(found.outcome.kind).toBe("settled");
  return found;
}

/** Conductance from unit i of a layer to unit j of the next, mS; the last has pairs. */
const between = ({ arrays }: Drawn, layer: number, i: number, j: number): number =>
  arrays[layer][i * [4, 3, 4][layer] + j];
const diode = (() => {
  const { dynamics, parameters } = defineNeuron(diodeNode({ C: "1 F" }));
  const names = ["u", "I", "I_nudge", ...Object.keys(CONSTANTS), ...Object.keys(parameters)];
  const rate = compile(dynamics.kind === "continuous" ? dynamics.drift : dynamics.next, names);
  const values = [...Object.values(CONSTANTS), ...Object.values(parameters)].map((of) =>
    typeof of.value === "number" ? of.value : of.value.value,
  );
  /** What the diodes let into a node, mA. */
  return (u: number): number => 1e3 * rate(u, 0, 0, ...values);
})();

/** The current into every node, mA, written out. */
function currents(given: Drawn, [l1, l2, output]: readonly (readonly number[])[]): number[] {
  const { A, k, inputs } = given;
  const layers = [inputs, l1, l2, output];
  return [1, 2, 3].flatMap((layer) =>
    layers[layer].map((u, j) => {
      const gain = layer === 1 ? 1 : A;
      const into = layers[layer - 1].reduce(
        (sum, v, i) => sum + between(given, layer - 1, i, j) * (gain * v - u),
        0,
      );
      if (layer === 3) return into;
      const back = layers[layer + 1].reduce(
        (sum, v, i) => sum + between(given, layer, j, i) * (v - A * u),
        0,
      );
      return into + k * back + diode(u);
    }),
  );
}

describe("amplifiers between layers", () => {
  it("leave no current at any node, in both engines, and in a netlist of it", async () => {
    const installed = await hasNgspice();
    if (!installed) console.warn("ngspice is not installed: amplifiers are held against our own solver only");
    let spiced = 0;
    await fc.assert(
      fc.asyncProperty(drawn, async (given) => {
        const chip = chipOf(diodeNode({ A: given.A, k: given.k }), given);
        const { inputs } = given;
        const { states, outcome } = await restOf(chip, inputs);
        const voltages = ["l1", "l2", "output"].map((name) => [...states[name].re]);
        for (const left of currents(given, voltages)) expect(Math.abs(left)).toBeLessThan(1e-11);
        expect(outcome.kirchhoff).toBeLessThan(1e-14);
        // Moves of 3e-6 V at last (float32 tells hardly less) leave 1e-4 V where amplifiers hardly bring nodes nearer to rest.
        const single = await restOf(chip, inputs, simd, 3e-6);
        for (const name of ["l1", "l2", "output"])
          single.states[name].re.forEach((u, i) => expect(u).toBeCloseTo(states[name].re[i], 3));
        const text = netlistOf(chip, { inputs });
        const found = [new Map(Object.entries(operatingPoint(readCircuit(text, "export")).nodes))];
        if (installed && spiced++ < 3) {
          const tight = ".options reltol=1e-9 vntol=1e-12 abstol=1e-15 itl1=1000";
          const { plot, log } = await ngspice(netlistOf(chip, { inputs, lines: [tight] }));
          if (plot === null) throw new Error(log);
          found.push(new Map([...plot.variables].map(([name, [v]]) => [name, v])));
        }
        for (const nodes of found)
          for (const name of ["l1", "l2", "output"])
            states[name].re.forEach((u, i) =>
              expect(Math.abs((nodes.get(`${name}_${i}`) ?? NaN) - u)).toBeLessThan(1e-8),
            );
      }),
      { numRuns: 4 },
    );
  });

  it("have the gradient of finite differences, of which nudges find k/A a stage", async () => {
    for (const given of fc.sample(drawn, { numRuns: 2, seed: 7 })) {
      const chip = chipOf(diodeNode({ A: given.A, k: given.k }), given);
      const { A, k } = given;
      const inputs = Float64Array.from(given.inputs);
      const targets = Float64Array.from(given.targets);
      const { states } = await restOf(chip, inputs);
      const { linearisation, delta } = exactAnswers(chip, 1, inputs, states, targets);
      const gradient = byOwner(chip.circuit, gradientOf(linearisation, delta));
      const costAt = async (name: string, at: number, change: number): Promise<number> => {
        const weights = chip.weights(name).weights.slice();
        weights[at] += change;
        const other = chipOf(diodeNode({ A, k }), given);
        other.setWeights(name, { weights, biases: null });
        return costs(other, costArgument(other, await restOf(other, inputs)), targets)[0];
      };
      const size = Math.max(...NAMES.flatMap((name) => [...gradient[name].weights].map(Math.abs)));
      for (const [name, at] of [
        ["input-l1", 5],
        ["l1-l2", 3],
        ["l2-output", 6],
      ] as const) {
        const slope = ((await costAt(name, at, 1e-4)) - (await costAt(name, at, -1e-4))) / 2e-4;
        expect(Math.abs(slope - gradient[name].weights[at])).toBeLessThan(1e-5 * size + 1e-9);
      }
      const simulator = balanced(chip);
      const estimate = await centred({
        amplitude: 1e-5,
        freeSteps: 20_000,
        nudgedSteps: 20_000,
        tolerance: 1e-14,
      }).estimate(simulator, { samples: 1, inputs, targets }, { round: 0, seed: 1 });
      const updates = await energyBased.update(
        chip.circuit,
        estimate,
        (...of) => reference.correlate(...of),
        chip,
      );
      const factors = compensation(chip.circuit);
      NAMES.forEach((name, layer) => {
        expect(factors[name]).toBeCloseTo((A / k) ** (2 - layer), 9);
        const exact = gradient[name].weights;
        const most = Math.max(...exact.map(Math.abs));
        updates[name].weights.forEach((x, i) =>
          expect(Math.abs(factors[name] * x + exact[i])).toBeLessThan(1e-4 * most + 1e-7 * size + 1e-8),
        );
      });
      simulator.dispose();
    }
  });

  const SOME: Drawn = {
    arrays: LENGTHS.map((length) => Array.from({ length }, (_, i) => 0.1 + ((5 * i) % 7) / 7)) as never,
    inputs: [0.5, -0.3, 0.2],
    targets: [0.3, -0.1],
    A: 4,
    k: 4,
  };

  it("without a gain backwards tell layers before them nothing, which is said", async () => {
    for (const neuron of [diodeNode({ A: 4, k: 0 }), withoutBack()]) {
      const chip = chipOf(neuron, SOME);
      const simulator = balanced(chip);
      const estimate = await centred({ amplitude: 0.1, freeSteps: 500, nudgedSteps: 500 }).estimate(
        simulator,
        { samples: 1, inputs: Float64Array.from(SOME.inputs), targets: Float64Array.from(SOME.targets) },
        { round: 0, seed: 1 },
      );
      const updates = await energyBased.update(
        chip.circuit,
        estimate,
        (...of) => reference.correlate(...of),
        chip,
      );
      expect(Math.max(...updates["l2-output"].weights.map(Math.abs))).toBeGreaterThan(1e-3);
      for (const name of ["input-l1", "l1-l2"])
        expect(Math.max(...updates[name].weights.map(Math.abs))).toBeLessThan(1e-9);
      expect(refusal(() => compensation(chip.circuit))).toMatchObject({ code: "LEARN-AMPLIFIER" });
      simulator.dispose();
    }
  });

  /** The same in a text that does not speak of what comes back. */
  function withoutBack(): NeuronSpec {
    const spec = diodeNode({ A: 4, k: 0 });
    const { k: _, ...parameters } = spec.parameters ?? {};
    return { ...spec, equations: spec.equations.replace(" + k*I_back", ""), parameters };
  }

  it("are refused by what follows currents into nodes only, and where outputs are no pairs", async () => {
    const chip = chipOf(diodeNode({ A: 4 }), SOME);
    const { states } = await restOf(chip, SOME.inputs);
    await expect(
      recurrentBackpropagation(chip, 1, SOME.inputs, states, Float64Array.from(SOME.targets)),
    ).rejects.toMatchObject({
      code: "LEARN-AMPLIFIER",
    });
    expect(refusal(() => vectorField.products(chip.circuit, chip.circuit.projections[0])).code).toBe(
      "LEARN-AMPLIFIER",
    );
    const mixed = circuitOf(diodeNode({ A: 4 })).spec;
    const withFirst = (neuron: NeuronSpec) => ({
      ...mixed,
      populations: mixed.populations.map((p) => (p.name === "l1" ? { ...p, neuron } : p)),
    });
    expect(refusal(() => defineCircuit(withFirst(diodeNode())))).toMatchObject({
      code: "CIRCUIT-LOAD",
      remedy: expect.stringContaining("diodeNode({ A: 1 })"),
    });
    const { projections } = defineCircuit(withFirst(diodeNode({ A: 1 })));
    expect(projections.map(terminalOf).filter((at) => at === "output")).toHaveLength(2);
    expect(
      refusal(() => resistive([2, 3], { cost: { kind: "squared-error", argument: "state", doubled: true } }))
        .code,
    ).toBe("CIRCUIT-OUTPUT");
    expect(circuitOf(diodeNode({ A: 4 })).projections.map(terminalOf)).toEqual([
      "node",
      "node",
      "node",
      "output",
      "output",
    ]);
  });
});
