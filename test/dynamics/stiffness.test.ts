/**
 * Step advice: the fastest mode is that of the exact Jacobian, the limits are where solvers blow up, and runs
 * beyond them are explained.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { crossbar, ideal, leakyIntegrator, shiftedSigmoid, softNeuron } from "../../devices";
import { createEngine, jacobian, linearise, Simulator, type Chip, type NeuronSpec } from "../../src/index";
import { stableSteps } from "../../src/dynamics/time-steps/stiffness";
import { spectralRadius } from "../../src/learning/references/linear";
import { pairOf } from "./pair";

const inputs = [0.3, -0.7, 0.9];

/** Two linear units that turn around each other: eigenvalues -a +- b i. */
const spinning = (a: number, b: number): Chip =>
  pairOf(`du/dt = -${a}*u + I + I_nudge\nrho = u`, { in: 1, xy: b, yx: -b });

describe("step advice", () => {
  it.each(["reference", "simd"])(
    "finds the largest eigenvalue of the exact Jacobian (%s)",
    async (engine) => {
      for (const [seed, scale] of [
        [1, 0.5],
        [2, 1.5],
        [3, 3],
      ]) {
        const chip = layered([3, 6, 5, 2], {
          neuron: leakyIntegrator({ rho: "tanh" }),
          synapse: ideal(),
          feedback: { angle: 60 },
          initial: { distribution: "glorot", scale },
        }).fabricate({ seed });
        const simulator = new Simulator(chip, await createEngine(engine), { dt: 0.1 });
        const { states } = await simulator.phase({ samples: 1, inputs, steps: 30 });
        const { matrix, n } = jacobian(linearise(chip, 1, inputs, states), 0);
        const { eigenvalue, fastest } = await simulator.stepAdvice({ samples: 1, inputs, from: states });
        const radius = spectralRadius(matrix, n);
        expect(Math.abs(1 / fastest / radius - 1)).toBeLessThan(0.02);
        expect(Math.hypot(eigenvalue.re, eigenvalue.im)).toBeCloseTo(1 / fastest, 10);
      }
    },
  );

  it("finds complex pairs, in seconds where the circuit is physical", async () => {
    const { eigenvalue } = await new Simulator(spinning(1, 4), await createEngine("reference"), {
      dt: 0.1,
    }).stepAdvice({ samples: 2, inputs: [1, 0] });
    expect(eigenvalue.re).toBeCloseTo(-1, 5);
    expect(eigenvalue.im).toBeCloseTo(4, 5);
    const chip = layered([3, 2], { neuron: softNeuron(), synapse: crossbar() }).fabricate({ seed: 1 });
    const { fastest, stable } = await new Simulator(chip, await createEngine("reference"), {
      dt: 1e-6,
    }).stepAdvice({ samples: 1, inputs });
    expect(fastest / 20e-6).toBeCloseTo(1, 4);
    expect(stable.euler / 40e-6).toBeCloseTo(1, 4);
    expect(stable["exponential-euler"]).toBe(Infinity);
  });

  it("puts the limit where a linear circuit just does not blow up, for every solver", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("euler", "exponential-euler", "heun", "rk4"),
        fc.double({ min: 0.5, max: 3, noNaN: true }),
        fc.double({ min: 1, max: 4, noNaN: true }),
        async (solver, a, b) => {
          const chip = spinning(a, b);
          const engine = await createEngine("reference");
          const limit = (
            await new Simulator(chip, engine, { dt: 0.1 }).stepAdvice({ samples: 1, inputs: [1] })
          ).stable[solver];
          fc.pre(Number.isFinite(limit));
          const start = { x: { re: Float64Array.of(1) }, output: { re: Float64Array.of(0) } };
          const sizeAfter = async (dt: number): Promise<number> => {
            const { states } = await new Simulator(chip, engine, { solver, dt }).phase({
              samples: 1,
              inputs: [0],
              steps: 2000,
              from: start,
            });
            return Math.hypot(states.x.re[0], states.output.re[0]);
          };
          expect(await sizeAfter(limit * 0.98)).toBeLessThan(1);
          expect(await sizeAfter(limit * 1.02)).not.toBeLessThan(1);
        },
      ),
      { numRuns: 25, seed: 4 },
    );
  });

  it("knows the textbook's limits", () => {
    const real = stableSteps({ re: -2, im: 0 });
    expect(real.euler).toBeCloseTo(1, 10);
    expect(real.heun).toBeCloseTo(1, 10);
    expect(real.rk4).toBeCloseTo(2.785293563 / 2, 8);
    expect(stableSteps({ re: 0, im: 1 })).toMatchObject({ euler: 0, rk4: 0 });
    expect(stableSteps({ re: 1, im: 0 }).euler).toBe(0);
    expect(stableSteps({ re: 0, im: 0 }).euler).toBe(Infinity);
  });

  it("is refused for maps", async () => {
    const chip = layered([3, 2], { neuron: shiftedSigmoid(), synapse: ideal() }).fabricate();
    await expect(
      new Simulator(chip, await createEngine("reference")).stepAdvice({ samples: 1, inputs }),
    ).rejects.toMatchObject({ code: "DYN-SOLVER" });
  });
});

describe("a run whose steps are too long", () => {
  const stiff: NeuronSpec = {
    kind: "neuron",
    name: "fast node",
    equations: "du/dt = -40*u + 40*I + I_nudge\nrho = tanh(u)",
  };

  it.each(["euler", "heun", "rk4"] as const)("is told so when it diverges: %s", async (solver) => {
    const chip = layered([3, 4, 2], { neuron: stiff, synapse: ideal() }).fabricate({ seed: 1 });
    const { outcome } = await new Simulator(chip, await createEngine("reference"), { solver, dt: 0.2 }).phase(
      { samples: 1, inputs, steps: 2000, tolerance: 1e-6 },
    );
    expect(outcome.kind).toBe("diverged");
    expect(outcome.advice).toMatch(
      new RegExp(`too stiff.*${solver} is stable up to dt = 0\\.0\\d+, not at 0\\.2; take a smaller step`),
    );
  });

  it("is told so when it swings from step to step within its bounds", async () => {
    const bounded: NeuronSpec = {
      ...stiff,
      equations: "du/dt = -40*u + 40*I + I_nudge\nrho = tanh(u)\n-1 <= u <= 1",
    };
    const chip = layered([3, 4, 2], { neuron: bounded, synapse: ideal() }).fabricate({ seed: 1 });
    const simulator = new Simulator(chip, await createEngine("reference"), { solver: "euler", dt: 0.2 });
    for (const tolerance of [1e-6, undefined]) {
      const { outcome } = await simulator.phase({
        samples: 2,
        inputs: [...inputs, ...inputs],
        steps: 200,
        tolerance,
      });
      expect(outcome.kind).toBe(tolerance === undefined ? "fixed" : "timedOut");
      expect(outcome.advice).toMatch(/too stiff/);
    }
  });

  it("is not blamed for what is no fault of the step", async () => {
    const runaway: NeuronSpec = {
      kind: "neuron",
      name: "runaway",
      equations: "du/dt = u*u + I + I_nudge\nrho = u",
    };
    const chip = layered([1, 1], { neuron: runaway, synapse: ideal() }).fabricate();
    chip.setWeights("input-output", { weights: Float64Array.of(1), biases: Float64Array.of(0) });
    const { outcome } = await new Simulator(chip, await createEngine("reference"), {
      solver: "euler",
      dt: 0.1,
    }).phase({ samples: 1, inputs: [3], steps: 100 });
    expect(outcome.kind).toBe("diverged");
    expect(outcome.advice).not.toMatch(/stiff/);
    const early = layered([3, 4, 2], {
      neuron: leakyIntegrator({ rho: "tanh" }),
      synapse: ideal(),
    }).fabricate({ seed: 1 });
    expect(
      (
        await new Simulator(early, await createEngine("reference"), { solver: "euler", dt: 0.5 }).phase({
          samples: 1,
          inputs,
          steps: 2,
        })
      ).outcome.advice,
    ).toBeUndefined();
  });
});
