/** How well a chip classifies: free phases only. */
import type { Simulator } from "../dynamics/simulator";
import type { PhaseLengths } from "./estimators";
import { costArgument, costs, predictions } from "./cost";
import { countCorrect } from "./controller";
import type { Batch } from "./types";

export interface Evaluation {
  readonly samples: number;
  /** Fraction of samples classified right, 0…1. */
  readonly accuracy: number;
  /** Mean cost. */
  readonly cost: number;
  /** Predicted class of every sample, in the order of the batches. */
  readonly predicted: Uint8Array;
}

/** Free phases over labelled batches. `phase` numbers the noise of the first; each batch takes the next. */
export async function evaluateChip(simulator: Simulator, batches: Iterable<Batch>, lengths: Pick<PhaseLengths, "freeSteps" | "tolerance" | "average">, phase = 0): Promise<Evaluation> {
  let [samples, correct, cost, number] = [0, 0, 0, phase];
  const predicted: number[] = [];
  for (const batch of batches) {
    const { freeSteps: steps, tolerance, average } = lengths;
    const free = await simulator.phase({ samples: batch.samples, inputs: batch.inputs, steps, tolerance, average, phase: number++ });
    const argument = costArgument(simulator.chip, free);
    const classes = predictions(simulator.chip, argument);
    samples += batch.samples;
    if (batch.labels !== undefined) correct += countCorrect(classes, batch.labels);
    cost += costs(simulator.chip, argument, batch.targets).reduce((sum, c) => sum + c, 0);
    predicted.push(...classes);
  }
  return { samples, accuracy: correct / samples, cost: cost / samples, predicted: Uint8Array.from(predicted) };
}
