/**
 * Homeostasis in training: what the controller adds is the gradient of the loss, and the engine finds what the
 * host does, for every Jacobian and form, through any wiring and in any units.
 */
import { describe, expect, it } from "vitest";
import { convolutional, layered, loop } from "../../../circuits";
import {
  crossbar,
  energyBased,
  ideal,
  leakyIntegrator,
  prototypical,
  shiftedSigmoid,
  softNeuron,
} from "../../../devices";
import {
  bptt,
  centred,
  continuousBlocks,
  Controller,
  createEngine,
  homeostaticLoss,
  linearise,
  oneSided,
  sgd,
  Simulator,
  vectorFieldRule,
  type Batch,
  type Chip,
  type Circuit,
  type Estimator,
  type HomeostasisOptions,
  type SimulatorOptions,
} from "../../../src/index";
import { firstPhase } from "../../../src/learning/phases";
import { refusal } from "../../refusal";
import { draws } from "../handmade";

const LENGTHS = { freeSteps: 60, nudgedSteps: 20 };
const nudged = centred({ amplitude: 0.3, ...LENGTHS });
const kernels = (feedback: "tied" | "untied", kind: "softmax" | "max"): Circuit =>
  convolutional({
    shape: [8, 8, 1],
    layers: [
      { channels: 2, kernel: 3, pool: { kind, window: 2 } },
      { channels: 3, kernel: 2, pool: { kind, window: 2 } },
    ],
    outputs: 3,
    neuron: shiftedSigmoid(),
    synapse: ideal(),
    feedback,
    cost: { kind: "squared-error", argument: "activity" },
  });
const physical = layered([6, 5, 4], {
  neuron: softNeuron({ T: "0 K" }),
  synapse: crossbar({ mismatch: "10 %" }),
  feedback: { angle: 60, asymmetry: 0.2 },
  initial: { distribution: "glorot" },
});
const clipped = layered([6, 8, 4], {
  neuron: energyBased({ rho: "sigmoid", clip: [0, 1] }),
  synapse: ideal(),
  feedback: "untied",
  initial: { distribution: "glorot", scale: 2 },
});
const maps = layered([6, 5, 7, 4], { neuron: prototypical(), synapse: ideal(), feedback: "untied" });

interface Case {
  readonly circuit: Circuit;
  readonly homeostasis: HomeostasisOptions;
  readonly options?: SimulatorOptions;
  readonly estimator?: Estimator;
}
const CASES: Readonly<Record<string, Case>> = {
  "layers, drive": { circuit: maps, homeostasis: { coefficient: 3 } },
  "layers, drive, exactly": { circuit: maps, homeostasis: { coefficient: 3, form: "exact" } },
  "maps, state, exactly": { circuit: maps, homeostasis: { coefficient: 3, form: "exact", of: "state" } },
  "a loop, state, local": {
    circuit: loop([6, 5, 7, 4], { neuron: shiftedSigmoid(), synapse: ideal() }),
    homeostasis: { coefficient: 3, of: "state", form: "local", draws: 3, perUnit: true },
  },
  "units of a chip, drive": {
    circuit: physical,
    homeostasis: { coefficient: 2 },
    options: { dt: 1e-5 },
  },
  "units of a chip, state": {
    circuit: physical,
    homeostasis: { coefficient: 2, of: "state" },
    options: { dt: 1e-5 },
  },
  "clipped, state": {
    circuit: clipped,
    homeostasis: { coefficient: 2, of: "state" },
    options: { solver: "euler", dt: 0.3 },
  },
  "clipped, activity, averaged": {
    circuit: clipped,
    homeostasis: { coefficient: 2, of: "activity", form: "local" },
    options: { solver: "euler", dt: 0.3 },
    estimator: centred({ amplitude: 0.3, ...LENGTHS, average: 5 }),
  },
  "softmax pooling, drive": { circuit: kernels("untied", "softmax"), homeostasis: { coefficient: 20 } },
  "softmax pooling, tied, state": {
    circuit: kernels("tied", "softmax"),
    homeostasis: { coefficient: 20, of: "state" },
  },
  "max pooling, local": {
    circuit: kernels("untied", "max"),
    homeostasis: { coefficient: 20, form: "local" },
  },
  "with a tape": {
    circuit: layered([6, 5, 4], {
      neuron: leakyIntegrator({ rho: "tanh" }),
      synapse: ideal(),
      feedback: "untied",
      cost: { kind: "squared-error", argument: "state" },
    }),
    homeostasis: { coefficient: 2 },
    options: { solver: "euler", dt: 0.3 },
    estimator: bptt({ freeSteps: 30, steps: 5 }),
  },
};

function batchesOf({ input, output }: Circuit): readonly Batch[] {
  const draw = draws(3);
  return [4, 4, 3].map((samples) => ({
    samples,
    inputs: draw(samples * input.size).map((x) => (x + 1) / 2),
    targets: draw(samples * output.size).map((x) => (x + 1) / 2),
  }));
}

async function learn(
  { circuit, homeostasis, options, estimator = nudged }: Case,
  engineName: string,
  batches: readonly Batch[],
  without = false,
): Promise<{ readonly chip: Chip; readonly place: string }> {
  const chip = circuit.fabricate({ seed: 5 });
  const engine = await createEngine(engineName);
  const simulator = new Simulator(chip, engine, { ...options, seed: 2 });
  const controller = new Controller(simulator, {
    estimator,
    rule: vectorFieldRule,
    optimizer: sgd({ rate: 0.02 }),
    seed: 4,
    ...(!without && { homeostasis }),
  });
  for (const batch of batches) await controller.learn(batch);
  const { place } = controller.place;
  controller.dispose();
  for (const { name } of circuit.projections) chip.weights(name);
  simulator.dispose();
  engine.dispose();
  return { chip, place };
}

const changes = (chip: Chip, from: Chip, name: string): Float64Array =>
  chip.weights(name).weights.map((w, i) => w - from.weights(name).weights[i]);
const largest = (values: Float64Array): number => values.reduce((m, x) => Math.max(m, Math.abs(x)), 0);

describe("in training", () => {
  it("is asked on the host where the estimate has no free phase, and the reason is told", async () => {
    const simulator = new Simulator(physical.fabricate({ seed: 5 }), await createEngine("simd"), {
      dt: 5e-6,
    });
    const controller = new Controller(simulator, {
      estimator: continuousBlocks({ amplitude: 0.1, points: 2, stepsPerPoint: 20, periods: 2 }),
      rule: vectorFieldRule,
      optimizer: sgd({ rate: 0.02 }),
      seed: 4,
      homeostasis: { coefficient: 0.1 },
    });
    const [batch] = batchesOf(physical);
    await controller.learn(batch);
    expect(controller.place).toMatchObject({
      place: "host",
      reason: expect.stringMatching(/no.*free phase|has none/),
    });
    controller.dispose();
  });

  it.each(Object.entries(CASES))("the engine asks what the host asks: %s", async (_, plan) => {
    const batches = batchesOf(plan.circuit);
    const fresh = plan.circuit.fabricate({ seed: 5 });
    const [host, engine, without] = [
      await learn(plan, "reference", batches),
      await learn(plan, "simd", batches),
      await learn(plan, "reference", batches, true),
    ];
    expect([host.place, engine.place]).toEqual(["host", "engine"]);
    for (const { name, from } of plan.circuit.projections) {
      const [found, wanted] = [changes(engine.chip, fresh, name), changes(host.chip, fresh, name)];
      const apart = largest(found.map((x, i) => x - wanted[i]));
      expect(apart, name).toBeLessThan(2e-3 * largest(wanted));
      // It does not go unnoticed.
      const made = largest(changes(host.chip, without.chip, name));
      if (!from.clamped) expect(made, name).toBeGreaterThan(0.02 * largest(wanted));
    }
  });

  it("it is the gradient of the loss that is added to what the rule asks", async () => {
    const plan = CASES["a loop, state, local"];
    const [batch] = batchesOf(plan.circuit);
    const [learned, plain] = [
      await learn(plan, "reference", [batch]),
      await learn(plan, "reference", [batch], true),
    ];
    const chip = plan.circuit.fabricate({ seed: 5 });
    const simulator = new Simulator(chip, await createEngine("reference"));
    const { samples, inputs } = batch;
    const { states } = await simulator.phase({ samples, inputs, steps: LENGTHS.freeSteps });
    const { coefficient, of, form, draws: count } = plan.homeostasis;
    const { gradient } = homeostaticLoss(linearise(chip, samples, inputs, states), {
      of,
      form,
      draws: count,
      seed: 4,
      phase: firstPhase({ round: 0 }),
    });
    for (const { name } of plan.circuit.projections) {
      const found = changes(learned.chip, plain.chip, name);
      const wanted = gradient[name].weights.map((g) => (-0.02 * coefficient * g) / plan.circuit.units);
      expect(largest(found.map((x, i) => x - wanted[i]))).toBeLessThan(1e-12);
    }
  });

  it("makes a chip's Jacobian symmetric, where nothing else is learned", async () => {
    const plan: Case = {
      circuit: maps,
      homeostasis: { coefficient: 4 },
      estimator: oneSided({ amplitude: 1e-3, ...LENGTHS }),
    };
    const batches = Array.from({ length: 20 }, () => batchesOf(maps)).flat();
    const { chip } = await learn(plan, "simd", batches);
    const lossOf = (of: Chip): number => {
      const states = Object.fromEntries(
        maps.populations
          .filter((p) => !p.clamped)
          .map(({ name, size }) => [name, { re: new Float64Array(size) }]),
      );
      return homeostaticLoss(linearise(of, 1, new Float64Array(6), states), { form: "exact" }).loss;
    };
    expect(lossOf(chip)).toBeLessThan(0.1 * lossOf(maps.fabricate({ seed: 5 })));
  });
});

describe("what makes no sense is refused", () => {
  const tied = layered([6, 5, 4], { neuron: prototypical(), synapse: ideal() });
  const rows: readonly (readonly [string, Circuit, object, string])[] = [
    ["no coefficient", maps, {}, "OPTION-MISSING"],
    ["a negative one", maps, { coefficient: -1 }, "OPTION-VALUE"],
    ["a misspelt option", maps, { coefficient: 1, drawz: 5 }, "OPTION-UNKNOWN"],
    ["half a draw", maps, { coefficient: 1, draws: 0.5 }, "OPTION-VALUE"],
    ["another Jacobian", maps, { coefficient: 1, of: "weights" }, "OPTION-VALUE"],
    ["draws of what draws nothing", maps, { coefficient: 1, form: "exact", draws: 5 }, "HOMEO-DRAWS"],
    ["shared devices", tied, { coefficient: 1 }, "HOMEO-NOTHING"],
    [
      "no feedback at all",
      layered([6, 4], { neuron: prototypical(), synapse: ideal() }),
      { coefficient: 1 },
      "HOMEO-NOTHING",
    ],
  ];
  it.each(rows)("%s", async (_, circuit, homeostasis, code) => {
    const simulator = new Simulator(circuit.fabricate(), await createEngine("reference"));
    const make = () =>
      new Controller(simulator, {
        estimator: nudged,
        rule: vectorFieldRule,
        optimizer: sgd({ rate: 0.1 }),
        seed: 1,
        homeostasis: homeostasis as HomeostasisOptions,
      });
    expect(refusal(make).code).toBe(code);
  });

  it("and a symmetry that is only told needs no sense", async () => {
    const simulator = new Simulator(tied.fabricate(), await createEngine("simd"));
    const parts = { estimator: nudged, rule: vectorFieldRule, optimizer: sgd({ rate: 0.1 }), seed: 1 };
    const controller = new Controller(simulator, { ...parts, homeostasis: { coefficient: 0 } });
    expect(controller.place.place).toBe("engine");
  });

  it("the exact form of too many kicks", async () => {
    const wide = layered([4, 90, 10], { neuron: prototypical(), synapse: ideal(), feedback: "untied" });
    const simulator = new Simulator(wide.fabricate(), await createEngine("reference"));
    const parts = { estimator: nudged, rule: vectorFieldRule, optimizer: sgd({ rate: 0.1 }), seed: 1 };
    const controller = new Controller(simulator, {
      ...parts,
      homeostasis: { coefficient: 1, form: "exact", of: "state" },
    });
    const samples = 90;
    const batch = { samples, inputs: new Float64Array(4 * samples), targets: new Float64Array(10 * samples) };
    await expect(controller.learn(batch)).rejects.toMatchObject({ code: "HOMEO-SIZE" });
  });
});
