/** Labelled data as batches that a circuit understands: inputs as they are, labels as targets of its cost. */
import type { Circuit } from "../circuit/chip-types";
import type { Dataset } from "../data/dataset";
import { batches, BATCH_SIZES } from "../data/dataset";
import { OhmletError } from "../errors";
import type { Batch } from "./types";
import { optionsOf } from "../options";

export interface BatchOptions {
  readonly size: number;
  /** Order of the epoch; without it, the order of the data. */
  readonly shuffle?: { readonly seed: number; readonly epoch: number };
  /** Leaves out the first so many batches. */
  readonly skip?: number;
  /** Takes only the first so many samples. */
  readonly limit?: number;
}

const readOptions = optionsOf<BatchOptions>("labelledBatches", BATCH_SIZES);

/** @throws OhmletError DATA-SHAPE where the data do not fit the circuit */
export function* labelledBatches(
  circuit: Circuit,
  data: Dataset,
  options: BatchOptions,
): Generator<Batch, void, void> {
  readOptions(options);
  checkFit(circuit, data);
  const { low, high, width } = levelsOf(circuit);
  for (const { inputs, labels, samples, indices } of batches(data, options)) {
    const targets = new Float64Array(samples * width).fill(low);
    labels.forEach((label, s) => (targets[s * width + label] = high));
    yield { samples, inputs, targets, labels, indices };
  }
}

/** Target values for a wrong and for the right class, and how many there are a sample. */
function levelsOf({ spec: { cost }, output }: Circuit): { low: number; high: number; width: number } {
  if (cost.kind === "cross-entropy") return { low: 0, high: 1, width: cost.classes };
  const [low, high] = cost.levels ?? [0, 1];
  return { low, high, width: output.size };
}

/** @throws OhmletError DATA-SHAPE */
export function checkFit(circuit: Circuit, data: Dataset): void {
  const fail = (fact: string, remedy: string): never => {
    throw new OhmletError({
      code: "DATA-SHAPE",
      fact,
      place: { where: `${data.name} on ${circuit.name}` },
      remedy,
    });
  };
  if (data.features !== circuit.input.size) {
    fail(
      `samples have ${data.features} values, the input has ${circuit.input.size} units`,
      `make the input of the circuit ${data.features} units large`,
    );
  }
  const { width } = levelsOf(circuit);
  if (data.classes > width)
    fail(
      `there are ${data.classes} classes, the cost tells ${width} apart`,
      `make the output (or the readout) ${data.classes} wide`,
    );
}
