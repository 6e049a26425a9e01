/** Stacked chips: each does what it does alone, to the last bit, on every engine. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layered, nonideal } from "../../circuits";
import { crossbar, ideal, leakyIntegrator, pcm, shiftedSigmoid, softBounds, softNeuron } from "../../devices";
import {
  centred,
  createEngine,
  defaultRule,
  estimateByChip,
  evaluateChip,
  evaluateChips,
  forEveryChip,
  gradientCosine,
  gradientCosines,
  oscillating,
  phaseByChip,
  Simulator,
  spread,
  stackChips,
  type Batch,
  type Chip,
  type Circuit,
  type Engine,
  type PhaseRequest,
  type PhaseResult,
  type SimulatorOptions,
  type SynapseSpec,
} from "../../src/index";
import { fewer } from "../long";

interface Drawn {
  readonly sizes: readonly number[];
  readonly neuron: "soft" | "map" | "leaky";
  readonly noisy: boolean;
  readonly readNoise: boolean;
  readonly crossEntropy: boolean;
  readonly complex: boolean;
  readonly chips: number;
  readonly samples: number;
  readonly nudges: number;
  readonly average: number;
  readonly seed: number;
  readonly ownSeeds: boolean;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 11 }), { minLength: 3, maxLength: 4 }),
  neuron: fc.constantFrom("soft" as const, "map" as const, "leaky" as const),
  noisy: fc.boolean(),
  readNoise: fc.boolean(),
  crossEntropy: fc.boolean(),
  complex: fc.boolean(),
  chips: fc.integer({ min: 2, max: 4 }),
  samples: fc.integer({ min: 1, max: 5 }),
  nudges: fc.integer({ min: 1, max: 3 }),
  average: fc.constantFrom(0, 3),
  seed: fc.integer({ min: 1, max: 1e6 }),
  ownSeeds: fc.boolean(),
});

function circuitOf({ sizes, neuron, noisy, readNoise, crossEntropy }: Drawn): Circuit {
  const varied = (value: string) => spread(value, { mismatch: "10 %" });
  const soft = softNeuron({
    C: varied("1 pF"),
    g_leak: varied("50 nS"),
    u_slope: varied("100 mV"),
    T: noisy ? "300 K" : "0 K",
  });
  return layered(sizes, {
    neuron: neuron === "soft" ? soft : neuron === "map" ? shiftedSigmoid() : leakyIntegrator({ rho: "tanh" }),
    synapse: neuron === "soft" ? crossbar({ mismatch: "5 %", readNoise: readNoise ? "2 %" : 0 }) : ideal(),
    feedback: { angle: 20 },
    initial: { distribution: "glorot", scale: 0.3 },
    cost: crossEntropy
      ? { kind: "cross-entropy", argument: "activity", classes: 3 }
      : { kind: "squared-error", argument: "activity" },
  });
}

const OPTIONS: Readonly<Record<Drawn["neuron"], SimulatorOptions>> = {
  soft: { dt: 10e-6 },
  map: {},
  leaky: { solver: "euler", dt: 0.3 },
};
const values = (length: number, seed: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => (((i + 1) * 2654435761 + seed * 40503) % 1000) / 1000);

function batchOf(circuit: Circuit, samples: number, seed: number): Batch {
  const { cost } = circuit.spec;
  const width = cost.kind === "cross-entropy" ? cost.classes : circuit.output.size;
  return {
    samples,
    inputs: values(samples * circuit.input.size, seed),
    targets: values(samples * width, seed + 1),
    labels: Uint8Array.from({ length: samples }, (_, s) => s % 3),
  };
}

interface Case {
  readonly chips: readonly Chip[];
  readonly seeds: readonly number[];
  readonly options: SimulatorOptions;
  readonly request: PhaseRequest;
  readonly batch: Batch;
}

function caseOf(d: Drawn): Case {
  const circuit = circuitOf(d);
  const chips = Array.from({ length: d.chips }, (_, c) => circuit.fabricate({ seed: d.seed + c }));
  const batch = batchOf(circuit, d.samples, d.seed);
  const nudges = Array.from({ length: d.nudges }, (_, k) =>
    d.complex ? { re: 0.1 * k, im: 0.2 } : { re: 0.2 * k - 0.2, im: 0 },
  );
  return {
    chips,
    batch,
    options: OPTIONS[d.neuron],
    seeds: chips.map((_, c) => d.seed + (d.ownSeeds ? c : 0)),
    request: {
      samples: d.samples,
      inputs: batch.inputs,
      targets: batch.targets,
      nudges,
      steps: 7,
      average: d.average,
      phase: 3,
    },
  };
}

/** A free phase and a nudged one from where it ends. */
async function phases(
  simulator: Simulator,
  { request }: Case,
  chips = 1,
): Promise<[PhaseResult, PhaseResult]> {
  const { samples, inputs, targets = [] } = request;
  const all = forEveryChip(
    { samples, inputs: Float64Array.from(inputs), targets: Float64Array.from(targets) },
    chips,
  );
  const free = await simulator.phase({ samples: all.samples, inputs: all.inputs, steps: 5, phase: 2 });
  return [free, await simulator.phase({ ...request, ...all, from: free.states })];
}

async function expectAlike(engine: Engine, d: Drawn): Promise<void> {
  const c = caseOf(d);
  const stacked = new Simulator(stackChips(c.chips), engine, { ...c.options, seed: c.seeds });
  const [free, nudged] = await phases(stacked, c, c.chips.length);
  const found = [phaseByChip(free), phaseByChip(nudged, d.nudges)];
  for (const [k, chip] of c.chips.entries()) {
    const alone = new Simulator(chip, engine, { ...c.options, seed: c.seeds[k] });
    const expected = await phases(alone, c);
    // Advice on the length of a step is given to one chip only.
    for (const [i, { outcome, ...rest }] of expected.entries())
      expect({ ...found[i][k], outcome: { ...found[i][k].outcome, advice: undefined } }, `chip ${k}`).toEqual(
        { ...rest, outcome: { ...outcome, advice: undefined } },
      );
    alone.dispose();
  }
  stacked.dispose();
}

const RUNS: readonly (readonly [name: string, runs: number])[] = [
  ["reference", 15],
  ["simd", 25],
  ["gpu:cpu", 2],
  ["gpu:webasm", 3],
];

describe.each(RUNS)("stacked chips on %s", (name, numRuns) => {
  let engine: Engine;
  beforeAll(async () => void (engine = await createEngine(name)));
  afterAll(() => engine.dispose());

  it("do what each does alone, noise included", async () => {
    await fc.assert(
      fc.asyncProperty(
        drawn.filter((d) => !(d.complex && d.neuron === "soft" && d.noisy && name.startsWith("gpu"))),
        (d) => expectAlike(engine, d),
      ),
      { numRuns: fewer(numRuns), seed: 7 },
    );
  }, 60_000);
});

/** Chips of the default circuit and of a small one, for what is said of many. */
const nonidealChips = (count: number, sizes = [9, 6, 4]): Chip[] => {
  const circuit = nonideal({ sizes });
  return Array.from({ length: count }, (_, seed) => circuit.fabricate({ seed }));
};
const quietChips = (count: number): Chip[] => {
  const circuit = layered([7, 9, 3], {
    neuron: leakyIntegrator({ rho: "tanh" }),
    synapse: ideal(),
    feedback: "tied",
    initial: { distribution: "lecun", scale: 0.8 },
  });
  return Array.from({ length: count }, (_, seed) => circuit.fabricate({ seed }));
};

describe("stacks", () => {
  let simd: Engine;
  beforeAll(async () => void (simd = await createEngine("simd", { threads: 2 })));
  afterAll(() => simd.dispose());

  it("read devices as each does alone, whatever devices are: about their symmetric point, drifting, with offsets of columns", async () => {
    const kinds: readonly [SynapseSpec, (chip: Chip) => void][] = [
      [
        softBounds({ dw_up: 0.022, dw_down: 0.018 }),
        (chip) => chip.circuit.projections.forEach(({ name }) => chip.findReference(name, 200)),
      ],
      [pcm(), (chip) => chip.age(3600)],
      [
        {
          kind: "synapse",
          name: "offset column",
          equations: "I = w*rho_pre + I_os\nw <- w + dw\nI_os per column",
          parameters: { I_os: { value: 0, sd: 0.2 } },
        },
        () => undefined,
      ],
    ];
    for (const [synapse, change] of kinds) {
      const siemens = synapse.name === pcm().name;
      const neuron = siemens ? softNeuron({ T: "0 K" }) : leakyIntegrator({ rho: "tanh" });
      const options = { dt: siemens ? 1e-5 : 0.5 };
      const circuit = layered([5, 4, 3], { neuron, synapse });
      const chips = [1, 2].map((seed) => circuit.fabricate({ seed }));
      chips.forEach(change);
      const { inputs } = batchOf(circuit, 2, 1);
      const steps = { steps: 60 };
      const { samples, inputs: all } = forEveryChip({ samples: 2, inputs, targets: new Float64Array(6) }, 2);
      const stacked = phaseByChip(
        await new Simulator(stackChips(chips), simd, options).phase({ ...steps, samples, inputs: all }),
      );
      for (const [k, chip] of chips.entries())
        expect(stacked[k].states, synapse.name).toEqual(
          (await new Simulator(chip, simd, options).phase({ ...steps, samples: 2, inputs })).states,
        );
    }
  });

  it.each(["none", "anderson"] as const)(
    "settle each row in its own time on simd, acceleration %s",
    async (acceleration) => {
      const chips = quietChips(5);
      const options: SimulatorOptions = { solver: "euler", dt: 0.5, order: "alternate", acceleration };
      const batch = batchOf(chips[0].circuit, 6, 1);
      const all = forEveryChip(batch, chips.length);
      const request = { steps: 400, tolerance: 1e-4 };
      const stacked = phaseByChip(
        await new Simulator(stackChips(chips), simd, options).phase({
          ...request,
          samples: all.samples,
          inputs: all.inputs,
        }),
      );
      const steps = new Set<number>();
      for (const [k, chip] of chips.entries()) {
        const alone = await new Simulator(chip, simd, options).phase({
          ...request,
          samples: batch.samples,
          inputs: batch.inputs,
        });
        expect(stacked[k]).toEqual(alone);
        // Mixing leads some rows to saddles.
        expect(acceleration === "none" ? ["settled"] : ["settled", "unstable"]).toContain(alone.outcome.kind);
        steps.add(alone.outcome.steps);
      }
      expect(steps.size).toBeGreaterThan(1);
    },
  );

  it.each([
    ["simd", 2.5e-5],
    ["reference", 2.5e-5],
  ] as const)(
    "wait with noise until the mean of each stands still, and keep what it then was (%s)",
    async (name, tolerance) => {
      const chips = nonidealChips(6);
      const engine = await createEngine(name);
      const seeds = chips.map((_, k) => k);
      const batch = batchOf(chips[0].circuit, 2, 1);
      const all = forEveryChip(batch, chips.length);
      const request = { steps: 400, tolerance, average: 40 };
      const stacked = phaseByChip(
        await new Simulator(stackChips(chips), engine, { dt: 10e-6, seed: seeds }).phase({
          ...request,
          samples: all.samples,
          inputs: all.inputs,
        }),
      );
      const steps = new Set<number>();
      for (const [k, chip] of chips.entries()) {
        const alone = await new Simulator(chip, engine, { dt: 10e-6, seed: seeds[k] }).phase({
          ...request,
          samples: batch.samples,
          inputs: batch.inputs,
        });
        expect(stacked[k]).toEqual(alone);
        steps.add(alone.outcome.steps);
      }
      expect(steps.size).toBeGreaterThan(1);
      engine.dispose();
    },
  );

  it("see every change of a chip, and only theirs", async () => {
    const chips = nonidealChips(3);
    const simulator = new Simulator(stackChips(chips), simd, { dt: 10e-6 });
    const { samples, inputs } = forEveryChip(batchOf(chips[0].circuit, 2, 1), 3);
    const states = async () =>
      phaseByChip(await simulator.phase({ samples, inputs, steps: 9 })).map((r) => [...r.states.output.re]);
    const before = await states();
    const { weights, biases } = chips[1].weights("input-l1");
    chips[1].program("input-l1", { weights: weights.map(() => 0.1), biases: biases?.map(() => 0) ?? null });
    const after = await states();
    expect([after[0], after[2]]).toEqual([before[0], before[2]]);
    expect(after[1]).not.toEqual(before[1]);
    expect(after[1]).toEqual([
      ...(
        await new Simulator(chips[1], simd, { dt: 10e-6 }).phase({
          samples: 2,
          inputs: inputs.slice(0, inputs.length / 3),
          steps: 9,
        })
      ).states.output.re,
    ]);
  });

  it("diverge alone: the outcome of one chip says nothing of the others", async () => {
    const chips = quietChips(3);
    const { weights } = chips[1].weights("l1-output");
    chips[1].setWeights("l1-output", {
      weights: weights.map(() => 1e39),
      biases: chips[1].weights("l1-output").biases,
    });
    const { samples, inputs } = forEveryChip(batchOf(chips[0].circuit, 2, 1), 3);
    const { outcome } = await new Simulator(stackChips(chips), simd, { solver: "euler", dt: 0.5 }).phase({
      samples,
      inputs,
      steps: 400,
      tolerance: 1e-3,
    });
    expect(outcome).toMatchObject({ kind: "diverged", rows: [2, 3] });
    expect(outcome.byChip?.map(({ kind }) => kind)).toEqual(["settled", "diverged", "settled"]);
  });

  it("are evaluated, estimated and held against the exact error as each chip is alone", async () => {
    const chips = nonidealChips(3);
    const seeds = [4, 5, 6];
    const stacked = new Simulator(stackChips(chips), simd, { dt: 10e-6, seed: seeds });
    const batch = batchOf(chips[0].circuit, 4, 2);
    const lengths = { freeSteps: 40, nudgedSteps: 25 };
    const rule = defaultRule(chips[0].circuit);
    const estimators = [
      centred({ amplitude: 0.3, ...lengths }),
      oscillating({ amplitude: 0.2, period: 16, form: "lock-in", periods: 1 }),
    ];
    const evaluations = await evaluateChips(stacked, [batch, batchOf(chips[0].circuit, 3, 5)], {
      freeSteps: 40,
    });
    for (const estimator of estimators) {
      const cosines = await gradientCosines(stacked, estimator, rule, batch, 1, 1);
      const estimates = estimateByChip(
        await estimator.estimate(stacked, forEveryChip(batch, 3), { round: 2, seed: 1 }),
        3,
      );
      for (const [k, chip] of chips.entries()) {
        const alone = new Simulator(chip, simd, { dt: 10e-6, seed: seeds[k] });
        expect(evaluations[k]).toEqual(
          await evaluateChip(alone, [batch, batchOf(chip.circuit, 3, 5)], { freeSteps: 40 }),
        );
        expect(cosines[k]).toEqual(await gradientCosine(alone, estimator, rule, batch, 1, 1));
        const { dState, dActivity, free, outcomes, aliasing } = await estimator.estimate(alone, batch, {
          round: 2,
          seed: 1,
        });
        expect(estimates[k]).toMatchObject({ dState, dActivity, free, outcomes, aliasing });
      }
    }
  });

  it("refuse what they cannot do, at once and by name", async () => {
    const chips = nonidealChips(2);
    const stack = stackChips(chips);
    const code = (work: () => unknown): unknown => {
      try {
        return work();
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    const reference = await createEngine("reference");
    expect(code(() => stackChips([]))).toBe("CHIP-STACK");
    for (const odd of [null, {}, "x", [null], [chips[0], undefined], [chips[0], chips[0].circuit]])
      expect(code(() => stackChips(odd as unknown as typeof chips))).toBe("CHIP-STACK");
    expect(code(() => stackChips([...chips, ...nonidealChips(1, [9, 5, 4])]))).toBe("CHIP-STACK");
    expect(code(() => new Simulator(stack, simd, { dt: 10e-6, seed: [1] }))).toBe("CHIP-STACK");
    expect(
      code(() => new Simulator(stackChips(quietChips(2)), reference, { solver: "dormand-prince", dt: 0.1 })),
    ).toBe("CHIP-STACK");
    const simulator = new Simulator(stack, simd, { dt: 10e-6 });
    expect(code(() => simulator.chip)).toBe("CHIP-STACK");
    expect(code(() => simulator.hold({ samples: 2, inputs: new Float64Array(18), steps: 3 }))).toBe(
      "CHIP-STACK",
    );
    await expect(
      simulator.phase({ samples: 3, inputs: new Float64Array(27), steps: 3 }),
    ).rejects.toMatchObject({ code: "DYN-SHAPE" });
    await expect(
      evaluateChip(simulator, [batchOf(stack.circuit, 2, 1)], { freeSteps: 5 }),
    ).rejects.toMatchObject({ code: "CHIP-STACK" });
    expect(new Simulator(stackChips(chips.slice(0, 1)), simd, { dt: 10e-6 }).chip).toBe(chips[0]);
  });
});
