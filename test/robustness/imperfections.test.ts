/** Imperfect chips are what their knobs say, and devices and equations that are drawn at random can be read. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leakyIntegrator } from "../../devices";
import { createEngine, defineNeuron, defineSynapse, Simulator } from "../../src/index";
import { imperfect, imperfections, neurons, synapses } from "../../src/robustness";

describe("imperfect chips", () => {
  it("can be fabricated and nudged, whatever is wrong with them", async () => {
    const engine = await createEngine("reference");
    await fc.assert(
      fc.asyncProperty(imperfections(), fc.nat(1000), async (point, seed) => {
        const { chip, estimator, dt } = imperfect(point, { seed });
        const simulator = new Simulator(chip, engine, { dt, seed });
        const { dActivity, outcomes } = await estimator.estimate(simulator, { samples: 1, inputs: new Float64Array([1, 0, 0.5, 1]), targets: new Float64Array([1, 0]) }, { round: 0, seed });
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
      expect(new Set([...chip.weights("input-l1").weights].map((w) => w.toFixed(6))).size).toBeLessThanOrEqual(2 * levels - 1);
    }
  });

  it.each([0, 30])("have on every feedback synapse the asymmetry that was asked for, at %s degrees", (angle) => {
    const sizes = [8, 16, 10];
    const before = imperfect({ angle }, { sizes }).chip.weights("output-l1").weights;
    for (const asymmetry of [0.1, 0.5]) {
      const after = imperfect({ angle, asymmetry, mismatch: 0.05 }, { sizes }).chip.weights("output-l1").weights;
      const off = [...after].map((w, k) => w / before[k] - 1);
      // Drawn, not calibrated away: as wide as it should be (160 draws), and the same draws whatever the angle.
      expect(Math.sqrt(off.reduce((sum, x) => sum + x * x, 0) / off.length) / asymmetry).toBeCloseTo(1, 0.5);
      const tied = imperfect({ asymmetry }, { sizes }).chip.gains("output-l1") as Float64Array;
      off.forEach((x, k) => expect(x).toBeCloseTo(tied[k] - 1, 4));
    }
  });

  it("forget: after their time constant, leaking conductances hold e^-1 of their weights", () => {
    const [fresh, old] = [imperfect({}), imperfect({ leakage: 1 })];
    old.chip.weights("input-l1").weights.forEach((w, k) => expect(w).toBeCloseTo(fresh.chip.weights("input-l1").weights[k] * Math.exp(-1), 6));
  });
});

describe("random devices", () => {
  it("can be read, and shrink to the plainest", () => {
    fc.assert(fc.property(neurons(), (spec) => void defineNeuron(spec)), { seed: 1 });
    for (const physical of [false, true]) fc.assert(fc.property(synapses({ physical }), (spec) => void defineSynapse(spec)), { seed: 1 });
    const found = fc.check(fc.property(neurons({ physical: false }), (_spec) => false), { seed: 2 });
    expect(found.counterexample).toEqual([leakyIntegrator({ rho: "linear" })]);
  });
});
