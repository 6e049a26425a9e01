/** Laws on chips whose neurons have states beside u: they hold, or say that they do not apply. */
import { expect, it } from "vitest";
import { layered } from "../../../circuits";
import { ideal } from "../../../devices";
import { targetsOfClass } from "../../../src/circuit/targets";
import type { NeuronSpec } from "../../../src/index";
import { laws } from "../../../src/robustness";

const neuron: NeuronSpec = {
  kind: "neuron",
  name: "two",
  equations: "du/dt = -u + I + I_nudge - a/2\n3*da/dt = u - a\nrho = tanh(u)",
};
const circuit = layered([3, 4, 2], {
  neuron,
  synapse: ideal(),
  cost: { kind: "squared-error", argument: "activity", levels: [-0.6, 0.6] },
});

it("do not break", async () => {
  const chip = circuit.fabricate({ seed: 1 });
  expect((await laws.permutation(chip)).applies).toBe(true);
  for (const law of [laws.inward, laws.passive]) expect((await law(chip)).applies).toBe(false);
});

it("targets of a class are at the levels of the cost", () => {
  expect([...targetsOfClass(circuit, 1)]).toEqual([-0.6, 0.6]);
});
