/**
 * Stochastic Heun: strong order 1 towards Stratonovich's solution, where Euler-Maruyama goes to Ito's; weak
 * order 2 for a linear node.
 */
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { ideal } from "../../devices";
import { createEngine, Simulator, type NeuronSpec, type SolverName } from "../../src/index";

const ROWS = 4000;

/**
 * States of rows of one neuron after some time; equal numbers of steps draw equal noise, whatever the neuron.
 */
async function run(
  equations: string,
  solver: SolverName,
  steps: number,
  time: number,
  start: number,
  rows = ROWS,
  engine = "reference",
): Promise<Float64Array> {
  const neuron: NeuronSpec = { kind: "neuron", name: "node", equations };
  const chip = layered([1, 1], { neuron, synapse: ideal(), initial: { distribution: "zero" } }).fabricate();
  const simulator = new Simulator(chip, await createEngine(engine), { solver, dt: time / steps, seed: 5 });
  const from = { output: { re: new Float64Array(rows).fill(start) } };
  return (await simulator.phase({ samples: rows, inputs: new Float64Array(rows), steps, from })).states.output
    .re;
}

const rms = (a: Float64Array, b: Float64Array): number =>
  Math.sqrt(a.reduce((sum, x, i) => sum + (x - b[i]) ** 2, 0) / a.length);

describe("stochastic Heun", () => {
  const GEOMETRIC = "du/dt = -0.5*u + I + I_nudge + 0.6*u*xi\nrho = u";

  /** Largest root mean square distance from exp((a - correction) t + b W), path by path. */
  async function pathError(solver: SolverName, steps: number, correction: number): Promise<number> {
    const brownian = await run("du/dt = I + I_nudge + xi\nrho = u", "euler", steps, 1, 0);
    return rms(
      await run(GEOMETRIC, solver, steps, 1, 1),
      brownian.map((w) => Math.exp(-0.5 - correction + 0.6 * w)),
    );
  }

  it("follows Stratonovich's solution path by path with order 1", async () => {
    const errors = await Promise.all([16, 32, 64].map((steps) => pathError("heun", steps, 0)));
    for (const k of [0, 1]) {
      expect(Math.log2(errors[k] / errors[k + 1])).toBeGreaterThan(0.8);
      expect(Math.log2(errors[k] / errors[k + 1])).toBeLessThan(1.3);
    }
    expect(errors[2]).toBeLessThan(0.02);
  });

  it("differs from Euler-Maruyama, which follows Ito's, exactly where the noise depends on the state", async () => {
    const ito = 0.6 ** 2 / 2;
    const errors = await Promise.all([64, 256].map((steps) => pathError("euler", steps, ito)));
    expect(Math.log2(errors[0] / errors[1]) / 2).toBeGreaterThan(0.35); // strong order one half
    expect(errors[1]).toBeLessThan(0.05);
    expect(await pathError("euler", 256, 0)).toBeGreaterThan(0.05);
    expect(await pathError("heun", 256, ito)).toBeGreaterThan(0.05);
    const additive = "du/dt = -u + I + I_nudge + 0.5*xi\nrho = u";
    expect(rms(await run(additive, "heun", 256, 1, 0), await run(additive, "euler", 256, 1, 0))).toBeLessThan(
      2e-3,
    );
  });

  it.each(["simd", "gpu:cpu", "gpu:webasm"])(
    "draws the same noise at both ends of a step on %s as on the reference",
    async (engine) => {
      expect(
        rms(await run(GEOMETRIC, "heun", 32, 1, 1, 20, engine), await run(GEOMETRIC, "heun", 32, 1, 1, 20)),
      ).toBeLessThan(2e-6);
    },
  );

  it("leaves a linear node the variance that its recursion predicts, off by order dt^2", async () => {
    const predicted = (h: number): number => (h * (1 - h / 2) ** 2) / (1 - (1 - h + (h * h) / 2) ** 2);
    for (const h of [0.5, 0.25]) {
      const u = await run("du/dt = -u + I + I_nudge + xi\nrho = u", "heun", Math.round(8 / h), 8, 0, 40_000);
      expect(Math.abs(u.reduce((sum, x) => sum + x * x, 0) / u.length / predicted(h) - 1)).toBeLessThan(0.02);
    }
    expect(Math.log2((0.5 - predicted(0.02)) / (0.5 - predicted(0.01)))).toBeCloseTo(2, 1);
  });
});
