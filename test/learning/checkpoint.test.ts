/**
 * A training that is resumed goes on to the same numbers, to the bit; and one that is not the same is
 * refused.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered, nonideal } from "../../circuits";
import { ideal, prototypical } from "../../devices";
import {
  adam,
  centred,
  cosineDecay,
  randomSign,
  sgd,
  strokeDigits,
  train,
  type Checkpoint,
  type Chip,
  type EpochReport,
  type Optimizer,
  type TrainOptions,
} from "../../src/index";
import { LONG } from "../long";

const DATA = {
  train: strokeDigits({ samples: 70, seed: 1, split: "train" }),
  test: strokeDigits({ samples: 30, seed: 1, split: "test" }),
};
const LENGTHS = { freeSteps: 15, nudgedSteps: 10 };
const OPTIMIZERS: Record<string, () => Optimizer> = {
  adam: () => adam({ rate: 0.02, weightDecay: 0.01 }),
  momentum: () => sgd({ rate: 0.05, momentum: 0.9 }),
  sgd: () => sgd({ rate: 0.05 }),
};
const BASE = {
  estimator: centred({ amplitude: 0.3, ...LENGTHS }),
  epochs: 2,
  batch: 20,
  dt: 1e-5,
  seed: 3,
  probe: 4,
  schedule: cosineDecay(),
  engine: "simd",
} satisfies Omit<TrainOptions, "optimizer">;

interface Ran {
  readonly chip: Chip;
  readonly reports: EpochReport[];
  readonly checkpoints: Checkpoint[];
  readonly optimizer: Optimizer;
}

async function run(options: Partial<TrainOptions> & { optimizer: Optimizer }, readNoise = 0): Promise<Ran> {
  const chip = nonideal({ sizes: [64, 6, 10], temperature: "300 K", retention: "1 s", readNoise }).fabricate({
    seed: 2,
  });
  const [reports, checkpoints]: [EpochReport[], Checkpoint[]] = [[], []];
  for await (const report of train(chip, DATA, {
    ...BASE,
    onCheckpoint: (c) => void checkpoints.push(c),
    ...options,
  }))
    reports.push(report);
  return { chip, reports, checkpoints, optimizer: options.optimizer };
}

/** Everything that is not a time. */
const outcome = ({ chip, reports, optimizer }: Ran) => ({
  arrays: chip.arrays(),
  memory: optimizer.save(),
  reports: reports.map((report) => ({ ...report, seconds: null })),
});

async function expectEqualFromAnywhere(
  make: () => Optimizer,
  options: Partial<TrainOptions>,
  readNoise = 0,
): Promise<void> {
  const whole = await run({ ...options, optimizer: make(), onCheckpoint: undefined }, readNoise);
  const { checkpoints, ...kept } = await run(
    { ...options, optimizer: make(), checkpointEvery: 1 },
    readNoise,
  );
  expect(outcome({ ...kept, checkpoints })).toEqual(outcome(whole));
  expect(checkpoints.map(({ position: { epoch, batch } }) => [epoch, batch])).toEqual([
    [1, 1],
    [1, 2],
    [1, 3],
    [2, 0],
    [2, 1],
    [2, 2],
    [2, 3],
    [3, 0],
  ]);
  for (const resume of [checkpoints[1], checkpoints[3], checkpoints[6]]) {
    const resumed = await run({ ...options, optimizer: make(), resume }, readNoise);
    const before = whole.reports.slice(0, resume.position.epoch - 1);
    expect(outcome({ ...resumed, reports: [...before, ...resumed.reports] })).toEqual(outcome(whole));
  }
}

describe("a checkpoint", () => {
  it.each(
    // Momentum holds what Adam holds, and less.
    Object.keys(OPTIMIZERS).flatMap((name) =>
      name === "momentum" && !LONG ? [] : ["reference", "simd"].map((engine) => [name, engine] as const),
    ),
  )("resumes to the same bits: %s on %s, with noise, leakage and persistent states", async (name, engine) => {
    await expectEqualFromAnywhere(OPTIMIZERS[name], { engine, persistent: true });
  });

  it("is taken where rates are given by projection, and those that are tied to another have none", async () => {
    const chip = layered([64, 6, 10], {
      neuron: prototypical(),
      synapse: ideal(),
      initial: { distribution: "fan-in" },
      cost: { kind: "squared-error", argument: "state" },
    }).fabricate({ seed: 2 });
    const checkpoints: Checkpoint[] = [];
    const { dt: _, ...rest } = BASE;
    for await (const report of train(chip, DATA, {
      ...rest,
      optimizer: sgd({ rate: { "input-l1": 0.1, "l1-output": 0.05 } }),
      onCheckpoint: (c) => void checkpoints.push(c),
      epochs: 1,
    }))
      expect(report.epoch).toBe(1);
    expect(checkpoints).toHaveLength(1);
  });

  it("also where conductances differ from read to read and signs are drawn", async () => {
    await expectEqualFromAnywhere(
      OPTIMIZERS.adam,
      { estimator: randomSign({ amplitude: 0.3, ...LENGTHS }) },
      0.05,
    );
  });

  it.each(["reference", "simd"])("also with the kicks of homeostasis, on %s", async (engine) => {
    const homeostasis = { coefficient: 0.3, draws: 2, of: "state" } as const;
    await expectEqualFromAnywhere(OPTIMIZERS.momentum, { engine, homeostasis });
    const { reports } = await run({ engine, homeostasis, optimizer: OPTIMIZERS.sgd(), epochs: 1 });
    expect(reports[0].symmetry?.ratio).toBeGreaterThan(0.5);
  });

  it("is taken where a training is stopped, and loses nothing", async () => {
    const whole = await run({ optimizer: OPTIMIZERS.adam() });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 7 }), async (batches) => {
        const signal = { aborted: false };
        let seen = 0;
        const first = await run({
          optimizer: OPTIMIZERS.adam(),
          signal,
          onBatch: () => {
            signal.aborted = ++seen >= batches;
          },
        });
        const resume = first.checkpoints.at(-1);
        expect(resume?.position).toMatchObject({
          epoch: 1 + Math.floor(batches / 4),
          batch: batches % 4,
          done: false,
        });
        const second = await run({ optimizer: OPTIMIZERS.adam(), resume });
        expect(outcome({ ...second, reports: [...first.reports, ...second.reports] })).toEqual(
          outcome(whole),
        );
      }),
      { numRuns: 4 },
    );
  });

  it("of a training that is over gives nothing more to do", async () => {
    const { checkpoints, chip } = await run({ optimizer: OPTIMIZERS.sgd() });
    const again = await run({ optimizer: OPTIMIZERS.sgd(), resume: checkpoints.at(-1) });
    expect(again.reports).toEqual([]);
    expect(again.chip.arrays()).toEqual(chip.arrays());
  });

  it.each<[string, Partial<TrainOptions>]>([
    ["seed", { seed: 4 }],
    ["epochs", { epochs: 3 }],
    ["estimator", { estimator: centred({ amplitude: 0.31, ...LENGTHS }) }],
    ["optimizer", { optimizer: sgd({ rate: 0.06, momentum: 0.9 }) }],
    ["schedule", { schedule: cosineDecay(0.1) }],
    ["engine", { engine: "reference" }],
    ["patience", { patience: 3 }],
    ["homeostasis", { homeostasis: { coefficient: 0.1 } }],
  ])("is refused by a training with another %s, which is named", async (name, changed) => {
    const { checkpoints } = await run({ optimizer: OPTIMIZERS.momentum(), epochs: 1 });
    const { chip, ...rest } = {
      chip: nonideal({ sizes: [64, 6, 10] }).fabricate({ seed: 2 }),
      optimizer: OPTIMIZERS.momentum(),
      ...BASE,
      epochs: 1,
      ...changed,
    };
    await expect(
      train(chip, DATA, {
        ...rest,
        resume: { ...checkpoints[0], identity: { ...checkpoints[0].identity, circuit: "x" } },
      }).next(),
    ).rejects.toMatchObject({ code: "CHECKPOINT-OTHER", fact: expect.stringContaining(name) as string });
  });

  it("is refused for data with one pixel changed", async () => {
    const {
      checkpoints: [resume],
    } = await run({ optimizer: OPTIMIZERS.sgd() });
    const other = {
      ...DATA,
      train: {
        ...DATA.train,
        pixels: (i: number, out: Float64Array, at: number) => {
          DATA.train.pixels(i, out, at);
          if (i === 69) out[at + 5] += 1e-16 + out[at + 5] * 1e-15;
        },
      },
    };
    const steps = train(
      nonideal({ sizes: [64, 6, 10], temperature: "300 K", retention: "1 s" }).fabricate({ seed: 2 }),
      other,
      { ...BASE, optimizer: OPTIMIZERS.sgd(), resume },
    );
    await expect(steps.next()).rejects.toMatchObject({
      code: "CHECKPOINT-OTHER",
      fact: expect.stringContaining("training data") as string,
    });
  });

  it("with hostile arrays changes nothing", async () => {
    const { checkpoints } = await run({
      optimizer: OPTIMIZERS.momentum(),
      persistent: true,
      checkpointEvery: 1,
    });
    const [good] = checkpoints;
    const bad: [Partial<Checkpoint>, string][] = [
      [
        {
          arrays: {
            ...good.arrays,
            "optimizer/input-l1.weights.velocity": { shape: [3], values: Float64Array.of(1, 2, 3) },
          },
        },
        "CHECKPOINT-ARRAYS",
      ],
      [
        { arrays: { ...good.arrays, "optimizer/more": { shape: [1], values: Float64Array.of(1) } } },
        "CHECKPOINT-ARRAYS",
      ],
      [
        { arrays: { ...good.arrays, "states/l1": { shape: [1], values: Float64Array.of(1) } } },
        "CHECKPOINT-ARRAYS",
      ],
      [
        { arrays: { ...good.arrays, batches: { shape: [1], values: Float64Array.of(1) } } },
        "CHECKPOINT-ARRAYS",
      ],
      [
        { arrays: { ...good.arrays, "chip/input-l1.G_plus": { shape: [1], values: Float64Array.of(NaN) } } },
        "CHIP-LOAD",
      ],
      [{ position: { ...good.position, batch: 4 } }, "CHECKPOINT-POSITION"],
      [{ position: { ...good.position, epoch: 9 } }, "CHECKPOINT-POSITION"],
    ];
    for (const [change, code] of bad) {
      const chip = nonideal({ sizes: [64, 6, 10], temperature: "300 K", retention: "1 s" }).fabricate({
        seed: 2,
      });
      const [optimizer, before] = [OPTIMIZERS.momentum(), chip.arrays()];
      await expect(
        train(chip, DATA, { ...BASE, persistent: true, optimizer, resume: { ...good, ...change } }).next(),
      ).rejects.toMatchObject({ code });
      expect(chip.arrays()).toEqual(before);
      expect(optimizer.save()).toEqual({});
    }
  });
});
