/** What lies between a chip and its controller: reads, products, twins, and what helps against their faults. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { convolutional, layered, resistive } from "../../circuits";
import { crossbar, ideal, readout, sampleAndHold, shiftedSigmoid, softNeuron } from "../../devices";
import {
  centred,
  Controller,
  createEngine,
  defineCircuit,
  evaluateChip,
  forwardNet,
  gradientCosine,
  gradientCosines,
  holomorphic,
  oneSided,
  oscillating,
  readThrough,
  sgd,
  Simulator,
  stackChips,
  strokeDigits,
  train,
  vectorFieldRule,
  type Batch,
  type Checkpoint,
  type Chip,
  type Engine,
  type Estimate,
  type Estimator,
  type ReadoutOptions,
  type ReadoutSpec,
  type TrainOptions,
} from "../../src/index";
import { labelledBatches } from "../../src/learning/batches";
import { refusal } from "../refusal";

const LENGTHS = { amplitude: 0.3, freeSteps: 30, nudgedSteps: 20 };
const LENGTHS_FREE = { freeSteps: 30 };
const CORRELATE = (...of: Parameters<Engine["correlate"]>): Promise<Float64Array> => engine.correlate(...of);
const data = {
  train: strokeDigits({ samples: 90, seed: 1, split: "train" }),
  test: strokeDigits({ samples: 40, seed: 1, split: "test" }),
};
const sigmoids = (hidden = 8): Chip =>
  layered([64, hidden, 10], { neuron: shiftedSigmoid(), synapse: ideal() }).fabricate({ seed: 1 });
const batchOf = ({ circuit }: Chip, size: number): Batch =>
  labelledBatches(circuit, data.train, { size, limit: size })[Symbol.iterator]().next().value as Batch;

let engine: Engine;
beforeAll(async () => void (engine = await createEngine("simd")));
afterAll(() => engine.dispose());

const estimateOf = async (
  chip: Chip,
  estimator: Estimator,
  { round = 0, samples = 6 }: { readonly round?: number; readonly samples?: number } = {},
): Promise<Estimate> => {
  const simulator = new Simulator(chip, engine, {
    seed: 1,
    ...(chip.circuit.name.includes("soft") && { dt: "10 us" }),
  });
  const estimate = await estimator.estimate(simulator, batchOf(chip, samples), { round, seed: 1 });
  simulator.dispose();
  return estimate;
};
const through = (device: ReadoutSpec, options: Omit<ReadoutOptions, "device"> = {}): ReadoutOptions => ({
  device,
  ...options,
});
const distance = (a: Float64Array, b: Float64Array): number =>
  Math.sqrt(a.reduce((sum, v, k) => sum + (v - b[k]) ** 2, 0) / b.reduce((sum, v) => sum + v * v, 0));

describe("what is read", () => {
  it("is what estimates, the error vector and tests are made of; the chip goes on from where it is", async () => {
    const chip = sigmoids();
    const ideally = await estimateOf(chip, centred(LENGTHS));
    const read = await estimateOf(
      chip,
      readThrough(centred(LENGTHS), through(readout({ gain: 0.5, offset: 0.1 }))),
    );
    ideally.dState.l1.forEach((v, k) => expect(read.dState.l1[k]).toBeCloseTo(0.5 * v, 6));
    ideally.free.activities.l1.re.forEach((v, k) =>
      expect(read.free.activities.l1.re[k]).toBeCloseTo(0.1 + 0.5 * v, 12),
    );
    // Inputs are the controller's own.
    expect(read.free.activities.input).toEqual(ideally.free.activities.input);
    expect(read.unread).toEqual(ideally.free.states);
  });

  it("costs the error vector of early layers most where bits are few", async () => {
    const chip = sigmoids(32);
    const simulator = new Simulator(chip, engine);
    const cosine = async (bits: number): Promise<number> => {
      const read = readThrough(
        centred({ ...LENGTHS, amplitude: 0.1 }),
        through(readout({ bits, clip: [0, 1] })),
      );
      const found = await gradientCosine(simulator, read, vectorFieldRule, batchOf(chip, 20), 0, 1);
      return found.layers.l1 as number;
    };
    const [four, six, eight, ten] = [await cosine(4), await cosine(6), await cosine(8), await cosine(10)];
    simulator.dispose();
    expect(four).toBeLessThan(six);
    expect(six).toBeLessThan(eight - 0.005);
    expect(eight).toBeGreaterThan(0.98);
    expect(ten).toBeGreaterThan(0.995);
  });

  it("was driven by what a converter makes of the inputs, in tests too", async () => {
    const chip = sigmoids();
    const drive = readout({ bits: 2, clip: [0, 1] });
    const estimator = readThrough(centred(LENGTHS), { drive });
    const { free } = await estimateOf(chip, estimator);
    const codes = batchOf(chip, 6).inputs.map((x) => Math.min(3, Math.max(0, Math.floor(4 * x + 0.5))) / 4);
    expect(free.activities.input.re).toEqual(codes);
    const simulator = new Simulator(chip, engine);
    const batch = batchOf(chip, 6);
    const [driven, coded, plain] = [
      await evaluateChip(simulator, [batch], estimator.free),
      await evaluateChip(simulator, [{ ...batch, inputs: codes }], LENGTHS_FREE),
      await evaluateChip(simulator, [batch], LENGTHS_FREE),
    ];
    simulator.dispose();
    expect(driven.cost).toBe(coded.cost);
    expect(driven.cost).not.toBe(plain.cost);
  });

  it("that is held droops by the phases that follow", async () => {
    const chip = layered([64, 8, 10], { neuron: softNeuron(), synapse: crossbar() }).fabricate({ seed: 1 });
    const simulator = new Simulator(chip, engine, { dt: "10 us" });
    const batch = batchOf(chip, 4);
    const estimate = (estimator: Estimator): Promise<Estimate> =>
      estimator.estimate(simulator, batch, { round: 0, seed: 1 });
    const [plain, held] = [
      await estimate(centred(LENGTHS)),
      await estimate(readThrough(centred(LENGTHS), through(readout({ hold: { tau: "10 ms" } })))),
    ];
    // The free phase is held for two phases of 200 us, the first nudged one for one, the second not at all.
    plain.free.activities.l1.re.forEach((v, k) =>
      expect(held.free.activities.l1.re[k]).toBeCloseTo(v * Math.exp(-0.04), 10),
    );
    const twin = await estimate(
      readThrough(oneSided(LENGTHS), through(readout({ hold: { tau: "10 ms" } }), { twin: {} })),
    );
    expect(twin.free.activities.l1).toEqual(plain.free.activities.l1);
    simulator.dispose();
  });

  it("is in volts where the circuit is", async () => {
    const chip = resistive([4, 3, 2], {}).fabricate({ seed: 1 });
    const device = readout({ unit: "V", gain: 0.9, offset: "10 mV" });
    const simulator = new Simulator(chip, engine, { dt: "1 us" });
    const lengths = { amplitude: 0.01, freeSteps: 40, nudgedSteps: 40 };
    const estimator = readThrough(centred(lengths), through(device));
    estimator.reading?.expectReadable(chip.circuit, vectorFieldRule);
    const batch = {
      samples: 2,
      inputs: new Float64Array(8).fill(0.3),
      targets: new Float64Array(4).fill(0.1),
    };
    const { free, unread } = await estimator.estimate(simulator, batch, { round: 0, seed: 1 });
    simulator.dispose();
    free.states.l1.re.forEach((v, k) => expect(v).toBeCloseTo(0.01 + 0.9 * (unread?.l1.re[k] as number), 10));
    expect(free.activities.l1.re[0]).toBeCloseTo(free.states.l1.re[0], 6);
  });

  it("less its zero has no offset left", async () => {
    const chip = sigmoids();
    const offset = readout({ offset: { value: 0, sd: 0.1 } });
    const ideally = await estimateOf(chip, centred(LENGTHS));
    const [off, zeroed] = [
      await estimateOf(chip, readThrough(centred(LENGTHS), through(offset))),
      await estimateOf(chip, readThrough(centred(LENGTHS), through(offset, { zero: 1 }))),
    ];
    const of = ({ free }: Estimate): Float64Array => free.activities.l1.re;
    expect(distance(of(off), of(ideally))).toBeGreaterThan(0.1);
    expect(distance(of(zeroed), of(ideally))).toBeLessThan(1e-12);
  });

  it("of stacked chips is what each alone shows", async () => {
    const { circuit } = sigmoids();
    const chips = [3, 4].map((seed) => circuit.fabricate({ seed }));
    const device = readout({
      noise: 0.01,
      offset: { value: 0, sd: 0.05 },
      multiplier: { eps: { value: 0, sd: 0.1 }, b: 0.1 },
    });
    const estimator = readThrough(
      oneSided(LENGTHS),
      through(device, { twin: { mismatch: "1 %" }, drive: readout({ noise: 0.01 }) }),
    );
    const cosines = async (some: readonly Chip[], seeds: readonly number[]): Promise<(number | null)[]> => {
      const simulator = new Simulator(stackChips(some), engine, { seed: seeds });
      const found = await gradientCosines(
        simulator,
        estimator,
        vectorFieldRule,
        batchOf(chips[0], 6),
        0,
        seeds[0],
      );
      simulator.dispose();
      return found.map(({ layers }) => layers.l1);
    };
    expect(await cosines(chips, [3, 4])).toEqual([
      ...(await cosines([chips[0]], [3])),
      ...(await cosines([chips[1]], [4])),
    ]);
  });
});

describe("what is multiplied", () => {
  it("has the gain and the three offsets of each synapse, sample by sample", async () => {
    const chip = sigmoids();
    const device: ReadoutSpec = {
      kind: "readout",
      name: "multiplier",
      equations: "product = (1 + eps)*(x + x_os)*(y + y_os) + b\nx_os per row\ny_os per column\nb per array",
      parameters: Object.fromEntries(
        ["eps", "x_os", "y_os", "b"].map((name) => [name, { value: 0, sd: 0.1 }]),
      ),
    };
    const { free, dActivity, multiplier } = await estimateOf(
      chip,
      readThrough(centred(LENGTHS), through(device)),
    );
    const given = { free, dActivity, multiplier } as Estimate;
    const { "l1-output": found } = await vectorFieldRule.update(chip.circuit, given, CORRELATE, chip);
    const [x, y] = [free.activities.l1.re, dActivity.output];
    // Four corners tell the four numbers of a synapse.
    const at = async (a: number, b: number): Promise<Float64Array> => {
      const alone = {
        ...given,
        free: { ...free, activities: { ...free.activities, l1: { re: x.map(() => a) } } },
        dActivity: { ...dActivity, output: y.map(() => b) },
      };
      const update = await vectorFieldRule.update(chip.circuit, alone as Estimate, CORRELATE, chip);
      return update["l1-output"].weights;
    };
    const [none, byX, byY, both] = [await at(0, 0), await at(1, 0), await at(0, 1), await at(1, 1)];
    for (const [i, j] of [
      [0, 0],
      [3, 7],
      [7, 9],
    ]) {
      const k = i * 10 + j;
      const product = (u: number, v: number): number =>
        none[k] +
        (byX[k] - none[k]) * u +
        (byY[k] - none[k]) * v +
        (both[k] - byX[k] - byY[k] + none[k]) * u * v;
      let sum = 0;
      for (let s = 0; s < 6; s++) sum += product(x[s * 8 + i], y[s * 10 + j]) / 6;
      expect(found.weights[k]).toBeCloseTo(sum, 10);
    }
    // Of one row, one column, one array.
    const ofX = (k: number): number => (byX[k] - none[k]) / (both[k] - byX[k] - byY[k] + none[k]);
    const ofY = (k: number): number => (byY[k] - none[k]) / (both[k] - byX[k] - byY[k] + none[k]);
    expect(ofX(0)).toBeCloseTo(ofX(10), 10);
    expect(ofY(0)).toBeCloseTo(ofY(1), 10);
  });

  it("adds offsets of inputs in kernels, tied arrays and biases as if their ends showed more", async () => {
    const shift = 0.3;
    const device: ReadoutSpec = {
      kind: "readout",
      name: "offsets",
      equations: "product = (x + os)*(y + os)",
      parameters: { os: shift },
    };
    const parts = { neuron: shiftedSigmoid(), synapse: ideal() };
    const layers = [{ channels: 2, kernel: 3, padding: 1 }];
    for (const { circuit } of [
      convolutional({ ...parts, shape: [4, 4, 1], layers, outputs: 3 }),
      layered([16, 4, 3], parts),
    ].map((each) => each.fabricate({ seed: 1 }))) {
      const chip = circuit.fabricate({ seed: 2 });
      const simulator = new Simulator(chip, engine);
      const batch = { samples: 3, inputs: Float64Array.from({ length: 48 }, (_, k) => (k % 7) / 7) };
      const estimate = await readThrough(centred(LENGTHS), through(device)).estimate(
        simulator,
        { ...batch, targets: Float64Array.from({ length: 9 }, (_, k) => +(k % 4 === 0)) },
        { round: 0, seed: 1 },
      );
      simulator.dispose();
      const more = (of: object): object =>
        Object.fromEntries(
          Object.entries(of).map(([name, values]: [string, Float64Array | { re: Float64Array }]) => [
            name,
            "re" in values ? { re: values.re.map((v) => v + shift) } : values.map((v) => v + shift),
          ]),
        );
      const { multiplier: _, ...plain } = estimate;
      const shifted = {
        ...plain,
        free: { states: more(plain.free.states), activities: more(plain.free.activities) },
        dState: more(plain.dState),
        dActivity: more(plain.dActivity),
      } as unknown as Estimate;
      const read = await vectorFieldRule.update(circuit, estimate, CORRELATE, chip);
      const exact = await vectorFieldRule.update(circuit, shifted, CORRELATE, chip);
      for (const [name, { weights, biases }] of Object.entries(read)) {
        expect(distance(weights, exact[name].weights), name).toBeLessThan(1e-6);
        // What is always on shows 1, and so much more.
        if (biases && exact[name].biases)
          expect(
            distance(
              biases.map((b) => b / (1 + shift)),
              exact[name].biases,
            ),
            name,
          ).toBeLessThan(1e-6);
      }
    }
  });

  /** One weight towards 0: the cost is h w^2 / 2. */
  const single = (): Chip => {
    const neuron = { name: "line", kind: "neuron", equations: "u <- I + I_nudge\nrho = u" } as const;
    return defineCircuit({
      name: "one-weight",
      populations: [
        { name: "input", size: 1 },
        { name: "output", size: 1, neuron },
      ],
      projections: [
        { name: "w", from: "input", to: "output", synapse: ideal(), initial: { distribution: "zero" } },
      ],
      input: "input",
      output: "output",
      cost: { kind: "squared-error", argument: "state" },
    }).fabricate({ seed: 1 });
  };
  const restOf = async (options: ReadoutOptions, first: number): Promise<number[]> => {
    const chip = single();
    chip.setWeights("w", { weights: new Float64Array([first]), biases: null });
    const simulator = new Simulator(chip, engine);
    const amplitude = 0.1;
    const controller = new Controller(simulator, {
      estimator: readThrough(centred({ amplitude, freeSteps: 2, nudgedSteps: 20 }), options),
      rule: vectorFieldRule,
      optimizer: sgd({ rate: 0.1 }),
      seed: 1,
    });
    const weights: number[] = [];
    for (let k = 0; k < 60; k++) {
      await controller.learn({ samples: 2, inputs: new Float64Array([1, 1]), targets: new Float64Array(2) });
      weights.push(chip.weights("w").weights[0]);
    }
    controller.dispose();
    simulator.dispose();
    // Of that amplitude the curvature is 1/(1 - beta^2).
    return weights.slice(-2).map((w) => w / (1 - amplitude ** 2));
  };

  it("with a constant bias rests at b/(alpha h) (value 13), chopped about 0", async () => {
    // A product off by .01 is a change off by b = .001 a batch at the rate alpha = .1.
    const biased = readout({ multiplier: { b: 0.01 } });
    const [, rest] = await restOf(through(biased), 0.0099);
    expect(rest).toBeCloseTo(0.001 / (0.1 * 1), 6);
    const [before, after] = await restOf(through(biased, { chop: "batch" }), 0);
    // What is left alternates by b/2.
    expect(before + after).toBeCloseTo(0, 5);
    expect(Math.abs(after)).toBeCloseTo(0.0005 / 0.95, 4);
    const [, still] = await restOf(through(biased, { chop: "sample" }), 0);
    expect(still).toBeCloseTo(0, 10);
  });

  it("with noise spreads about it, by one draw a product", async () => {
    const chip = sigmoids();
    const noisy = readThrough(centred(LENGTHS), through(readout({ multiplier: { noise: 0.6 } })));
    const update = async (round: number, samples: number): Promise<Float64Array> => {
      const estimate = await estimateOf(chip, noisy, { round, samples });
      const read = await vectorFieldRule.update(chip.circuit, estimate, CORRELATE, chip);
      const { multiplier: _, ...plain } = estimate;
      const exact = await vectorFieldRule.update(chip.circuit, plain as Estimate, CORRELATE, chip);
      return read["input-l1"].weights.map((w, k) => w - exact["input-l1"].weights[k]);
    };
    const sd = (values: Float64Array): number =>
      Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
    const first = await update(0, 9);
    expect(sd(first)).toBeGreaterThan(0.18);
    expect(sd(first)).toBeLessThan(0.22);
    expect(await update(1, 9)).not.toEqual(first);
  });
});

describe("twins", () => {
  it("alike are one chip; unlike ones add their difference over the nudge, which changing places turns", async () => {
    const chip = sigmoids();
    const alone = await estimateOf(chip, oneSided(LENGTHS));
    const of = (twin: ReadoutOptions, round = 0): Promise<Estimate> =>
      estimateOf(chip, readThrough(oneSided(LENGTHS), twin), { round });
    const alike = await of({ twin: {} });
    expect(distance(alike.dState.l1, alone.dState.l1)).toBeLessThan(1e-4);
    const twin = { mismatch: "2 %" };
    const [first, second] = [await of({ twin, chop: "batch" }, 0), await of({ twin, chop: "batch" }, 1)];
    const off = distance(first.dState.l1, alone.dState.l1);
    expect(off).toBeGreaterThan(0.1);
    const mean = first.dState.l1.map((v, k) => (v + second.dState.l1[k]) / 2);
    expect(distance(mean, alone.dState.l1)).toBeLessThan(off / 3);
    // Twice the nudge, half of the difference.
    const strong = { ...LENGTHS, amplitude: 0.6 };
    const [wide, exact] = [
      await estimateOf(chip, readThrough(oneSided(strong), { twin })),
      await estimateOf(chip, oneSided(strong)),
    ];
    const error = (a: Estimate, b: Estimate): number =>
      Math.hypot(...a.dState.l1.map((v, k) => v - b.dState.l1[k]));
    expect(error(wide, exact) / error(first, alone)).toBeCloseTo(0.5, 1);
  });

  it("follow what is learned, and have readers of their own", async () => {
    const chip = sigmoids();
    const simulator = new Simulator(chip, engine, { seed: 1 });
    const batch = batchOf(chip, 4);
    const ask = (options: ReadoutOptions): Promise<Estimate> =>
      readThrough(oneSided(LENGTHS), options).estimate(simulator, batch, { round: 0, seed: 1 });
    await ask({ twin: {} });
    const { weights, biases } = chip.weights("input-l1");
    chip.program("input-l1", { weights: weights.map(() => 0.1), biases: biases && biases.map(() => 0) });
    const alone = await oneSided(LENGTHS).estimate(simulator, batch, { round: 0, seed: 1 });
    expect(distance((await ask({ twin: {} })).dState.l1, alone.dState.l1)).toBeLessThan(1e-4);
    const device = readout({ offset: { value: 0, sd: 0.01 } });
    expect(distance((await ask({ twin: {}, device })).dState.l1, alone.dState.l1)).toBeGreaterThan(0.1);
    expect(distance((await ask({ twin: {}, device, zero: 1 })).dState.l1, alone.dState.l1)).toBeLessThan(
      1e-4,
    );
    simulator.dispose();
  });
});

describe("a training that reads", () => {
  const everything: ReadoutOptions = through(
    readout({
      bits: 8,
      clip: [-0.2, 1.2],
      noise: 0.005,
      offset: { value: 0, sd: 0.01 },
      multiplier: { eps: { value: 0, sd: 0.05 }, b: { value: 0, sd: 0.001 }, noise: 0.01 },
    }),
    { twin: { mismatch: "0.5 %" }, zero: 4, chop: "batch" },
  );
  const optionsOf = ({
    read = everything,
    ...more
  }: Partial<TrainOptions> & { readonly read?: ReadoutOptions } = {}): TrainOptions => ({
    estimator: readThrough(oneSided(LENGTHS), read),
    optimizer: sgd({ rate: 0.1, momentum: 0.5 }),
    epochs: 2,
    batch: 20,
    seed: 1,
    probe: 10,
    engine,
    ...more,
  });

  it("learns on the host, says why, and goes on where it was to the last bit", async () => {
    const whole = sigmoids();
    let said = "";
    for await (const { learned } of train(whole, data, optionsOf()))
      said = `${learned.place}: ${learned.reason}`;
    expect(said).toBe("host: states are read through a readout");
    const [first, second] = [sigmoids(), sigmoids()];
    const signal = { aborted: false };
    let kept: Checkpoint | undefined;
    const stopped = optionsOf({
      signal,
      onBatch: ({ epoch, batch }) => void (signal.aborted = epoch === 1 && batch === 3),
      onCheckpoint: (checkpoint) => void (kept = checkpoint),
    });
    for await (const _ of train(first, data, stopped)) void _;
    for await (const _ of train(second, data, optionsOf({ resume: kept }))) void _;
    expect(second.weights("l1-output")).toEqual(whole.weights("l1-output"));
    const other = train(sigmoids(), data, optionsOf({ resume: kept, read: { ...everything, zero: 5 } }));
    await expect(other.next()).rejects.toMatchObject({ code: "CHECKPOINT-OTHER" });
  });

  it("programs samples one by one, each chopped by its place", async () => {
    const after = async (per: "batch" | "sample"): Promise<Float64Array> => {
      const chip = sigmoids();
      const read = through(readout({ multiplier: { b: 0.5 } }), { chop: "sample" });
      const options = {
        read,
        programming: { kind: "direct", per },
        optimizer: sgd({ rate: 0.1 }),
      } as const;
      for await (const _ of train(chip, data, optionsOf({ ...options, epochs: 1, probe: 0 }))) void _;
      return chip.weights("l1-output").weights;
    };
    const [batch, sample] = [await after("batch"), await after("sample")];
    expect(distance(sample, batch)).toBeLessThan(1e-6);
  });

  it("takes its time on the chip's clock", async () => {
    const chip = layered([64, 4, 10], { neuron: softNeuron(), synapse: crossbar() }).fabricate({ seed: 1 });
    const seconds = async (times: ReadoutOptions["times"]): Promise<number> => {
      const options = optionsOf({ dt: "10 us", epochs: 1, probe: 0, read: { times } });
      for await (const { chipSeconds } of train(chip, data, options)) return chipSeconds?.training ?? 0;
      return 0;
    };
    const longer = (await seconds({ load: "2 us", sample: "1 us", read: "10 us" })) - (await seconds({}));
    expect(longer).toBeCloseTo(90 * (2e-6 + 2 * 11e-6), 9);
  });
});

describe("what cannot be read", () => {
  it.each([
    [
      "a lock-in",
      () => readThrough(oscillating({ amplitude: 0.3, period: 40, periods: 2, form: "lock-in" }), {}),
      /phase by phase/,
    ],
    [
      "complex nudges on twins",
      () => readThrough(holomorphic({ ...LENGTHS, points: 4 }), { twin: {} }),
      /two chips/,
    ],
    ["a zero of ideal reads", () => readThrough(centred(LENGTHS), { zero: 1 }), /ideal/],
    ["nothing to chop", () => readThrough(centred(LENGTHS), { chop: "batch" }), /chop/],
    [
      "twins that change places by samples",
      () => readThrough(centred(LENGTHS), { twin: {}, chop: "sample" }),
      /batch/,
    ],
    ["a drive of volts", () => readThrough(centred(LENGTHS), { drive: sampleAndHold() }), /numbers/],
    ["twins of other signs", () => readThrough(centred(LENGTHS), { twin: { mismatch: 0.5 } }), /25 %/],
    ["a time before now", () => readThrough(centred(LENGTHS), { times: { read: "-1 us" } }), /cannot take/],
  ])("%s", (_, action, fact) => {
    const error = refusal(action);
    expect(error.code).toBe("LEARN-READOUT");
    expect(`${error.fact} ${error.remedy}`).toMatch(fact);
  });

  it("is in another unit, or held in another time", async () => {
    const volts = readThrough(centred(LENGTHS), through(readout({ unit: "V", offset: 0.01 })));
    const held = readThrough(centred(LENGTHS), through(readout({ hold: { tau: "1 ms" } })));
    const { circuit } = sigmoids();
    expect(refusal(() => volts.reading?.expectReadable(circuit, vectorFieldRule)).fact).toMatch(/reads in V/);
    expect(refusal(() => held.reading?.expectReadable(circuit, vectorFieldRule)).fact).toMatch(/time/);
    const chip = sigmoids();
    const initialized = forwardNet(chip, { optimizer: sgd({ rate: 0.1 }) });
    const twins = readThrough(oneSided(LENGTHS), { twin: {} });
    const beside = { estimator: twins, optimizer: sgd({ rate: 0.1 }), epochs: 1, engine, initialized };
    await expect(train(chip, data, beside).next()).rejects.toMatchObject({ code: "LEARN-READOUT" });
    await expect(
      train(sigmoids(), data, {
        estimator: volts,
        optimizer: sgd({ rate: 0.1 }),
        epochs: 1,
        engine,
      }).next(),
    ).rejects.toMatchObject({ code: "LEARN-READOUT" });
  });
});
