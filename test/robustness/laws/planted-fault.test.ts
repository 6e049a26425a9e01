/** A fault is planted, a feedback matrix that was not transposed: the law finds it, and shrinks it to the smallest circuit that shows it. */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Chip } from "../../../src/index";
import { chipOf, circuits, laws, type CircuitRecipe } from "../../../src/robustness";

/** A chip whose feedback arrays are of their own, and were programmed without transposing. */
function forgetful(recipe: CircuitRecipe): Chip {
  const chip = chipOf({ ...recipe, feedback: { angle: 0 } });
  for (const { name, spec: { feedback } } of chip.circuit.projections) {
    if (feedback !== undefined) chip.setWeights(name, { weights: chip.weights(feedback.to).weights, biases: null });
  }
  return chip;
}

it("is found, and shrunk to two layers of two neurons", async () => {
  const found = await fc.check(fc.asyncProperty(circuits(), async (recipe) => void (await laws.exchange(forgetful(recipe)))), { seed: 4 });
  expect(found.failed).toBe(true);
  expect(String(found.errorInstance)).toMatch(/LAW-EXCHANGE.*transposed.*the forward weight is .*, the feedback weight/s);
  // One line of weights is its own transpose, read in any order: nothing smaller than 2 x 2 can show the fault.
  expect(found.counterexample?.[0]).toMatchObject({ sizes: [1, 2, 2], feedback: "tied", neuron: "map", cost: "squared-error", ascend: false });
});

it("is not found where there is none", async () => {
  await fc.assert(fc.asyncProperty(circuits({ feedback: { angle: 0 } }), async (recipe) => void (await laws.exchange(chipOf(recipe)))), { seed: 4, numRuns: 20 });
});
