/** Each law holds where it should, and is able to fail: each is shown a chip that breaks it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered, nonideal } from "../../../circuits";
import { ideal, leakyIntegrator, shiftedSigmoid, softNeuron } from "../../../devices";
import { energyBasedRule, vectorFieldRule, type Chip } from "../../../src/index";
import {
  chipOf,
  circuitOf,
  circuits,
  imperfect,
  laws,
  type CircuitChoices,
  type CircuitRecipe,
} from "../../../src/robustness";
import { viewOf } from "../../../src/robustness/laws/view";

const RUNS = { numRuns: 15, seed: 21 };
const over = (
  recipes: fc.Arbitrary<CircuitRecipe>,
  law: (chip: Chip, seed: number) => Promise<unknown>,
): Promise<void> =>
  fc.assert(
    fc.asyncProperty(recipes, async (recipe) => void (await law(chipOf(recipe), recipe.seed))),
    RUNS,
  );
const everyKind = { neurons: ["map", "continuous", "physical"] as const };

const tanh = (scale: number) =>
  layered([2, 3, 2], {
    neuron: leakyIntegrator({ rho: "tanh" }),
    synapse: ideal(),
    initial: { distribution: "lecun", scale },
  });

describe("the laws hold", () => {
  it("exchange, on random tied circuits", () =>
    over(circuits({ ...everyKind, feedback: "tied" }), (chip, seed) => laws.exchange(chip, { seed })));
  it("permutation, on random circuits", () =>
    over(circuits(everyKind), (chip, seed) => laws.permutation(chip, { seed })));
  it("bounded, on random circuits", () =>
    over(circuits(everyKind), (chip, seed) => laws.bounded(chip, { seed })));
  it("settled, on random circuits", () =>
    over(circuits(everyKind), (chip, seed) => laws.settled(chip, { seed })));
  it("local, on random circuits", () => over(circuits(), (chip, seed) => laws.local(chip, { seed })));
  it("engines agree, on random circuits", () =>
    over(circuits(everyKind), (chip, seed) => laws.enginesAgree(chip, { seed, engines: ["simd"] })));
  it("passive, on weakly coupled tanh neurons", () =>
    over(
      circuits({ feedback: "tied", neurons: ["continuous", "physical"], units: [1, 3] }).map((r) => ({
        ...r,
        scale: 0.3,
      })),
      (chip, seed) =>
        laws.passive(chip, { seed, dt: chip.circuit.output.neuron?.name === "soft neuron" ? 1e-6 : 0.05 }),
    ));
  it("error vector, on random tied circuits", async () => {
    let applied = 0;
    await over(
      circuits({ ...everyKind, feedback: "tied" }),
      async (chip, seed) => (applied += (await laws.errorVector(chip, { seed })).applies ? 1 : 0),
    );
    expect(applied).toBeGreaterThan(10);
  });
  it("zero imperfection, on the chip that the imperfections are of", async () => {
    const { chip, dt } = imperfect({});
    const plain = layered([4, 3, 2], {
      neuron: softNeuron({ T: "0 K" }),
      synapse: ideal({ unit: "A" }),
      initial: { distribution: "glorot", scale: 0.3 },
    });
    await laws.zeroIsIdeal(chip, plain.fabricate({ seed: 1 }), { dt });
  });
  it("thermal, on the soft neuron", async () =>
    expect(await laws.thermal(softNeuron())).toMatchObject({ applies: true }));
});

describe.each(["kernels", "pooled", "one-to-one", "pairs"] as const)("on circuits of %s", (wiring) => {
  const random = (choices: CircuitChoices) =>
    circuits({
      ...everyKind,
      ...choices,
      wirings: [wiring],
      units: wiring === "pooled" ? [1, 8] : [2, 3],
    }).filter((recipe) => circuitOf(recipe).projections.some((p) => p.wiring !== null));
  const wired = async (
    choices: CircuitChoices,
    law: (chip: Chip, seed: number) => Promise<{ readonly applies: boolean }>,
  ): Promise<void> => {
    let applied = 0;
    const property = fc.asyncProperty(random(choices), async (recipe) => {
      if ((await law(chipOf(recipe), recipe.seed)).applies) applied++;
    });
    await fc.assert(property, { numRuns: 4, seed: 21 });
    expect(applied).toBeGreaterThan(1);
  };

  it("exchange holds", () => wired({ feedback: "tied" }, (chip, seed) => laws.exchange(chip, { seed })));
  it("permutation holds", () => wired({}, (chip, seed) => laws.permutation(chip, { seed })));
  it("bounded holds", () => wired({}, (chip, seed) => laws.bounded(chip, { seed })));
  it("settled holds", () => wired({}, (chip, seed) => laws.settled(chip, { seed })));
  it("local holds, by either rule", () =>
    wired({}, async (chip, seed) => {
      await laws.local(chip, { seed, rule: energyBasedRule });
      return laws.local(chip, { seed, rule: vectorFieldRule });
    }));
  it("engines agree", () => wired({}, (chip, seed) => laws.enginesAgree(chip, { seed, engines: ["simd"] })));
  it("error vector holds", () =>
    wired({ feedback: "tied" }, (chip, seed) => laws.errorVector(chip, { seed })));
});

describe("the laws say when they do not apply", () => {
  it("exchange needs tied arrays", async () =>
    expect(await laws.exchange(nonideal({ sizes: [2, 2, 2] }))).toMatchObject({
      applies: false,
      why: "nothing in this circuit is tied",
    }));
  it("error vector needs a symmetric Jacobian", async () =>
    expect((await laws.errorVector(nonideal({ sizes: [2, 3, 2], temperature: "0 K" }))).why).toContain(
      "not symmetric",
    ));
  it("thermal needs noise", async () =>
    expect((await laws.thermal(leakyIntegrator())).why).toContain("no noise"));
});

describe("the laws fail", () => {
  it("zero imperfection, where a chip is mismatched", async () => {
    const [zero, one] = [imperfect({ mismatch: 0.02 }), imperfect({})];
    await expect(laws.zeroIsIdeal(zero.chip, one.chip)).rejects.toMatchObject({ code: "LAW-IDEAL" });
  });
  it("passive, where a loop has a gain above 1", async () => {
    await expect(laws.passive(tanh(8), { dt: 0.05 })).rejects.toMatchObject({ code: "LAW-PASSIVE" });
  });
  it("passive, where an output is not 0 at rest", async () => {
    const design = layered([2, 3, 2], {
      neuron: leakyIntegrator({ rho: "sigmoid" }),
      synapse: ideal(),
      initial: { distribution: "lecun", scale: 4 },
    });
    await expect(laws.passive(design, { dt: 0.05, seed: 3 })).rejects.toThrow(
      "an output that is not 0 at rest",
    );
  });
  it("bounded, where outputs are linear and the feedback strong", async () => {
    const design = layered([2, 3, 2], {
      neuron: leakyIntegrator({ rho: "linear" }),
      synapse: ideal(),
      initial: { distribution: "lecun", scale: 4 },
    });
    await expect(laws.bounded(design)).rejects.toMatchObject({ code: "LAW-BOUNDED" });
  });
  it("settled, on a saddle", async () => {
    // Without input, 0 is a fixed point of tanh neurons; with strong feedback no circuit stays there.
    await expect(laws.settled(tanh(8), { inputs: new Float64Array(4) })).rejects.toMatchObject({
      code: "LAW-SETTLED",
    });
  });
  it("error vector, where the amplitude is far too large", async () => {
    const design = layered([2, 3, 2], {
      neuron: shiftedSigmoid(),
      synapse: ideal(),
      initial: { distribution: "lecun", scale: 0.5 },
    });
    await expect(laws.errorVector(design, { amplitude: 0.5 })).rejects.toMatchObject({ code: "LAW-ERROR" });
  });
  it("local, with a rule that normalises over a layer", async () => {
    const rule: typeof vectorFieldRule = {
      ...vectorFieldRule,
      async update(...args) {
        const updates = await vectorFieldRule.update(...args);
        return Object.fromEntries(
          Object.entries(updates).map(([name, { weights, biases }]) => {
            const norm = Math.hypot(...weights);
            return [name, { weights: weights.map((w) => w / norm), biases }];
          }),
        );
      },
    };
    await expect(laws.local(tanh(0.5), { rule })).rejects.toMatchObject({ code: "LAW-LOCAL" });
  });
  it("permutation, where a chip is another with every look", async () => {
    const chip: Chip = tanh(0.5).fabricate({ seed: 1 });
    let looks = 0;
    const weights = (name: string) => ({
      ...chip.weights(name),
      weights: chip.weights(name).weights.map((w) => w * (1 + looks / 1000)),
    });
    const restless = viewOf(chip, { weights: (name) => (looks++, weights(name)) });
    await expect(laws.permutation(restless)).rejects.toMatchObject({ code: "LAW-PERMUTATION" });
  });
  it("thermal, where the noise is that of one side only", async () => {
    const quiet = softNeuron();
    const wrong = { ...quiet, equations: quiet.equations.replace("sqrt(2*k_B", "sqrt(k_B") };
    await expect(laws.thermal(wrong)).rejects.toMatchObject({ code: "LAW-THERMAL" });
  });
});
