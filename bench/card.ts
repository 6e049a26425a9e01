/**
 * What a graphics card is measured by: wide steps, real and complex, a Monte Carlo over small chips and an epoch.
 * Every figure is checked: a few of its rows, chips or batches against the reference engine.
 */
import {
  Controller,
  createEngine,
  labelledBatches,
  Simulator,
  type Circuit,
  type Complex,
  type Engine,
  type SimulatorOptions,
} from "../src/index";
import { nonideal } from "../circuits";
import { createGpuEngine } from "../src/engines/gpu";
import type { Backend } from "../src/engines/gpu/backends";
import { streamOf, uniform } from "../src/random";
import { DYNAMICS, estimatorOf, MODELS } from "./networks";
import { Stacking } from "./stacking";
import { rounded, spreadOf, timeEach } from "./timing";
import { digits, optimizerOf, trainEpochs } from "./training";

export interface CardRequest {
  readonly engine: string;
  /** Units of the two hidden layers of the steps. */
  readonly width: number;
  readonly batches: readonly number[];
  readonly steps: number;
  readonly chips: number;
  /** Samples of the epoch. */
  readonly train: number;
  readonly repeats: number;
  readonly data?: string;
  readonly seed: number;
}

/** What PyTorch is asked for, to be beside it. */
export type Peer = readonly string[];

export interface CardRow {
  readonly row: string;
  readonly ms: number;
  /** Largest difference from the reference, over the largest value. */
  readonly worst: number;
  readonly peer: Peer | null;
  readonly crossings: { readonly calls: number; readonly bytesUp: number; readonly bytesDown: number } | null;
}

/** What float32 carries after these steps. */
export const AGREES = 1e-4;

/** Rows of a phase that the reference repeats, and steps. */
const SAMPLE = { rows: 2, steps: 3 };

function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    difference = Math.max(difference, Math.abs(a[i] - b[i]));
    size = Math.max(size, Math.abs(b[i]));
  }
  return size === 0 ? difference : difference / size;
}

export async function* measureCard(request: CardRequest): AsyncGenerator<CardRow, void, void> {
  const engine = await createEngine(request.engine);
  const reference = await createEngine("reference");
  try {
    for (const name of ["prototypical", "holomorphic"] as const)
      for (const batch of request.batches) yield await step(engine, reference, name, batch, request);
    for (const draws of ["host", "kernel"] as const) yield* noisy(engine, reference, draws, request);
    yield await monteCarlo(request);
    if (request.train > 0) yield await epoch(engine, reference, request);
  } finally {
    engine.dispose();
    reference.dispose();
  }
}

/** Steps with noise of every unit, drawn by the host and uploaded or by kernels: which is quicker no other machine can tell. */
async function* noisy(
  engine: Engine,
  reference: Engine,
  draws: "host" | "kernel",
  { width, batches: [samples], steps, repeats, seed }: CardRequest,
): AsyncGenerator<CardRow, void, void> {
  const [family, backend] = engine.info.name.split(":");
  if (family !== "gpu") return;
  const drawing = await createGpuEngine(engine.info.name, backend as Backend, {}, { draws });
  const circuit = nonideal({ sizes: [784, width, width, 10] });
  const made = { build: () => circuit, options: { dt: 1e-6 } };
  try {
    const what = draws === "host" ? "of the host" : "of kernels";
    const row = `${steps} steps with noise ${what}, 784-${width}-${width}-10, batch ${samples}`;
    yield {
      ...(await timed(drawing, reference, made, { samples, width, steps, repeats, seed })),
      row,
      peer: null,
    };
  } finally {
    drawing.dispose();
  }
}

async function step(
  engine: Engine,
  reference: Engine,
  name: "prototypical" | "holomorphic",
  samples: number,
  { width, steps, repeats, seed }: CardRequest,
): Promise<CardRow> {
  const what = name === "prototypical" ? "relax" : "complex";
  return {
    ...(await timed(engine, reference, DYNAMICS[name], { samples, width, steps, repeats, seed })),
    row: `${steps} ${what === "complex" ? "complex " : ""}steps, 784-${width}-${width}-10, batch ${samples}`,
    peer: [what, ...asked({ width, batch: samples, steps, repeats })],
  };
}

/** A phase of so many steps and samples; a few of them again on the reference. */
async function timed(
  engine: Engine,
  reference: Engine,
  { build, options, nudge }: { build(sizes: number[]): Circuit; options: SimulatorOptions; nudge?: Complex },
  of: { samples: number; width: number; steps: number; repeats: number; seed: number },
): Promise<Pick<CardRow, "ms" | "worst" | "crossings">> {
  const { samples, width, steps, repeats, seed } = of;
  const circuit = build([784, width, width, 10]);
  const chip = circuit.fabricate({ seed });
  const ours = new Simulator(chip, engine, { ...options, seed });
  const theirs = new Simulator(chip, reference, { ...options, seed });
  const phase = phaseOf(circuit, nudge, seed);
  const [few, expected] = [
    await ours.phase({ ...phase(samples), steps: SAMPLE.steps }),
    await theirs.phase({ ...phase(SAMPLE.rows), steps: SAMPLE.steps }),
  ];
  const worst = Math.max(
    ...Object.entries(expected.states).map(([population, { re }]) =>
      apart(few.states[population].re.subarray(0, re.length), re),
    ),
  );
  await ours.phase({ ...phase(samples), steps });
  const before = engine.crossings;
  const { median } = spreadOf(await timeEach(repeats, () => ours.phase({ ...phase(samples), steps })));
  const crossings = crossedSince(before, engine.crossings, repeats);
  ours.dispose();
  theirs.dispose();
  return { ms: rounded(median / 1e3, 2), worst, crossings };
}

const asked = (of: Readonly<Record<string, number>>): string[] =>
  Object.entries(of).flatMap(([name, value]) => [`--${name}`, String(value)]);

/** Inputs are keyed by sample: few samples are the first of many. */
const phaseOf =
  (circuit: Circuit, nudge: Complex | undefined, seed: number) =>
  (samples: number): Omit<Parameters<Simulator["phase"]>[0], "steps"> => {
    const stream = streamOf("bench inputs");
    const inputs = Float64Array.from({ length: samples * circuit.inputSize }, (_, i) =>
      uniform(seed, stream, 0, i),
    );
    if (nudge === undefined) return { samples, inputs };
    const targets = new Float64Array(samples * 10);
    for (let s = 0; s < samples; s++) targets[s * 10 + (s % 10)] = 1;
    return { samples, inputs, targets, nudges: [nudge] };
  };

/** Stacked, on the engine; the first two chips again, alone, on the reference. */
async function monteCarlo({ engine, chips, steps, repeats, seed }: CardRequest): Promise<CardRow> {
  const of = {
    sizes: [64, 32, 10],
    batch: 4,
    steps,
    threads: 1,
    seed,
    oneNoise: false,
    worker: 0,
    workers: 1,
  };
  const ours = await Stacking.make({ ...of, chips, engine });
  const theirs = await Stacking.make({ ...of, chips: Math.min(2, chips), engine: "reference" });
  const [all, few] = [await ours.round("stacked", "again"), await theirs.round("single", "again")];
  const worst = Math.max(
    ...few.flatMap(({ states }, chip) =>
      Object.entries(states).map(([population, { re }]) => apart(all[chip].states[population].re, re)),
    ),
  );
  const { median } = spreadOf(await timeEach(repeats, () => ours.round("stacked", "again")));
  ours.dispose();
  theirs.dispose();
  return {
    row: `${chips} chips of 64-32-10 stacked, batch 4, ${steps} noisy steps`,
    ms: rounded(median / 1e3, 2),
    worst,
    peer: null,
    crossings: null,
  };
}

/** An epoch of p-2h; what is learned from its first samples again on the reference. */
async function epoch(
  engine: Engine,
  reference: Engine,
  { train, data, seed, repeats }: CardRequest,
): Promise<CardRow> {
  const model = MODELS["p-2h"];
  const estimator = estimatorOf("p-2h", "ep", {});
  const sets = digits(data, { train, test: Math.min(train, 500), seed });
  const learned = async (on: Engine): Promise<Float64Array> => {
    const chip = model.build().fabricate({ seed });
    const { rule } = model;
    const controller = new Controller(new Simulator(chip, on, { ...model.options, seed }), {
      estimator,
      rule: rule as NonNullable<typeof rule>,
      optimizer: optimizerOf(model, chip),
      seed,
    });
    const weights = (): Float64Array => chip.weights(chip.circuit.projections[0].name).weights;
    const before = weights();
    const [first] = labelledBatches(chip.circuit, sets.train, { size: 4 });
    await controller.learn(first);
    controller.dispose();
    return weights().map((w, i) => w - before[i]);
  };
  const worst = apart(await learned(engine), await learned(reference));
  const { batch } = model;
  const of = { model, estimator, batch, epochs: 1, seed };
  for await (const { report } of trainEpochs(engine, sets, of)) {
    const { crossings, seconds } = report;
    const { freeSteps, nudgedSteps } = estimator.settings as { freeSteps: number; nudgedSteps: number };
    return {
      row: `batch of p-2h, 784-512-512-10, of an epoch of ${train} samples`,
      ms: rounded((1e3 * seconds.training) / Math.ceil(train / batch), 2),
      worst,
      peer: ["train", ...asked({ width: 512, batch, steps: freeSteps, nudged: nudgedSteps, repeats })],
      crossings:
        crossings === undefined
          ? null
          : { calls: crossings.callsPerBatch, bytesUp: crossings.bytesUp, bytesDown: crossings.bytesDown },
    };
  }
  throw new Error("no epoch was trained");
}

function crossedSince(
  before: Engine["crossings"],
  after: Engine["crossings"],
  times: number,
): CardRow["crossings"] {
  if (before === undefined || after === undefined) return null;
  return {
    calls: (after.calls - before.calls) / times,
    bytesUp: (after.bytesUp - before.bytesUp) / times,
    bytesDown: (after.bytesDown - before.bytesDown) / times,
  };
}
