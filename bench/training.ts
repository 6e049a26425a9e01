/** Training by the protocol of a paper, through `train`, and the data that it learns. */
import {
  sgd,
  strokeDigits,
  train,
  type BatchProgress,
  type Chip,
  type Dataset,
  type Engine,
  type EpochReport,
  type Estimator,
  type Optimizer,
  type SimulatorOptions,
} from "../src/index";
import { loadIdxFolder } from "../src/io/datasets/idx";
import type { Model } from "./networks";

export interface TrainingSettings {
  readonly model: Model;
  readonly estimator: Estimator;
  readonly batch: number;
  readonly epochs: number;
  readonly seed: number;
  readonly order?: SimulatorOptions["order"];
  readonly acceleration?: SimulatorOptions["acceleration"];
  /** Free states that persist from epoch to epoch. */
  readonly persistent?: boolean;
}

export interface Digits {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** The sets of a folder, or generated digits of the same size. */
export function digits(
  folder: string | undefined,
  { train, test, seed }: { readonly train: number; readonly test: number; readonly seed: number },
): Digits {
  if (folder !== undefined) return loadIdxFolder(folder, { train, test });
  const set = (split: "train" | "test", samples: number): Dataset =>
    strokeDigits({ size: 28, samples, seed, split });
  return { train: set("train", train), test: set("test", test) };
}

/** Fabricates the chip and trains it; yields the chip with the report of each epoch. */
export async function* trainEpochs(
  engine: Engine,
  data: Digits,
  settings: TrainingSettings,
  onBatch?: (progress: BatchProgress) => void,
): AsyncGenerator<{ chip: Chip; report: EpochReport }, void, void> {
  const { model, estimator, batch, epochs, seed, order, acceleration, persistent } = settings;
  const chip = model.build().fabricate({ seed });
  const options = {
    ...model.options,
    estimator,
    rule: model.rule,
    optimizer: optimizerOf(model, chip),
    testBatch: 500,
    probe: 0,
    engine,
    batch,
    epochs,
    seed,
    order,
    acceleration,
    persistent,
    ...(onBatch && { onBatch }),
  };
  for await (const report of train(chip, data, options)) yield { chip, report };
}

/** Rates of the layers belong to the projections that lead forwards. */
export function optimizerOf({ rates, momentum }: Model, { circuit }: Chip): Optimizer {
  if (typeof rates === "number") return sgd({ rate: rates, momentum });
  const forward = circuit.projections.filter((p) => p.spec.feedback === undefined);
  return sgd({ rate: Object.fromEntries(forward.map((p, layer) => [p.name, rates[layer]])), momentum });
}
