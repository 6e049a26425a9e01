/** Rules update arrays: what is tied to one has none of its own, with windows that are pooled, too. */
import { expect, it } from "vitest";
import { convolutional } from "../../../circuits";
import { ideal, prototypical } from "../../../devices";
import { Simulator } from "../../../src/dynamics/simulator";
import { createEngine } from "../../../src/engines/select";
import { oneSided } from "../../../src/learning/estimators";
import { energyBased, vectorField } from "../../../src/learning/rules";

it.each([energyBased, vectorField])("updates of kernels have a name for each array, $name", async (rule) => {
  const circuit = convolutional({
    shape: [6, 6, 1],
    layers: [
      { channels: 2, kernel: 3, pool: { kind: "max", window: 2 } },
      { channels: 3, kernel: 1, pool: { kind: "mean", window: 2 } },
    ],
    outputs: 2,
    neuron: prototypical({ rho: "hard-sigmoid" }),
    synapse: ideal(),
  });
  const chip = circuit.fabricate({ seed: 1 });
  const engine = await createEngine("reference");
  const simulator = new Simulator(chip, engine);
  const batch = { samples: 1, inputs: new Float64Array(36).fill(0.5), targets: Float64Array.of(0, 1) };
  const estimator = oneSided({ amplitude: 0.1, freeSteps: 20, nudgedSteps: 5 });
  const estimate = await estimator.estimate(simulator, batch, { round: 0, seed: 1 });
  const updates = await rule.update(circuit, estimate, (...of) => engine.correlate(...of), chip);
  expect(Object.keys(updates).sort()).toEqual(["input-l1", "l1-l2", "l2-output"]);
  simulator.dispose();
  engine.dispose();
});
