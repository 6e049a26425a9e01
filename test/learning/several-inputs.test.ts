/** Several clamped populations: whatever one input does, two halves of it do side by side. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ideal, leakyIntegrator, shiftedSigmoid } from "../../devices";
import {
  backpropagationThroughTime,
  bptt,
  centred,
  createEngine,
  defineCircuit,
  epBesideBptt,
  exactAnswers,
  exactNudge,
  forEveryChip,
  holomorphic,
  recurrentBackprop,
  sgd,
  Simulator,
  stackChips,
  type Chip,
  type EngineName,
  type Estimator,
  type NeuronSpec,
  type ProjectionSpec,
  type SynapseSpec,
} from "../../src/index";
import { Controller } from "../../src/learning/controller";
import { oscillating } from "../../src/learning/estimators";
import { energyBased, vectorField, type Rule } from "../../src/learning/rules";

const SIZE = 6;
const zero = { distribution: "zero" } as const;
/** What a chip is made of. */
interface Parts {
  readonly seed: number;
  readonly neuron?: NeuronSpec;
  readonly synapse?: SynapseSpec;
  /** Units of the first half. */
  readonly first?: number;
}

/** The input, hidden units and an output, both driven by it; in two halves, the second drawn first. */
function chipOf(
  split: boolean,
  { seed, neuron = shiftedSigmoid(), synapse = ideal(), first = 2 }: Parts,
): Chip {
  const halves: readonly (readonly [name: string, from: number, to: number])[] = split
    ? [
        ["-a", 0, first],
        ["-b", first, SIZE],
      ]
    : [["", 0, SIZE]];
  const wire = (name: string, from: string, to: string, more: Partial<ProjectionSpec> = {}) => ({
    name,
    from,
    to,
    synapse,
    initial: zero,
    ...more,
  });
  const chip = defineCircuit({
    name: "halves",
    populations: [
      { name: "hidden", size: 4, neuron },
      ...halves.map(([name, from, to]) => ({ name: `input${name}`, size: to - from, neuron })).reverse(),
      { name: "output", size: 3, neuron },
    ],
    projections: [
      ...halves.map(([name], k) => wire(`in${name}`, `input${name}`, "hidden", { bias: k === 0 })),
      ...halves.map(([name]) => wire(`skip${name}`, `input${name}`, "output")),
      wire("up", "hidden", "output", { bias: true }),
      wire("down", "output", "hidden", { feedback: { kind: "tied", to: "up" } }),
    ],
    input: split ? halves.map(([name]) => `input${name}`) : "input",
    output: "output",
    cost: { kind: "squared-error", argument: "activity" },
  }).fabricate();
  const draw = (length: number, by: number): Float64Array =>
    Float64Array.from({ length }, (_, k) => Math.sin(seed * by + 7 * k * by) / 2);
  for (const [name, from, to] of halves) {
    chip.setWeights(`in${name}`, {
      weights: draw(4 * SIZE, 1.1).subarray(4 * from, 4 * to),
      biases: from === 0 ? draw(4, 1.3) : null,
    });
    chip.setWeights(`skip${name}`, { weights: draw(3 * SIZE, 1.7).subarray(3 * from, 3 * to), biases: null });
  }
  chip.setWeights("up", { weights: draw(12, 1.9), biases: draw(3, 2.3) });
  return chip;
}

/** Weights and biases of a chip, those of halves put together. */
function weightsOf(
  of: (name: string) => { weights: Float64Array; biases: Float64Array | null },
  split: boolean,
) {
  const names = split ? ["in-a", "in-b", "skip-a", "skip-b", "up"] : ["in", "skip", "up"];
  const biases = names.flatMap((name) => [...(of(name).biases ?? [])]);
  return [...names.flatMap((name) => [...of(name).weights]), ...biases];
}

const batchOf = (seed: number, samples: number) => ({
  samples,
  inputs: Float64Array.from({ length: SIZE * samples }, (_, k) => Math.sin(seed + k * k) / 2 + 0.4),
  targets: Float64Array.from({ length: 3 * samples }, (_, k) => ((seed + k) % 4 === 0 ? 1 : 0)),
});

const expectClose = (found: ArrayLike<number>, expected: ArrayLike<number>, within: number): void => {
  expect(found.length).toBe(expected.length);
  for (let k = 0; k < found.length; k++) expect(Math.abs(found[k] - expected[k])).toBeLessThan(within);
};
const PRECISE: Readonly<Record<string, number>> = { reference: 1e-12, simd: 2e-5, "gpu:cpu": 2e-5 };

const LENGTHS = { freeSteps: 60, nudgedSteps: 30 };
const ESTIMATORS: readonly (readonly [Estimator, Rule])[] = [
  [centred({ amplitude: 0.2, ...LENGTHS }), energyBased],
  [centred({ amplitude: 0.2, ...LENGTHS }), vectorField],
  [holomorphic({ points: 4, amplitude: 0.3, ...LENGTHS }), vectorField],
  [bptt({ freeSteps: 60, steps: 20 }), vectorField],
  [recurrentBackprop({ freeSteps: 60 }), vectorField],
  [exactNudge({ freeSteps: 60 }), energyBased],
];

describe("several inputs", () => {
  it("settle, and know the exact answers, as one input of all their units", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: SIZE - 1 }),
        fc.constantFrom<EngineName>("reference", "simd", "gpu:cpu"),
        fc.constantFrom(shiftedSigmoid(), leakyIntegrator({ rho: "tanh" })),
        async (seed, first, engineName, neuron) => {
          const engine = await createEngine(engineName);
          const batch = batchOf(seed, 2);
          const found = [];
          for (const split of [false, true]) {
            const chip = chipOf(split, { seed, first, neuron });
            const simulator = new Simulator(chip, engine, { dt: 0.5 });
            const free = await simulator.phase({ ...batch, steps: 40 });
            const nudged = await simulator.phase({ ...batch, nudges: [{ re: 0.3, im: 0 }], steps: 40 });
            const { dState } = exactAnswers(chip, 2, batch.inputs, free.states, batch.targets);
            found.push({ free, nudged, dState, circuit: chip.circuit });
          }
          const [one, two] = found;
          expect([two.circuit.inputSize, two.circuit.input.name]).toEqual([SIZE, "input-a"]);
          for (const name of ["hidden", "output"]) {
            for (const phase of ["free", "nudged"] as const)
              expectClose(two[phase].states[name].re, one[phase].states[name].re, PRECISE[engineName]);
            expectClose(two.dState[name], one.dState[name], 20 * PRECISE[engineName]);
          }
          const shown = one.free.activities.input.re;
          for (let s = 0; s < 2; s++)
            expect([
              ...two.free.activities["input-a"].re.subarray(s * first, (s + 1) * first),
              ...two.free.activities["input-b"].re.subarray(s * (SIZE - first), (s + 1) * (SIZE - first)),
            ]).toEqual([...shown.subarray(s * SIZE, (s + 1) * SIZE)]);
        },
      ),
      { numRuns: 12, seed: 4 },
    );
  });

  it.each(ESTIMATORS.map((of) => [`${of[0].name}, ${of[1].name}`, ...of] as const))(
    "learn as one: %s",
    async (_, estimator, rule) => {
      for (const [engineName, place] of [
        ["reference", "host"],
        ["simd", "host"],
        ["simd", estimator.plan === undefined ? "host" : "engine"],
      ] as const) {
        const engine = await createEngine(engineName);
        const [one, two] = await Promise.all(
          [false, true].map(async (split) => {
            const chip = chipOf(split, { seed: 5 });
            const simulator = new Simulator(chip, engine);
            const controller = new Controller(simulator, {
              estimator,
              rule,
              optimizer: sgd({ rate: 0.5 }),
              seed: 1,
              ...(place === "host" && { place }),
            });
            expect(controller.place.place).toBe(place);
            for (let k = 0; k < 3; k++) await controller.learn(batchOf(k, 4));
            const weights = weightsOf((name) => chip.weights(name), split);
            controller.dispose();
            simulator.dispose();
            return weights;
          }),
        );
        const before = weightsOf((name) => chipOf(false, { seed: 5 }).weights(name), false);
        expect(Math.max(...one.map((w, k) => Math.abs(w - before[k])))).toBeGreaterThan(1e-3);
        expectClose(two, one, engineName === "reference" ? 1e-11 : 1e-4);
        engine.dispose();
      }
    },
  );

  it("are walked backwards through time, and beside it, as one", async () => {
    const engine = await createEngine("reference");
    const [one, two] = await Promise.all(
      [false, true].map(async (split) => {
        const simulator = new Simulator(chipOf(split, { seed: 8 }), engine);
        const walked = await backpropagationThroughTime(simulator, batchOf(3, 2), {
          freeSteps: 30,
          steps: 10,
        });
        const beside = await epBesideBptt(simulator, batchOf(3, 2), {
          freeSteps: 30,
          steps: 10,
          amplitude: 0.01,
        });
        return [
          ...walked.byWeights.flatMap((step) => weightsOf((name) => step[name] as never, split)),
          ...(split ? ["in-a", "in-b", "up"] : ["in", "up"]).flatMap((name) => [
            ...beside.ep.weights[name][3],
          ]),
        ];
      }),
    );
    expectClose(two, one, 1e-10);
  });

  it("are read with the noise of one, where reads are drawn by current", async () => {
    const synapse: SynapseSpec = {
      kind: "synapse",
      name: "noisy",
      equations: "I = (w + sqrt(w^2/100)*xi)*rho_pre\nw <- w + dw",
    };
    const engine = await createEngine("reference");
    const [one, two] = await Promise.all(
      [false, true].map(async (split) => {
        const chip = chipOf(split, { seed: 2, neuron: leakyIntegrator({ rho: "tanh" }), synapse });
        const simulator = new Simulator(chip, engine, { dt: 0.5, seed: 3, reads: "by-current" });
        return (await simulator.phase({ ...batchOf(3, 2), steps: 5 })).states.hidden.re;
      }),
    );
    expectClose(two, one, 1e-10);
  });

  it("oscillate, and may show their data as they are or by a neuron of their own", async () => {
    const chip = defineCircuit({
      name: "mixed",
      populations: [
        { name: "plain", size: 2 },
        { name: "bent", size: 1, neuron: leakyIntegrator({ rho: "tanh" }) },
        { name: "output", size: 2, neuron: leakyIntegrator({ rho: "tanh" }) },
      ],
      projections: ["bent", "plain"].map((from) => ({
        name: `from-${from}`,
        from,
        to: "output",
        synapse: ideal(),
        initial: { distribution: "glorot" },
      })),
      input: ["bent", "plain"],
      output: "output",
      cost: { kind: "squared-error", argument: "state" },
    }).fabricate();
    const simulator = new Simulator(chip, await createEngine("reference"), { dt: 0.2 });
    const { activities } = await simulator.phase({ samples: 2, inputs: [1, 2, 3, 4, 5, 6], steps: 1 });
    expect([...activities.plain.re]).toEqual([2, 3, 5, 6]);
    expect([...activities.bent.re]).toEqual([Math.tanh(1), Math.tanh(4)]);
    const estimator = oscillating({ amplitude: 0.1, period: 40, periods: 2, warmup: 2, form: "lock-in" });
    const batch = { samples: 1, inputs: Float64Array.of(1, 2, 3), targets: Float64Array.of(0, 1) };
    const { free } = await estimator.estimate(simulator, batch, { round: 0, seed: 0 });
    expect([...free.activities.plain.re]).toEqual([2, 3]);
    expect([...free.activities.bent.re]).toEqual([Math.tanh(1)]);
  });

  it("pool through windows of each, as differences of the weights say", async () => {
    const neuron = shiftedSigmoid();
    const through = { kind: "convolution", kernel: 2, pool: { kind: "softmax", window: 2 } } as const;
    const wire = (name: string, from: string, to: string, more: Partial<ProjectionSpec> = {}) =>
      ({ name, from, to, synapse: ideal(), initial: { distribution: "glorot" }, ...more }) as const;
    const chip = defineCircuit({
      name: "views",
      populations: [
        { name: "left", shape: [5, 5, 1] },
        { name: "right", shape: [5, 5, 2] },
        { name: "seen", shape: [2, 2, 2], neuron },
        { name: "output", size: 2, neuron },
      ],
      projections: [
        wire("from-left", "left", "seen", { through }),
        wire("from-right", "right", "seen", { through, bias: true }),
        wire("out", "seen", "output"),
        wire("back", "output", "seen", { feedback: { kind: "tied", to: "out" } }),
      ],
      input: ["left", "right"],
      output: "output",
      cost: { kind: "squared-error", argument: "activity" },
    }).fabricate({ seed: 4 });
    const batch = {
      samples: 2,
      inputs: Float64Array.from({ length: 150 }, (_, k) => Math.sin(k * k) / 2 + 0.5),
      targets: Float64Array.of(1, 0, 0, 1),
    };
    const simulator = new Simulator(chip, await createEngine("reference"));
    const { byWeights } = await backpropagationThroughTime(simulator, batch, { freeSteps: 6, steps: 6 });
    for (const name of ["from-left", "from-right"]) {
      const { weights, biases } = chip.weights(name);
      const costWith = async (change: number): Promise<number> => {
        chip.setWeights(name, { weights: weights.map((w, k) => (k === 3 ? w + change : w)), biases });
        return (await backpropagationThroughTime(simulator, batch, { freeSteps: 6, steps: 1 })).cost;
      };
      const numeric = ((await costWith(1e-5)) - (await costWith(-1e-5))) / 2e-5;
      chip.setWeights(name, { weights, biases });
      expect(Math.abs(numeric)).toBeGreaterThan(1e-5);
      expect(byWeights.reduce((sum, step) => sum + step[name].weights[3], 0)).toBeCloseTo(numeric, 8);
    }
    const updates = await Promise.all(
      (["engine", "host"] as const).map(async (place) => {
        const own = chip.circuit.fabricate({ seed: 4 });
        const engine = await createEngine("simd");
        const controller = new Controller(new Simulator(own, engine), {
          estimator: centred({ amplitude: 0.2, ...LENGTHS }),
          rule: energyBased,
          optimizer: sgd({ rate: 0.5 }),
          seed: 1,
          ...(place === "host" && { place }),
        });
        expect(controller.place.place).toBe(place);
        await controller.learn(batch);
        return [...own.weights("from-left").weights, ...own.weights("from-right").weights];
      }),
    );
    expectClose(updates[0], updates[1], 1e-5);
  });

  it("stand in stacked chips as in each alone", async () => {
    const design = chipOf(true, { seed: 1 }).circuit;
    const chips = [1, 2].map((seed) => {
      const [chip, other] = [design.fabricate({ seed }), chipOf(true, { seed })];
      for (const { name, spec } of design.projections)
        if (spec.feedback === undefined) chip.setWeights(name, other.weights(name));
      return chip;
    });
    const engine = await createEngine("simd");
    const batch = batchOf(3, 2);
    const stacked = await new Simulator(stackChips(chips), engine).phase({
      ...forEveryChip(batch, 2),
      steps: 10,
    });
    for (const [k, chip] of chips.entries()) {
      const { states, activities } = await new Simulator(chip, engine).phase({ ...batch, steps: 10 });
      for (const name of ["hidden", "output"])
        expect(stacked.states[name].re.subarray(k * states[name].re.length)).toSatisfy((own: Float64Array) =>
          states[name].re.every((u, i) => Math.abs(u - own[i]) < 1e-6),
        );
      expect([...stacked.activities["input-b"].re].slice(8 * k, 8 * (k + 1))).toEqual([
        ...activities["input-b"].re,
      ]);
    }
  });

  it("are named, once each, and are no output", () => {
    const spec = chipOf(true, { seed: 1 }).circuit.spec;
    for (const [input, says] of [
      [["input-a", "input-a"], '"input-a" occurs twice'],
      [["input-a", "nowhere"], 'there is no population "nowhere"'],
      [["input-a", "output"], "is clamped and takes no current"],
      [[], "this should be a list of 1 to 1,000 entries"],
    ] as const)
      expect(() => defineCircuit({ ...spec, input })).toThrow(says);
    expect(chipOf(true, { seed: 1 }).circuit.toString()).toMatch(
      /input-b .*clamped input[^]*input-a .*clamped input/,
    );
  });
});
