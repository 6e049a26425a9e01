/** The estimators in continuous time meet the N-point ones as the nudge slows down, and learn. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered, nonideal } from "../../circuits";
import { ideal, leakyIntegrator } from "../../devices";
import {
  adam,
  centred,
  createEngine,
  defineCircuit,
  exactAnswers,
  holomorphic,
  oscillating,
  Simulator,
  strokeDigits,
  train,
  type Batch,
  type Estimate,
} from "../../src/index";
import { warningsOf } from "../../src/learning/warnings";
import { assumeContracting, holomorphicCircuits, prepare } from "../properties/random-circuits";

const CONTEXT = { round: 0, seed: 1 };
const chip = layered([4, 5, 3], {
  neuron: leakyIntegrator({ rho: "tanh" }),
  synapse: ideal(),
  feedback: { angle: 30 },
  initial: { distribution: "lecun", scale: 0.4 },
}).fabricate({ seed: 2 });
const batch: Batch = {
  samples: 2,
  inputs: Float64Array.of(0.1, 0.9, 0.4, 0.6, 0.5, 0.2, 0.8, 0.3),
  targets: Float64Array.of(0, 0, 1, 1, 0, 0),
};

function distance(a: Estimate["dState"], b: Estimate["dState"]): number {
  let [difference, size] = [0, 0];
  for (const name of Object.keys(b)) {
    b[name].forEach((y, i) => {
      difference += (a[name][i] - y) ** 2;
      size += y * y;
    });
  }
  return Math.sqrt(difference / size);
}

describe("the oscillating estimator", () => {
  it("reads at the pole of a neuron .70711 of what it reads slowly, 45 degrees late (value 12)", async () => {
    const pole = defineCircuit({
      name: "pole",
      populations: [
        { name: "input", size: 1 },
        {
          name: "output",
          size: 1,
          neuron: {
            kind: "neuron",
            name: "pole",
            equations: "tau*du/dt = -u + I + I_nudge\nrho = u",
            parameters: { tau: 1 },
          },
        },
      ],
      projections: [
        { name: "w", from: "input", to: "output", synapse: ideal(), initial: { distribution: "zero" } },
      ],
      input: "input",
      output: "output",
      cost: { kind: "squared-error", argument: "state" },
    }).fabricate({ seed: 1 });
    const engine = await createEngine("reference");
    // A period of 2 pi tau: omega tau = 1. A step is held, half of it late.
    const period = 2000;
    const simulator = new Simulator(pole, engine, { dt: (2 * Math.PI) / period });
    const one = { samples: 1, inputs: new Float64Array(1), targets: new Float64Array([1]) };
    const nudge = { amplitude: 1e-3, period, form: "lock-in", periods: 1, warmup: 2 } as const;
    const { dState, lag = 0 } = await oscillating(nudge).estimate(simulator, one, CONTEXT);
    expect((Math.atan(lag) * 180) / Math.PI).toBeCloseTo(45, 0);
    // In phase it is cos(45 degrees) of that; a slow nudge of 1 moves u by 1.
    expect(dState.output[0] * Math.hypot(1, lag)).toBeCloseTo(Math.SQRT1_2, 3);
    engine.dispose();
  });

  it("approaches the exact derivative with order omega^2, its lag falling like omega, on any circuit", async () => {
    await fc.assert(
      fc.asyncProperty(holomorphicCircuits(), async (random) => {
        const { simulator, batch: some, chip: drawn } = await prepare(random);
        await assumeContracting({ simulator, batch: some, chip: drawn });
        const free = await simulator.phase({
          samples: some.samples,
          inputs: some.inputs,
          steps: 2000,
          tolerance: 1e-14,
        });
        const exact = exactAnswers(drawn, some.samples, some.inputs, free.states, some.targets);
        const [fast, slow] = await Promise.all(
          [400, 800].map((period) =>
            oscillating({ amplitude: 0.05, period, form: "complex", periods: 1 }).estimate(
              simulator,
              some,
              CONTEXT,
            ),
          ),
        );
        for (const of of ["dState", "dActivity"] as const) {
          const order = Math.log2(distance(fast[of], exact[of]) / distance(slow[of], exact[of]));
          expect(order).toBeGreaterThan(1.8);
          expect(order).toBeLessThan(2.2);
        }
        const lag = Math.log2((fast.lag as number) / (slow.lag as number));
        expect(Math.abs(lag - 1)).toBeLessThan(0.15);
        simulator.dispose();
      }),
      { numRuns: 12, seed: 2023 },
    );
  });

  it("meets N points on the circle, and as a real lock-in the centred pair up to its bias", async () => {
    const simulator = new Simulator(chip, await createEngine("reference"), { solver: "heun", dt: 0.2 });
    const lengths = { freeSteps: 1000, nudgedSteps: 1000 };
    const slow = { period: 2000, periods: 1 };
    const points = await holomorphic({ points: 6, amplitude: 0.1, ...lengths }).estimate(
      simulator,
      batch,
      CONTEXT,
    );
    const complex = await oscillating({ amplitude: 0.1, form: "complex", ...slow }).estimate(
      simulator,
      batch,
      CONTEXT,
    );
    expect(distance(complex.dActivity, points.dActivity)).toBeLessThan(1e-3);
    expect(complex.outcomes).toHaveLength(1);
    for (const [name, plane] of Object.entries(points.free.activities)) {
      expect(
        Math.max(...plane.re.map((x, i) => Math.abs(x - complex.free.activities[name].re[i]))),
      ).toBeLessThan(1e-6);
    }
    const bias = async (amplitude: number) => {
      const real = await oscillating({ amplitude, form: "lock-in", ...slow }).estimate(
        simulator,
        batch,
        CONTEXT,
      );
      const small = await oscillating({ amplitude: amplitude / 100, form: "lock-in", ...slow }).estimate(
        simulator,
        batch,
        CONTEXT,
      );
      return distance(real.dActivity, small.dActivity);
    };
    const [large, half] = [await bias(0.1), await bias(0.05)];
    expect(Math.abs(Math.log2(large / half) - 2)).toBeLessThan(0.1);
    // The mean of cos^4 is 3/8, so the third order counts 3/4 of what it counts in a centred pair.
    const pair = await centred({ amplitude: 0.05, ...lengths }).estimate(simulator, batch, CONTEXT);
    expect(Math.abs(half / distance(pair.dActivity, points.dActivity) - 0.75)).toBeLessThan(0.05);
  });

  it("trains a physical, noisy chip as a real lock-in", async () => {
    const physical = nonideal({ sizes: [64, 16, 10] }).fabricate({ seed: 1 });
    const data = {
      train: strokeDigits({ samples: 600, seed: 1, split: "train" }),
      test: strokeDigits({ samples: 100, seed: 1, split: "test" }),
    };
    const estimator = oscillating({ amplitude: 0.5, period: 60, periods: 2, form: "lock-in" });
    const accuracies: number[] = [];
    for await (const epoch of train(physical, data, {
      estimator,
      optimizer: adam({ rate: 0.005 }),
      epochs: 3,
      dt: 1e-5,
      engine: "simd",
    })) {
      accuracies.push(epoch.accuracy);
      expect(epoch.gradientCosine.output).toBeGreaterThan(0.9);
    }
    expect(accuracies.at(-1)).toBeGreaterThan(0.5);
  });

  it("warns where the circuit lags", async () => {
    const simulator = new Simulator(chip, await createEngine("reference"), { solver: "heun", dt: 0.2 });
    const lags = await Promise.all(
      [60, 2000].map(
        async (period) =>
          (await oscillating({ amplitude: 0.1, period, form: "lock-in" }).estimate(simulator, batch, CONTEXT))
            .lag as number,
      ),
    );
    const report = (lag: number) => ({
      cost: 0,
      correct: null,
      aliasing: null,
      outcomes: [{ kind: "fixed" as const, residual: 0, steps: 1, rows: [] }],
      nudgeShift: 1,
      lag,
    });
    expect(
      lags.map((lag) =>
        warningsOf({
          reports: [report(lag)],
          error: null,
          heldDraws: false,
          estimator: oscillating({ amplitude: 0.1, period: 60, form: "lock-in" }),
          engine: simulator.engine.info,
        }).map((w) => w.code),
      ),
    ).toEqual([["LEARN-LAG"], []]);
  });

  it("runs under the adaptive solver, and says when that gave up", async () => {
    const engine = await createEngine("reference");
    const estimator = oscillating({ amplitude: 0.1, period: 100, form: "lock-in", periods: 1 });
    const [fixed, adaptive] = await Promise.all(
      [
        new Simulator(chip, engine, { solver: "rk4", dt: 0.2 }),
        new Simulator(chip, engine, {
          solver: "dormand-prince",
          dt: 0.2,
          adaptive: { relative: 1e-9, absolute: 1e-11 },
        }),
      ].map((s) => estimator.estimate(s, batch, CONTEXT)),
    );
    expect(distance(adaptive.dActivity, fixed.dActivity)).toBeLessThan(1e-5);
    expect(adaptive.free.activities.input).toEqual(fixed.free.activities.input);
    const tired = new Simulator(chip, engine, {
      solver: "dormand-prince",
      dt: 0.2,
      adaptive: { mostSteps: 5 },
    });
    await expect(estimator.estimate(tired, batch, CONTEXT)).rejects.toMatchObject({ code: "DYN-TIMEOUT" });
  });

  it("refuses periods that are none", () => {
    expect(() => oscillating({ amplitude: 0.1, period: 40, form: "complex", periods: 0 })).toThrowError(
      /LEARN-PERIODS/,
    );
    expect(() => oscillating({ amplitude: 0, period: 40, form: "complex" })).toThrowError(/LEARN-AMPLITUDE/);
  });
});
