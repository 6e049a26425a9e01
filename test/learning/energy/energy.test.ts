/** Energies: their slopes are the field, they fall, what they differ by is the rule; or the reason why there is none. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered, toy } from "../../../circuits";
import {
  energyBased,
  ideal,
  leakyIntegrator,
  prototypical,
  shiftedSigmoid,
  softNeuron,
} from "../../../devices";
import {
  createEngine,
  defineCircuit,
  energyBasedRule,
  energyOf,
  linearise,
  oneSided,
  Simulator,
  type Chip,
  type Circuit,
  type Energy,
  type NeuronSpec,
} from "../../../src/index";
import { laws } from "../../../src/robustness";
import { draws } from "../../../src/robustness/laws/law-setup";

const design = (neuron: NeuronSpec, options: object = {}, sizes: readonly number[] = [3, 4, 3, 2]): Circuit =>
  layered(sizes, {
    neuron,
    synapse: ideal(neuron.name === "soft neuron" ? { unit: "A" } : {}),
    initial: { distribution: "glorot", scale: 1.5 },
    cost: { kind: "squared-error", argument: "state" },
    ...options,
  });

const NEURONS: readonly NeuronSpec[] = [
  leakyIntegrator(),
  leakyIntegrator({ rho: "tanh" }),
  leakyIntegrator({ clip: null }),
  leakyIntegrator({ rho: { text: "u + 0.3*sin(u)*cos(u)" } }),
  energyBased(),
  energyBased({ rho: "sigmoid" }),
  shiftedSigmoid(),
  softNeuron({ T: "0 K" }),
];

const energyFrom = (subject: Chip | Circuit): Energy => {
  const found = energyOf(subject);
  if (found.kind === "none") throw new Error(found.why);
  return found;
};

function statesOf(chip: Chip, seed: number, samples: number): Record<string, { re: Float64Array }> {
  return Object.fromEntries(
    chip.circuit.populations
      .filter((p) => !p.clamped)
      .map(({ name, size, neuron }) => [
        name,
        {
          re: draws(seed, name, samples * size).map((x) =>
            neuron?.name === "soft neuron" ? 0.3 * x - 0.1 : neuron?.bounds ? 0.05 + 0.9 * x : 3 * x - 1,
          ),
        },
      ]),
  );
}

describe("an energy", () => {
  it.each(NEURONS.map((neuron) => [neuron.name, neuron.equations, neuron] as const))(
    "has the field for its slopes: %s, %s",
    (_name, _text, neuron) => {
      const chip = design(neuron).fabricate({ seed: 5 });
      const energy = energyFrom(chip);
      expect(energyFrom(chip.circuit).terms).toEqual(energy.terms);
      const inputs = draws(5, "inputs", 3);
      const states = statesOf(chip, 5, 1);
      const at = linearise(chip, 1, inputs, states);
      const step = neuron.name === "soft neuron" ? 1e-6 : 1e-5;
      for (const [name, { re }] of Object.entries(states))
        re.forEach((u, i) => {
          const there = (by: number): number => {
            const moved = { ...states, [name]: { re: re.map((v, k) => (k === i ? u + by : v)) } };
            return energy.of(chip, 1, inputs, moved)[0];
          };
          const slope = (there(step) - there(-step)) / (2 * step);
          // m F = -dE/du, with m = rho' over what the field takes of a unit of drive.
          const m = energy.kind === "gradient" ? 1 : at.rhoPrime[name][i] / at.gain[name][i];
          const expected = -m * at.field[name][i];
          expect(Math.abs(slope - expected)).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected)));
        });
    },
  );
  it("is named for what it does", () => {
    const kinds = NEURONS.map((neuron) => energyFrom(design(neuron)).kind);
    expect(kinds).toEqual([
      "gradient",
      "metric",
      "metric",
      "metric",
      "gradient",
      "gradient",
      "primitive",
      "metric",
    ]);
    expect(energyFrom(design(energyBased())).terms[0]).toEqual({
      population: "l1",
      text: "u*u/2",
      metric: "1",
    });
    expect(energyFrom(design(shiftedSigmoid())).falls).toBe(false);
  });
  it("falls along trajectories, from anywhere", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0, 1, 4, 5, 7),
        fc.integer({ min: 1, max: 1000 }),
        async (which, seed) => {
          const chip = design(NEURONS[which]).fabricate({ seed });
          expect(await laws.energy(chip, { seed, steps: 40 })).toMatchObject({ applies: true });
        },
      ),
      { numRuns: 15, seed: 3 },
    );
  });
  it("would not fall with another sign, and is not told to of maps", async () => {
    const chip = design(leakyIntegrator({ rho: "tanh" })).fabricate({ seed: 2 });
    await expect(laws.energy(chip, { dt: 30, steps: 20 })).rejects.toMatchObject({ code: "LAW-ENERGY" });
    expect((await laws.energy(design(shiftedSigmoid()))).why).toContain("primitive");
  });

  it.each([
    ["all to all", design(energyBased({ rho: "tanh" }))],
    ["toy", toy({ neuron: energyBased({ rho: "tanh" }), synapse: ideal() })],
    ["one to one and to itself", selfLoop()],
  ])("differs between phases by the rule: %s", async (_what, circuit) => {
    const chip = circuit.fabricate({ seed: 4 });
    const energy = energyFrom(chip);
    const simulator = new Simulator(chip, await createEngine("reference"), { dt: 0.2 });
    const inputs = draws(4, "inputs", circuit.inputSize);
    const targets = new Float64Array(circuit.output.size).fill(0.3);
    const beta = 0.4;
    const settle = { steps: 3000, tolerance: 1e-13 };
    const free = await simulator.phase({ samples: 1, inputs, ...settle });
    const nudges = [{ re: beta, im: 0 }];
    const nudged = await simulator.phase({
      samples: 1,
      inputs,
      targets,
      nudges,
      from: free.states,
      ...settle,
    });
    const estimate = await oneSided({
      amplitude: beta,
      freeSteps: 3000,
      nudgedSteps: 3000,
      tolerance: 1e-13,
    }).estimate(simulator, { samples: 1, inputs, targets }, { round: 0, seed: 1 });
    const updates = await energyBasedRule.update(circuit, estimate, (...x) =>
      simulator.engine.correlate(...x),
    );
    for (const [name, { weights }] of Object.entries(updates))
      for (let k = 0; k < Math.min(weights.length, 6); k++) {
        /** E is linear in each weight: its slope is a difference. */
        const slopes = [nudged, free].map(({ states }) => {
          const was = chip.weights(name);
          const there = (by: number): number => {
            chip.setWeights(name, { ...was, weights: was.weights.map((w, i) => (i === k ? w + by : w)) });
            return energy.of(chip, 1, inputs, states)[0];
          };
          const slope = (there(1) - there(-1)) / 2;
          chip.setWeights(name, was);
          return slope;
        });
        expect(-(slopes[0] - slopes[1]) / beta).toBeCloseTo(weights[k], 9);
      }
    simulator.dispose();
  });
});

/** A hidden layer with a synapse from each unit to itself. */
function selfLoop(): Circuit {
  const base = design(energyBased({ rho: "tanh" }), {}, [2, 3, 2]).spec;
  const [first] = base.projections;
  return defineCircuit({
    ...base,
    projections: [
      ...base.projections,
      {
        name: "self",
        from: "l1",
        to: "l1",
        synapse: first.synapse,
        initial: first.initial,
        through: { kind: "one-to-one" as const },
      },
    ],
  });
}

describe("there is no energy", () => {
  it("where feedback has devices of its own: of a design the connection, of a chip the worst pair", () => {
    const untied = design(leakyIntegrator({ rho: "tanh" }), { feedback: { angle: 40 } });
    const ofDesign = energyOf(untied);
    expect(ofDesign).toMatchObject({ kind: "none", pair: { entries: null } });
    const chip = untied.fabricate({ seed: 1 });
    const found = energyOf(chip);
    if (found.kind !== "none" || !found.pair?.entries) throw new Error("it has one");
    const { units, entries } = found.pair;
    // The entries are what the weights say, and no other pair differs by more.
    const [to, from] = units;
    const weight = (of: typeof to, by: typeof to): number => {
      const p = untied.projections.find(
        (one) => one.from.name === by.population && one.to.name === of.population,
      )!;
      return chip.weights(p.name).weights[by.unit * p.to.size + of.unit];
    };
    expect(entries).toEqual([weight(to, from), weight(from, to)]);
    let largest = 0;
    for (const [forward, back] of [
      ["l1-l2", "l2-l1"],
      ["l2-output", "output-l2"],
    ]) {
      const [w, v] = [chip.weights(forward).weights, chip.weights(back).weights];
      const { size } = untied.projection(forward).to;
      w.forEach((x, k) => {
        const [i, j] = [Math.floor(k / size), k % size];
        largest = Math.max(largest, Math.abs(x - v[j * untied.projection(forward).from.size + i]));
      });
    }
    expect(Math.abs(entries[0] - entries[1])).toBeCloseTo(largest, 12);
  });
  it("is one again where feedback devices happen to be the transpose", () => {
    const untied = design(leakyIntegrator({ rho: "tanh" }), { feedback: { angle: 0 } });
    expect(energyOf(untied).kind).toBe("none");
    expect(energyOf(untied.fabricate({ seed: 1 })).kind).toBe("metric");
  });
  it("where reads are uneven", () => {
    const uneven = design(leakyIntegrator({ rho: "tanh" }), { feedback: { asymmetry: 0.1 } });
    expect(energyOf(uneven)).toMatchObject({ kind: "none", pair: { entries: null } });
    expect(energyOf(uneven.fabricate({ seed: 1 })).kind).toBe("none");
  });
  it("where a map bends what it receives", () => {
    const found = energyOf(design(prototypical({ rho: "tanh" })));
    expect(String(found)).toContain("not linear in I");
    expect(found).toMatchObject({
      kind: "none",
      pair: { units: [{ population: "l1" }, { population: "l2" }], entries: null },
    });
  });
});
