/** A training run as plain data: what config.json holds, and how it becomes a chip, data, an estimator and an optimizer. */
import type { Dataset } from "../../data/dataset";
import type { Circuit } from "../../circuit/chip-types";
import type { Estimator } from "../../learning/estimators";
import type { Optimizer, Schedule } from "../../learning/optimizers";

export interface TrainConfig {
  readonly circuit: {
    readonly sizes: readonly number[];
    /** Relative, 0.05 for 5 %. */
    readonly mismatch: number;
    /** Degrees. */
    readonly angle: number;
    /** Kelvin. */
    readonly temperature: number;
    /** Seconds. */
    readonly retention: number;
    /** Relative. */
    readonly readNoise: number;
  };
  readonly data: { readonly folder: string | null; readonly imageSize: number; readonly train: number; readonly test: number };
  readonly estimator: {
    readonly kind: "one-sided" | "centred" | "random-sign" | "holomorphic" | "continuous" | "oscillating" | "lock-in";
    readonly amplitude: number;
    readonly points: number;
    /** Steps a period of an oscillating nudge, and periods averaged over. */
    readonly period: number;
    readonly periods: number;
    readonly freeSteps: number;
    readonly nudgedSteps: number;
    readonly average: number;
  };
  readonly optimizer: { readonly kind: "adam" | "sgd"; readonly rate: number; /** Of the feedback projections, relative to `rate`. */ readonly feedbackRate: number; readonly momentum: number; readonly weightDecay: number; readonly schedule: "constant" | "linear" | "cosine" };
  readonly epochs: number;
  readonly batch: number;
  /** Seconds. */
  readonly dt: number;
  readonly probe: number;
  readonly seed: number;
  readonly engine: string;
}

export async function makeCircuit({ circuit }: TrainConfig, sizes: readonly number[]): Promise<Circuit> {
  const { nonideal } = await import("../../../circuits");
  const { mismatch, angle, temperature, retention, readNoise } = circuit;
  return nonideal({ sizes, mismatch, angle, temperature: `${temperature} K`, retention: `${retention} s`, readNoise });
}

export async function makeData({ data, seed }: TrainConfig): Promise<{ train: Dataset; test: Dataset }> {
  if (data.folder !== null) {
    const { loadIdxFolder } = await import("../../io/dataset-files");
    return loadIdxFolder(data.folder, { ...(data.train > 0 && { train: data.train }), ...(data.test > 0 && { test: data.test }) });
  }
  const { strokeDigits } = await import("../../data/strokes");
  const digits = (split: "train" | "test", samples: number): Dataset => strokeDigits({ size: data.imageSize, samples, seed, split });
  return { train: digits("train", data.train), test: digits("test", data.test) };
}

export async function makeEstimator({ estimator }: TrainConfig): Promise<Estimator> {
  const { centred, continuousBlocks, holomorphic, oneSided, oscillating, randomSign } = await import("../../learning/estimators");
  const { kind, points, period, periods, amplitude, freeSteps, nudgedSteps, average } = estimator;
  const options = { amplitude, freeSteps, nudgedSteps, average };
  switch (kind) {
    case "one-sided":
      return oneSided(options);
    case "random-sign":
      return randomSign(options);
    case "centred":
      return centred(options);
    case "holomorphic":
      return holomorphic({ points, ...options });
    case "continuous":
      return continuousBlocks({ amplitude, points, stepsPerPoint: nudgedSteps });
    case "oscillating":
      return oscillating({ amplitude, period, periods, form: "complex" });
    case "lock-in":
      return oscillating({ amplitude, period, periods, form: "lock-in" });
  }
}

export async function makeOptimizer({ optimizer }: TrainConfig, circuit: Circuit): Promise<Optimizer> {
  const { adam, sgd } = await import("../../learning/optimizers");
  const { kind, momentum, weightDecay, feedbackRate } = optimizer;
  const rate = Object.fromEntries(circuit.projections.map((p) => [p.name, optimizer.rate * (p.spec.feedback === undefined ? 1 : feedbackRate)]));
  return kind === "adam" ? adam({ rate, weightDecay }) : sgd({ rate, momentum, weightDecay });
}

export async function makeSchedule({ optimizer }: TrainConfig): Promise<Schedule> {
  const { constantRate, cosineDecay, linearDecay } = await import("../../learning/optimizers");
  return { constant: constantRate, linear: linearDecay(), cosine: cosineDecay() }[optimizer.schedule];
}
