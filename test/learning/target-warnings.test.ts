/** What a cost asks of a chip that the chip cannot be, or that nothing asks for: said, with a remedy that works. */
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { energyBased, ideal, leakyIntegrator, prototypical, softNeuron } from "../../devices";
import { centred, sgd, strokeDigits, train, type CostSpec, type NeuronLike } from "../../src/index";
import { targetWarnings } from "../../src/learning/target-warnings";

const chipOf = (output: NeuronLike, cost: CostSpec, width = 3) =>
  layered([4, width], { neuron: output, synapse: ideal(), cost }).fabricate();
const found = (output: NeuronLike, cost: CostSpec, width = 3) =>
  targetWarnings(chipOf(output, cost, width), { classes: 3 });
const squared = (
  argument: "state" | "activity" = "activity",
  levels?: readonly [number, number],
): CostSpec => ({ kind: "squared-error", argument, ...(levels && { levels }) });
const faint = leakyIntegrator({ rho: { text: "gain*tanh(u)" }, parameters: { gain: 0.3 } });
const wide = leakyIntegrator({
  rho: { text: "gain*tanh(u)" },
  parameters: { gain: { value: 0.3, mismatch: 0.05 } },
});

describe("targets beyond what the output can be", () => {
  it.each<readonly [string, NeuronLike, CostSpec, string]>([
    [
      "a tanh of gain .3",
      faint,
      squared(),
      "the target 1 lies beyond what rho(u) of output can be, -0.3 to 0.3",
    ],
    ["a hard sigmoid", energyBased(), squared("activity", [-1, 1]), "the target -1 lies beyond"],
    [
      "a state within bounds",
      energyBased(),
      squared("state", [-1, 2]),
      "the targets -1 and 2 lie beyond what u of output can be, 0 to 1",
    ],
    [
      "a map",
      prototypical(),
      squared("state", [-1, 1]),
      "the target -1 lies beyond what u of output can be, 0 to 1",
    ],
    ["both on one side", faint, squared("activity", [1, 2]), "the targets 1 and 2 lie beyond"],
    ["the right class below the wrong one", faint, squared("activity", [1, 0]), "the target 1 lies beyond"],
    [
      "one that opens upwards",
      leakyIntegrator({ rho: { text: "max(0, u)" } }),
      squared("activity", [-2, -1]),
      "can be, at least 0",
    ],
  ])("%s: said, and the levels that it names are taken", (_, neuron, cost, text) => {
    const [warning, ...others] = found(neuron, cost);
    expect(others).toEqual([]);
    expect(warning.code).toBe("LEARN-REACH");
    expect(warning.text).toContain(text);
    const levels = JSON.parse(/levels: (\[.*?\])/.exec(warning.text)![1]) as [number, number];
    expect(levels[0]).not.toBe(levels[1]);
    expect(found(neuron, { ...cost, levels } as CostSpec)).toEqual([]);
  });

  it.each<readonly [string, NeuronLike, CostSpec]>([
    ["tanh and levels of 0 and 1", leakyIntegrator({ rho: "tanh" }), squared()],
    ["a state without bounds", leakyIntegrator({ rho: "tanh" }), squared("state", [-9, 9])],
    ["a hard sigmoid", energyBased(), squared()],
    ["a gain with a spread that some unit makes up for", wide, squared("activity", [0, 0.3])],
    [
      "cross-entropy, whose targets nothing has to be",
      faint,
      { kind: "cross-entropy", argument: "activity", classes: 3 },
    ],
  ])("nothing of %s", (_, neuron, cost) => expect(found(neuron, cost)).toEqual([]));
});

describe("an output wider than there are classes", () => {
  it("is said of, and what the warning names is not", () => {
    const [warning] = found(leakyIntegrator({ rho: "tanh" }), squared(), 5);
    expect(warning).toEqual({
      code: "LEARN-WIDTH",
      text:
        "the population output has 5 units and the data 3 classes: 2 of them stand for no class, and can only " +
        "be told to be wrong: make it 3 wide, the last of the circuit's sizes",
    });
    const readout = found(leakyIntegrator({ rho: "tanh" }), {
      kind: "cross-entropy",
      argument: "activity",
      classes: 4,
    });
    expect(readout.map(({ code }) => code)).toEqual(["LEARN-WIDTH"]);
    expect(readout[0].text).toMatch(/the readout has 4 scores .* one of them stands .* write classes: 3/);
  });

  it("reaches the report of an epoch", async () => {
    const set = (split: "train" | "test") => strokeDigits({ samples: 20, seed: 1, split });
    const chip = layered([64, 12], {
      neuron: softNeuron(),
      synapse: ideal({ unit: "A" }),
      cost: squared("activity", [-2, 1]),
    }).fabricate();
    for await (const { warnings } of train(
      chip,
      { train: set("train"), test: set("test") },
      {
        estimator: centred({ amplitude: 0.3, freeSteps: 20, nudgedSteps: 20 }),
        optimizer: sgd({ rate: 0.01 }),
        epochs: 1,
        dt: 1e-5,
        engine: "reference",
      },
    ))
      expect(warnings.map(({ code }) => code).slice(0, 2)).toEqual(["LEARN-WIDTH", "LEARN-REACH"]);
    expect.assertions(1);
  });
});
