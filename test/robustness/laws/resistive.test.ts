/** Networks of conductances and diodes are passive and reciprocal; what drives one way only is not. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { layered, resistive } from "../../../circuits";
import { ideal, shiftedSigmoid } from "../../../devices";
import { laws } from "../../../src/robustness";

const conductances = (length: number) =>
  fc.array(fc.double({ min: 0.01, max: 5, noNaN: true }), { minLength: length, maxLength: length });

it("resistive networks lose energy and answer alike both ways", async () => {
  await fc.assert(
    fc.asyncProperty(conductances(6), conductances(6), async (first, second) => {
      const chip = resistive([2, 3, 2]).fabricate();
      for (const [name, g] of Object.entries({ "input-l1": first, "l1-output": second }))
        chip.setWeights(name, { weights: Float64Array.from(g), biases: null });
      const path = { solver: "rk4", dt: 1e-11, steps: 40 } as const;
      expect(await laws.passive(chip, path)).toMatchObject({ applies: true });
      expect(await laws.reciprocal(chip, { solver: "balance", dt: 1, allowed: 1e-12 })).toMatchObject({
        applies: true,
      });
    }),
    { numRuns: 4 },
  );
});

it("feedback with weights of its own is not reciprocal", async () => {
  const chip = layered([3, 4, 2], {
    neuron: shiftedSigmoid(),
    synapse: ideal(),
    feedback: "untied",
  }).fabricate({ seed: 2 });
  await expect(laws.reciprocal(chip)).rejects.toMatchObject({ code: "LAW-RECIPROCAL" });
});
