/**
 * A fault is planted, a feedback matrix that was not transposed: the law finds it, and shrinks it to the
 * smallest circuit that shows it.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Chip } from "../../../src/index";
import { vectorFieldRule } from "../../../src/index";
import { chipOf, circuits, laws, type CircuitChoices, type CircuitRecipe } from "../../../src/robustness";
import { viewOf } from "../../../src/robustness/laws/view";

/** A chip whose feedback arrays are of their own, and were programmed without transposing. */
function forgetful(recipe: CircuitRecipe): Chip {
  const chip = chipOf({ ...recipe, feedback: { angle: 0 } });
  for (const {
    name,
    spec: { feedback },
  } of chip.circuit.projections) {
    if (feedback !== undefined)
      chip.setWeights(name, { weights: chip.weights(feedback.to).weights, biases: null });
  }
  return chip;
}

it("is found, and shrunk to two layers of two neurons", async () => {
  const found = await fc.check(
    fc.asyncProperty(circuits(), async (recipe) => void (await laws.exchange(forgetful(recipe)))),
    { seed: 4 },
  );
  expect(found.failed).toBe(true);
  expect(String(found.errorInstance)).toMatch(
    /LAW-EXCHANGE.*transposed.*the forward weight is .*, the feedback weight/s,
  );
  // One line of weights is its own transpose, read in any order: nothing smaller than 2 x 2 can show the
  // fault.
  expect(found.counterexample?.[0]).toMatchObject({
    sizes: [1, 2, 2],
    feedback: "tied",
    neuron: "map",
    cost: "squared-error",
    ascend: false,
  });
});

it("is not found where there is none", async () => {
  await fc.assert(
    fc.asyncProperty(
      circuits({ feedback: { angle: 0 } }),
      async (recipe) => void (await laws.exchange(chipOf(recipe))),
    ),
    { seed: 4, numRuns: 20 },
  );
});

/** Weights that are another with every look. */
function restless(chip: Chip): Chip {
  let looks = 0;
  return viewOf(chip, {
    weights: (name) => ({
      ...chip.weights(name),
      weights: chip.weights(name).weights.map((w) => w * (1 + ++looks / 1000)),
    }),
  });
}
const louder = (chip: Chip): Chip =>
  viewOf(chip, {
    weights: (name) => ({ ...chip.weights(name), weights: chip.weights(name).weights.map((w) => 1.01 * w) }),
  });
const normalising: typeof vectorFieldRule = {
  ...vectorFieldRule,
  async update(...args) {
    const updates = await vectorFieldRule.update(...args);
    return Object.fromEntries(
      Object.entries(updates).map(([name, { weights, biases }]) => [
        name,
        { weights: weights.map((w) => w / (Math.hypot(...weights) + 1)), biases },
      ]),
    );
  },
};
const strong = (recipe: CircuitRecipe): Chip => chipOf({ ...recipe, scale: 8 });
const TANH: CircuitChoices = { feedback: "tied", neurons: ["continuous"] };

it.each<
  [
    string,
    CircuitChoices,
    (recipe: CircuitRecipe) => Promise<unknown>,
    string,
    readonly (readonly number[])[],
  ]
>([
  [
    "weights that change",
    {},
    (recipe) => laws.permutation(restless(chipOf(recipe)), { seed: recipe.seed }),
    "LAW-PERMUTATION",
    [[1, 1, 1]],
  ],
  [
    "a gain that is left over",
    {},
    (recipe) => laws.zeroIsIdeal(louder(chipOf(recipe)), chipOf(recipe)),
    "LAW-IDEAL",
    [[1, 1, 1]],
  ],
  [
    "a loop with a gain above 1",
    TANH,
    (recipe) => laws.passive(strong(recipe), { dt: 0.05 }),
    "LAW-PASSIVE",
    [[1, 1, 1]],
  ],
  [
    "a saddle",
    TANH,
    (recipe) => laws.settled(strong(recipe), { inputs: new Float64Array(2 * recipe.sizes[0]) }),
    "LAW-SETTLED",
    [[1, 1, 1]],
  ],
  [
    "a nudge that is too strong",
    { feedback: "tied" },
    (recipe) => laws.errorVector(chipOf(recipe), { amplitude: 2 }),
    "LAW-ERROR",
    [[1, 1, 1]],
  ],
  [
    "a rule that normalises",
    {},
    (recipe) => laws.local(chipOf(recipe), { rule: normalising }),
    "LAW-LOCAL",
    [
      [1, 1, 2],
      [1, 2, 1],
      [2, 1, 1],
    ],
  ],
])(
  "%s: found, shrunk as far as it shows, and told with the call that shows it again",
  async (_, choices, law, code, smallest) => {
    const found = await fc.check(
      fc.asyncProperty(circuits(choices), async (recipe) => void (await law(recipe))),
      { seed: 4 },
    );
    expect(found.errorInstance).toMatchObject({
      code,
      remedy: expect.stringMatching(/\n {2}again: laws\.\w+\(.*\)$/) as string,
    });
    expect(smallest).toContainEqual(found.counterexample?.[0].sizes);
  },
);
