/**
 * The default rule is decided by a circuit's equations: energy-based where the nudge is that of an energy,
 * and then it is the better one.
 */
import { describe, expect, it } from "vitest";
import { layered } from "../../../circuits";
import {
  energyBased as hopfield,
  ideal,
  leakyIntegrator,
  prototypical,
  shiftedSigmoid,
} from "../../../devices";
import {
  centred,
  createEngine,
  gradientCosine,
  Simulator,
  type Circuit,
  type NeuronSpec,
} from "../../../src/index";
import { defaultRule, energyBased, vectorField, type Rule } from "../../../src/learning/rules";

const inputs = Float64Array.of(0.3, -0.7, 0.9, -0.2, 0.5, 0.1);

describe("the default rule", () => {
  const circuitOf = (
    neuron: NeuronSpec,
    {
      output = neuron,
      argument = "state",
      tied = true,
    }: {
      readonly output?: NeuronSpec;
      readonly argument?: "state" | "activity";
      readonly tied?: boolean;
    } = {},
  ): Circuit =>
    layered([3, 4, 2], {
      neuron,
      output,
      synapse: ideal(neuron.equations.includes(": V") ? { unit: "A" } : {}),
      feedback: tied ? "tied" : { angle: 30 },
      cost: { kind: "squared-error", argument },
    });
  const custom = (equations: string, more: Partial<NeuronSpec> = {}): NeuronSpec => ({
    kind: "neuron",
    name: "node",
    equations,
    ...more,
  });
  const volts = (drive: string): NeuronSpec =>
    custom(`C*du/dt = -g*u + ${drive} + I_nudge : V\nrho = tanh(u/v) : 1`, {
      unitDrive: "g*v",
      parameters: { C: "1 pF", g: { value: "50 nS", mismatch: 0.05 }, v: "100 mV" },
    });

  const energies: readonly (readonly [string, NeuronSpec, NeuronSpec | null])[] = [
    ["Hopfield's: drives times rho'", hopfield(), null],
    ["the same, smooth", hopfield({ rho: "tanh" }), null],
    ["the same, written out", custom("du/dt = -u + (1 - tanh(u)^2)*I + I_nudge\nrho = tanh(u)"), null],
    ["the same in volts, with a factor", volts("3*v*rho'(u)*I"), null],
    ["drives and nudge both divided", custom("du/dt = -u + I/2 + I_nudge/(2*rho'(u))\nrho = tanh(u)"), null],
    ["a leak, where synapses see the state", custom("du/dt = -u + I + I_nudge\nrho = 3*u"), null],
    [
      "a leaky hidden layer, and a linear output",
      leakyIntegrator({ rho: "tanh" }),
      custom("du/dt = -u + I + I_nudge\nrho = u"),
    ],
    ["a map whose output is its state", prototypical(), null],
  ];
  it.each(energies)("is energy-based: %s", (_, neuron, output) => {
    expect(defaultRule(circuitOf(neuron, { output: output ?? neuron })).name).toBe("energy-based");
    expect(defaultRule(circuitOf(neuron, { output: output ?? neuron, argument: "activity" })).name).toBe(
      "vector-field",
    );
    expect(defaultRule(circuitOf(neuron, { output: output ?? neuron, tied: false })).name).toBe(
      "vector-field",
    );
  });

  const none: readonly (readonly [string, NeuronSpec, NeuronSpec | null])[] = [
    ["a leak in u, tanh", leakyIntegrator({ rho: "tanh" }), null],
    ["a leak in volts", volts("I"), null],
    ["drives times another slope", custom("du/dt = -u + (1 - tanh(u/2)^2)*I + I_nudge\nrho = tanh(u)"), null],
    [
      "a nudge that is weighed as well",
      custom("du/dt = -u + rho'(u)*I + rho'(u)*I_nudge\nrho = tanh(u)"),
      null,
    ],
    [
      "a linear hidden layer, and a leaky output",
      custom("du/dt = -u + I + I_nudge\nrho = u"),
      leakyIntegrator({ rho: "tanh" }),
    ],
    ["a map that shows another value than its state", shiftedSigmoid(), null],
  ];
  it.each(none)("is of the vector field: %s", (_, neuron, output) =>
    expect(defaultRule(circuitOf(neuron, { output: output ?? neuron })).name).toBe("vector-field"),
  );

  it("points along the true gradient as well as the other, or better", async () => {
    const engine = await createEngine("reference");
    for (const [, neuron, output] of [...energies.slice(1, 3), ...none.slice(0, 3), energies[6]]) {
      const circuit = circuitOf(neuron, { output: output ?? neuron });
      const chip = circuit.fabricate({ seed: 4 });
      const physical = circuit.output.neuron?.dimensions.time[2] === 1;
      const simulator = new Simulator(chip, engine, { dt: physical ? 5e-6 : 0.2 });
      const estimator = centred({ amplitude: 0.01, freeSteps: 600, nudgedSteps: 600 });
      const batch = { samples: 2, inputs, targets: Float64Array.of(0.05, -0.03, 0.02, 0.04) };
      const cosine = async (rule: Rule): Promise<number> =>
        (await gradientCosine(simulator, estimator, rule, batch, 1, 0)).total as number;
      const chosen = defaultRule(circuit);
      expect(await cosine(chosen)).toBeGreaterThanOrEqual(
        (await cosine(chosen === energyBased ? vectorField : energyBased)) - 1e-6,
      );
    }
  });
});
