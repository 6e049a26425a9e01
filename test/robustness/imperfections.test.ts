/**
 * Imperfect chips are what their knobs say, and devices and equations that are drawn at random can be read.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ideal, leakyIntegrator } from "../../devices";
import { createEngine, defineNeuron, defineSynapse, Simulator } from "../../src/index";
import {
  chipOf,
  circuits,
  IMPERFECTIONS,
  imperfect,
  imperfections,
  neurons,
  synapses,
  type Imperfection,
} from "../../src/robustness";

describe("imperfect chips", () => {
  it("can be fabricated and nudged, whatever is wrong with them", async () => {
    const engine = await createEngine("reference");
    await fc.assert(
      fc.asyncProperty(imperfections(), fc.nat(1000), async (point, seed) => {
        const { chip, estimator, dt } = imperfect(point, { seed });
        const simulator = new Simulator(chip, engine, { dt, seed });
        const { dActivity, outcomes } = await estimator.estimate(
          simulator,
          { samples: 1, inputs: new Float64Array([1, 0, 0.5, 1]), targets: new Float64Array([1, 0]) },
          { round: 0, seed },
        );
        expect(outcomes.every(({ kind }) => kind === "fixed")).toBe(true);
        expect([...dActivity.output].every(Number.isFinite)).toBe(true);
        simulator.dispose();
      }),
      { numRuns: 15, seed: 8 },
    );
  });

  it("have no more weights than pairs of levels have differences", () => {
    for (const levels of [2, 4, 16]) {
      const { chip } = imperfect({ levels });
      expect(
        new Set([...chip.weights("input-l1").weights].map((w) => w.toFixed(6))).size,
      ).toBeLessThanOrEqual(2 * levels - 1);
    }
  });

  it.each([0, 30])(
    "have on every feedback synapse the asymmetry that was asked for, at %s degrees",
    (angle) => {
      const sizes = [8, 16, 10];
      const before = imperfect({ angle }, { sizes }).chip.weights("output-l1").weights;
      for (const asymmetry of [0.1, 0.5]) {
        const after = imperfect({ angle, asymmetry, mismatch: 0.05 }, { sizes }).chip.weights(
          "output-l1",
        ).weights;
        const off = [...after].map((w, k) => w / before[k] - 1);
        // Drawn, not calibrated away: as wide as it should be (160 draws), and the same draws whatever the
        // angle.
        expect(Math.sqrt(off.reduce((sum, x) => sum + x * x, 0) / off.length) / asymmetry).toBeCloseTo(
          1,
          0.5,
        );
        const tied = imperfect({ asymmetry }, { sizes }).chip.gains("output-l1") as Float64Array;
        off.forEach((x, k) => expect(x).toBeCloseTo(tied[k] - 1, 4));
      }
    },
  );

  it("shrink to the ideal, and each knob alone to its first step", () => {
    const names = Object.keys(IMPERFECTIONS) as Imperfection[];
    const first = (name: Imperfection, step: number): number => {
      const range = IMPERFECTIONS[name];
      return "from" in range ? range.from + ((range.to - range.from) * step) / range.steps : range[step];
    };
    const plain = Object.fromEntries(names.map((name) => [name, first(name, 0)]));
    for (const seed of [1, 2, 3])
      expect(
        fc.check(
          fc.property(imperfections(), () => false),
          { seed },
        ).counterexample,
      ).toEqual([plain]);
    for (const name of names) {
      const { counterexample } = fc.check(
        fc.property(imperfections(), (point) => point[name] === plain[name]),
        { seed: 5 },
      );
      const [{ [name]: turned, ...others }] = counterexample as [Record<string, number>];
      expect(turned).toBeCloseTo(first(name, 1), 9);
      expect({ ...others, [name]: plain[name] }).toEqual(plain);
    }
  });

  it("forget: after their time constant, leaking conductances hold e^-1 of their weights", () => {
    const [fresh, old] = [imperfect({}), imperfect({ leakage: 1 })];
    old.chip
      .weights("input-l1")
      .weights.forEach((w, k) =>
        expect(w).toBeCloseTo(fresh.chip.weights("input-l1").weights[k] * Math.exp(-1), 6),
      );
  });
});

describe("random devices", () => {
  it("can be read, and shrink to the plainest", () => {
    fc.assert(
      fc.property(neurons(), (spec) => void defineNeuron(spec)),
      { seed: 1 },
    );
    for (const physical of [false, true])
      fc.assert(
        fc.property(synapses({ physical }), (spec) => void defineSynapse(spec)),
        { seed: 1 },
      );
    const found = fc.check(
      fc.property(neurons({ physical: false }), (_spec) => false),
      { seed: 2 },
    );
    expect(found.counterexample).toEqual([leakyIntegrator({ rho: "linear" })]);
    for (const physical of [false, true])
      expect(
        fc.check(
          fc.property(synapses({ physical }), () => false),
          { seed: 3 },
        ).counterexample,
      ).toEqual([physical ? ideal({ unit: "A" }) : ideal()]);
  });

  it("are wired into circuits that shrink to three tied, discrete neurons", () => {
    const found = fc.check(
      fc.property(
        circuits({ neurons: ["map", "continuous", "physical"] }),
        (recipe) => chipOf(recipe).circuit.populations.length === 0,
      ),
      { seed: 6 },
    );
    expect(found.counterexample).toEqual([
      {
        sizes: [1, 1, 1],
        seed: 1,
        scale: 0.3,
        feedback: "tied",
        neuron: "map",
        cost: "squared-error",
        ascend: false,
        wiring: "dense",
        twoInputs: false,
      },
    ]);
  });
});
