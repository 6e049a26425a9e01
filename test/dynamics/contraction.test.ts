/** Certificates: chips that have one come back to one point from everywhere, and none is given where there are two. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { energyBased, ideal, leakyIntegrator, prototypical, shiftedSigmoid, softNeuron } from "../../devices";
import { uniquenessOf } from "../../src/dynamics/contraction";
import { createEngine, fixedPoints, linearise, Simulator, type Chip, type NeuronSpec } from "../../src/index";
import { chipOf, circuits } from "../../src/robustness";
import { recurrentWeights } from "../../src/learning/references/jacobian";
import { spectralRadius } from "../../src/learning/references/linear";
import { draws } from "../../src/robustness/laws/law-setup";

const chip = (neuron: NeuronSpec, scale: number, options: object = {}): Chip =>
  layered([3, 4, 2], {
    neuron,
    synapse: ideal(neuron.name === "soft neuron" ? { unit: "A" } : {}),
    initial: { distribution: "glorot", scale },
    ...options,
  }).fabricate({ seed: 2 });
const inputs = draws(1, "inputs", 3);

describe("a certificate", () => {
  it.each([
    ["leaky, tanh", leakyIntegrator({ rho: "tanh" })],
    ["leaky, hard sigmoid", leakyIntegrator()],
    ["energy-based", energyBased()],
    ["energy-based, sigmoid", energyBased({ rho: "sigmoid" })],
    ["map", shiftedSigmoid()],
    ["bent map", prototypical({ rho: "tanh" })],
    ["physical", softNeuron({ T: "0 K" })],
  ])("is found for weak weights and not for strong ones: %s", (_what, neuron) => {
    const weak = uniquenessOf(chip(neuron, 0.1), inputs);
    expect(weak.kind).toBe("contraction");
    expect(weak.factor).toBeLessThan(0.7);
    expect(uniquenessOf(chip(neuron, 5), inputs).kind).toBe("unproven");
  });
  it("is of no circuit that has two fixed points, and every certified one has one", async () => {
    const engine = await createEngine("reference");
    let [certified, several] = [0, 0];
    await fc.assert(
      fc.asyncProperty(
        circuits({ feedback: "tied", neurons: ["continuous"], wirings: ["dense"] }),
        fc.constantFrom(0.6, 1, 3, 6),
        async (recipe, factor) => {
          const one = chipOf({ ...recipe, scale: recipe.scale * factor });
          const data = draws(recipe.seed, "data", one.circuit.inputSize);
          const { kind } = uniquenessOf(one, data);
          const simulator = new Simulator(one, engine, { dt: 0.3 });
          const { points } = await fixedPoints(simulator, {
            inputs: data,
            starts: 12,
            steps: 3000,
            tolerance: 1e-9,
            seed: 1,
          });
          simulator.dispose();
          if (kind === "contraction") {
            certified++;
            expect(points).toHaveLength(1);
          }
          if (points.length > 1) several++;
        },
      ),
      { numRuns: 40, seed: 5 },
    );
    expect(certified).toBeGreaterThan(8);
    expect(several).toBeGreaterThan(1);
  });
  it("bounds the spectral radius of what units do to each other, wherever they can be", async () => {
    const engine = await createEngine("reference");
    await fc.assert(
      fc.asyncProperty(
        circuits({ neurons: ["map", "continuous"], wirings: ["dense", "pairs", "kernels"] }),
        async (recipe) => {
          const one = chipOf(recipe);
          const data = draws(recipe.seed, "data", one.circuit.inputSize);
          const { factor } = uniquenessOf(one, data);
          const simulator = new Simulator(one, engine, recipe.neuron === "map" ? {} : { dt: 0.3 });
          const { states } = await simulator.phase({ samples: 1, inputs: data, steps: 500 });
          simulator.dispose();
          // Both neurons leak at a rate of 1 and take their drive as it is.
          const at = linearise(one, 1, data, states);
          const steep = one.circuit.populations.flatMap((p) => [...(at.rhoPrime[p.name] ?? [])]);
          const n = one.circuit.units;
          const between = recurrentWeights(one).map((w, k) => Math.abs(w) * steep[k % n]);
          expect(spectralRadius(between, n)).toBeLessThanOrEqual((factor ?? Number.NaN) + 1e-9);
        },
      ),
      { numRuns: 20, seed: 2 },
    );
  });
  it("holds for its inputs: units that are driven into saturation do little to each other", () => {
    const strong = chip(leakyIntegrator({ rho: "tanh" }), 3, { bias: false });
    expect(uniquenessOf(strong, inputs).kind).toBe("unproven");
    expect(
      uniquenessOf(
        strong,
        inputs.map(() => 300),
      ).kind,
    ).toBe("contraction");
  });
  it("is told by the outcome of a phase, when it is asked for", async () => {
    const simulator = new Simulator(chip(shiftedSigmoid(), 0.1), await createEngine("reference"));
    const request = { samples: 1, inputs, steps: 200, tolerance: 1e-9 };
    expect((await simulator.phase(request)).outcome.uniqueness).toBeUndefined();
    const { outcome } = await simulator.phase({ ...request, certify: true });
    expect(outcome.uniqueness?.kind).toBe("contraction");
    expect(String(outcome)).toContain("the only fixed point");
    simulator.dispose();
  });
  it("is of nothing that pools", () => {
    const pooled = chipOf({
      sizes: [4, 4, 2],
      seed: 1,
      scale: 0.01,
      feedback: "tied",
      neuron: "map",
      cost: "squared-error",
      ascend: false,
      wiring: "pooled",
    });
    expect(uniquenessOf(pooled, draws(1, "data", pooled.circuit.inputSize))).toEqual({
      kind: "unproven",
      factor: null,
    });
  });
});
