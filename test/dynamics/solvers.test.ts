/** Solvers converge at their order, clip as the papers do, and refuse what they cannot integrate. */
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { ideal, leakyIntegrator, shiftedSigmoid } from "../../devices";
import {
  createEngine,
  defineCircuit,
  Simulator,
  type Circuit,
  type NeuronSpec,
  type SolverName,
} from "../../src/index";

const smooth = (): Circuit =>
  layered([3, 4, 2], {
    neuron: leakyIntegrator({ rho: "tanh" }),
    synapse: ideal(),
    cost: { kind: "squared-error", argument: "state" },
  });
const INPUTS = [0.3, -0.7, 0.9];

async function stateAt(circuit: Circuit, solver: SolverName, dt: number, time: number): Promise<number[]> {
  const simulator = new Simulator(circuit.fabricate({ seed: 2 }), await createEngine("reference"), {
    solver,
    dt,
  });
  const { states } = await simulator.phase({ samples: 1, inputs: INPUTS, steps: Math.round(time / dt) });
  return [...states.l1.re, ...states.output.re];
}

const distance = (a: number[], b: number[]): number => Math.max(...a.map((x, i) => Math.abs(x - b[i])));

describe("solvers", () => {
  it.each([
    ["euler", 1],
    ["exponential-euler", 1],
    ["heun", 2],
    ["rk4", 4],
  ] as const)("%s converges with order %d", async (solver, order) => {
    const exact = await stateAt(smooth(), "rk4", 1 / 512, 1);
    const errors = await Promise.all(
      [1 / 4, 1 / 8, 1 / 16].map(async (dt) => distance(await stateAt(smooth(), solver, dt, 1), exact)),
    );
    const slopes = [Math.log2(errors[0] / errors[1]), Math.log2(errors[1] / errors[2])];
    expect(slopes[1]).toBeGreaterThan(order - 0.25);
    expect(slopes[1]).toBeLessThan(order + 0.6);
  });

  it("integrates a leak alone exactly with exponential Euler", async () => {
    const circuit = defineCircuit({
      name: "leak",
      populations: [
        { name: "input", size: 1 },
        { name: "output", size: 1, neuron: leakyIntegrator({ rho: "tanh" }) },
      ],
      projections: [
        { name: "in", from: "input", to: "output", synapse: ideal(), initial: { distribution: "zero" } },
      ],
      input: "input",
      output: "output",
      cost: { kind: "squared-error", argument: "state" },
    });
    const chip = circuit.fabricate();
    chip.setWeights("in", { weights: Float64Array.of(1), biases: null });
    const simulator = new Simulator(chip, await createEngine("reference"), {
      solver: "exponential-euler",
      dt: 0.7,
    });
    const { states } = await simulator.phase({ samples: 1, inputs: [2], steps: 3 });
    expect(states.output.re[0]).toBeCloseTo(2 * (1 - Math.exp(-2.1)), 12);
  });

  it("reaches the same fixed point with every solver", async () => {
    const ends = await Promise.all(
      (["euler", "exponential-euler", "heun", "rk4"] as const).map((solver) =>
        stateAt(smooth(), solver, 0.2, 120),
      ),
    );
    expect(distance(ends[0], ends[1])).toBeLessThan(1e-12);
    expect(distance(ends[0], ends[2])).toBeLessThan(1e-12);
    expect(distance(ends[0], ends[3])).toBeLessThan(1e-12);
  });

  it("clips after every step where the neuron has bounds", async () => {
    const circuit = layered([1, 1], {
      neuron: leakyIntegrator({ rho: "hard-sigmoid", clip: [0, 1] }),
      synapse: ideal(),
      cost: { kind: "squared-error", argument: "state" },
    });
    const chip = circuit.fabricate();
    chip.setWeights("input-output", { weights: Float64Array.of(5), biases: Float64Array.of(0) });
    const simulator = new Simulator(chip, await createEngine("reference"), { solver: "euler", dt: 0.5 });
    expect((await simulator.phase({ samples: 2, inputs: [1, -1], steps: 20 })).states.output.re).toEqual(
      Float64Array.of(1, 0),
    );
  });

  it("refuses a solver of the wrong kind and noise under RK4, by name", async () => {
    const engine = await createEngine("reference");
    const discrete = layered([1, 1], { neuron: shiftedSigmoid(), synapse: ideal() }).fabricate();
    await expect(
      new Simulator(discrete, engine, { solver: "rk4", dt: 1 }).phase({ samples: 1, inputs: [0], steps: 1 }),
    ).rejects.toMatchObject({ code: "DYN-SOLVER" });
    const noisy: NeuronSpec = {
      kind: "neuron",
      name: "noisy",
      equations: "du/dt = -u + I + I_nudge + 0.1*xi\nrho = u",
    };
    const chip = layered([1, 1], { neuron: noisy, synapse: ideal() }).fabricate();
    await expect(
      new Simulator(chip, engine, { solver: "rk4", dt: 0.1 }).phase({ samples: 1, inputs: [0], steps: 1 }),
    ).rejects.toMatchObject({ code: "DYN-SOLVER" });
    expect(() => new Simulator(chip, engine)).toThrowError(/DYN-STEP/);
  });
});
