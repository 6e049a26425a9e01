/**
 * A chip that trains while what it stores leaks to a jump: the weights come to where the leak holds them, and
 * stay.
 */
import { expect, it } from "vitest";
import { layered } from "../../circuits";
import { softNeuron } from "../../devices";
import { centred, sgd, strokeDigits, train, type SynapseSpec } from "../../src/index";

const pulled: SynapseSpec = {
  kind: "synapse",
  name: "pulled to its middle",
  equations:
    "I = (G - G_r)*V*rho_pre : A\nG <- clip(G + dw/V, 0*G0, 4*G0) : S\ndG/dt = -sign(G - G_r)*G0/tr\n0 < tr",
  parameters: { V: "0.1 V", G0: "100 nS", G_r: "100 nS", tr: "0.1 s" },
  initial: { G: "G_r" },
};

it.each(["reference", "simd"])("a leak with a jump holds weights at the jump, on %s", async (engine) => {
  const chip = layered([64, 10], {
    neuron: softNeuron(),
    synapse: pulled,
    initial: { distribution: "glorot", scale: 0.3 },
  }).fabricate({ seed: 1 });
  const largest = (): number =>
    chip.weights("input-output").weights.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
  const before = largest();
  expect(before).toBeGreaterThan(0.05);
  const data = {
    train: strokeDigits({ samples: 60, seed: 1, split: "train" }),
    test: strokeDigits({ samples: 20, seed: 1, split: "test" }),
  };
  const after: number[] = [];
  const options = {
    estimator: centred({ amplitude: 0.3, freeSteps: 40, nudgedSteps: 25 }),
    optimizer: sgd({ rate: 0 }),
    epochs: 2,
    dt: 1e-5,
    probe: 0,
    engine,
  } as const;
  for await (const epoch of train(chip, data, options)) after.push(epoch.epoch, largest());
  expect(after).toHaveLength(4);
  expect(after[1]).toBeLessThan(1e-6 * before);
  expect(after[3]).toBeLessThan(1e-6 * before);
});
