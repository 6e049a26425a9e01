/**
 * The unit system follows what a neuron does, not the sizes of its parameters; noise of amplitude 0 is no
 * noise.
 */
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { crossbar, ideal, leakyIntegrator, softNeuron } from "../../devices";
import { createEngine, Simulator, type NeuronSpec } from "../../src/index";
import { scalingOf } from "../../src/dynamics/lowering/scaling";

const TIME = [0, 0, 1, 0, 0] as const;
const VOLT = [1, 2, -3, -1, 0] as const;
const circuitOf = (neuron: NeuronSpec) => layered([2, 3, 2], { neuron, synapse: crossbar() });

describe("the unit system of a circuit", () => {
  it("counts time in time constants and states in what one unit of drive holds", () => {
    const { scale } = scalingOf(circuitOf(softNeuron()));
    expect(scale(TIME) / 20e-6).toBeCloseTo(1, 3);
    expect(scale(VOLT) / 0.1).toBeCloseTo(1, 3);
  });

  it("is not led astray by a parameter of another size", () => {
    const diode: NeuronSpec = {
      kind: "neuron",
      name: "node with a diode",
      equations: `
        C*du/dt = -g_leak*u - I_s*(exp(u/u_T) - 1) + I + I_nudge : V
        rho = tanh(u/u_slope)
      `,
      parameters: { C: "1 pF", g_leak: "50 nS", I_s: "1e-15 A", u_T: "25 mV", u_slope: "100 mV" },
      unitDrive: "g_leak*u_slope",
    };
    const { scale } = scalingOf(circuitOf(diode));
    expect(scale(TIME) / 20e-6).toBeCloseTo(1, 3);
    expect(scale(VOLT) / 0.1).toBeCloseTo(1, 3);
  });

  it("leaves dimensionless circuits alone", () => {
    const { scale } = scalingOf(layered([2, 3, 2], { neuron: leakyIntegrator(), synapse: ideal() }));
    expect(scale([0, 0, 0, 0, 0])).toBe(1);
  });
});

describe("a chip at 0 K", () => {
  it("is a chip without noise: any solver takes it, and its residual may fall", async () => {
    const simulator = new Simulator(
      circuitOf(softNeuron({ T: "0 K" })).fabricate({ seed: 1 }),
      await createEngine("reference"),
      { solver: "rk4", dt: 5e-6 },
    );
    expect(simulator.noisy).toBe(false);
    const { outcome } = await simulator.phase({
      samples: 1,
      inputs: [0.4, 0.9],
      steps: 2000,
      tolerance: 1e-10,
    });
    expect(outcome.kind).toBe("settled");
    expect(outcome.noiseFloor).toBeUndefined();
  });
});
