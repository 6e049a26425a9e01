/**
 * Loops that data drive come to an end: equations whose slope is not finite, nudges and drives beyond all
 * measure.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { ideal, leakyIntegrator, shiftedSigmoid } from "../../devices";
import { stableSteps } from "../../src/dynamics/time-steps/stiffness";
import { chooseStep, createEngine, Simulator, type Chip, type NeuronSpec } from "../../src/index";

const SLOW = 20_000;
const root: NeuronSpec = {
  kind: "neuron",
  name: "root",
  equations: "du/dt = -u + I + I_nudge\nrho = sqrt(u)\nu >= 0",
};
const rootChip = (): Chip => layered([4, 3, 2], { neuron: root, synapse: ideal() }).fabricate({ seed: 1 });
const inputs = [1, 0, 1, 0];

describe("the longest stable step", () => {
  it("is found, or 0, for whatever is taken for an eigenvalue", () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, -1e-320, -1e308, 0));
    fc.assert(
      fc.property(number, number, (re, im) => {
        for (const limit of Object.values(stableSteps({ re, im: Math.abs(im) })))
          expect(limit).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 2000, seed: 1 },
    );
    expect(stableSteps({ re: -2, im: 0 }).euler).toBeCloseTo(1, 9);
    expect(stableSteps({ re: NaN, im: 0 })).toEqual({ euler: 0, heun: 0, rk4: 0 });
  });
});

describe("a circuit whose slope is not finite at rest", () => {
  it.each(["reference", "simd"])(
    "runs its phases and is refused where a step is to be chosen (%s)",
    async (name) => {
      const engine = await createEngine(name);
      for (const solver of ["euler", "exponential-euler", "heun", "rk4"] as const) {
        const { outcome } = await new Simulator(rootChip(), engine, { solver, dt: 0.2 }).phase({
          samples: 1,
          inputs,
          steps: 100,
        });
        expect(["fixed", "diverged"]).toContain(outcome.kind);
        await expect(chooseStep(rootChip(), engine, { solver, samples: 1, inputs })).rejects.toMatchObject({
          code: "DYN-FIELD",
        });
      }
      await expect(
        new Simulator(rootChip(), engine, { dt: 0.2 }).stepAdvice({ samples: 1, inputs }),
      ).rejects.toMatchObject({ code: "DYN-FIELD" });
      // What the remedy says can be typed.
      const smooth = layered([4, 3, 2], {
        neuron: { ...root, equations: root.equations.replace("sqrt(u)", "sqrt(u^2 + 1e-6)") },
        synapse: ideal(),
      }).fabricate({ seed: 1 });
      expect(await chooseStep(smooth, engine, { samples: 1, inputs })).toBeGreaterThan(0);
    },
    SLOW,
  );

  it(
    "stops the adaptive solver",
    async () => {
      const engine = await createEngine("reference");
      const neuron: NeuronSpec = {
        kind: "neuron",
        name: "root",
        equations: "du/dt = -sqrt(u) - 1 + I + I_nudge\nrho = u",
      };
      const chip = layered([4, 3, 2], { neuron, synapse: ideal() }).fabricate({ seed: 1 });
      const { outcome } = await new Simulator(chip, engine, { solver: "dormand-prince", dt: 0.2 }).phase({
        samples: 1,
        inputs,
        steps: 1000,
        tolerance: 1e-3,
      });
      expect(outcome.kind).toBe("diverged");
      expect(outcome.advice).toMatch(/not finite/);
    },
    SLOW,
  );
});

describe("a nudge beyond all measure", () => {
  it.each(["reference", "simd"])(
    "diverges, and says so at once (%s)",
    async (name) => {
      const engine = await createEngine(name);
      for (const amplitude of [1e30, 1e38, 1e200, 1e308]) {
        for (const [neuron, options] of [
          [leakyIntegrator({ rho: "tanh" }), { dt: 0.2 }],
          [leakyIntegrator({ rho: "tanh" }), { dt: 0.2, solver: "rk4" as const }],
          [shiftedSigmoid(), {}],
          [shiftedSigmoid(), { acceleration: "anderson" as const }],
        ] as const) {
          const simulator = new Simulator(
            layered([4, 3, 2], { neuron, synapse: ideal() }).fabricate({ seed: 1 }),
            engine,
            options,
          );
          const { outcome } = await simulator.phase({
            samples: 1,
            inputs,
            targets: [10, 0],
            nudges: [{ re: amplitude, im: 0 }],
            steps: 1_000_000,
            tolerance: 1e-6,
          });
          expect(outcome.kind).toBe("diverged");
          expect(outcome.rows).toEqual([0]);
          expect(outcome.advice).toMatch(/./);
          expect(outcome.steps).toBeLessThan(100);
        }
      }
    },
    SLOW,
  );
});
