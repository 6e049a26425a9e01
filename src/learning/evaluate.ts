/** How well chips classify: free phases only. */
import { phaseByChip } from "../dynamics/by-chip";
import type { Simulator } from "../dynamics/simulator";
import type { PhaseLengths } from "./estimators";
import { secondsOf } from "./clock";
import { testPhase } from "./phases";
import { expectBounded } from "./diverged";
import { costArgument, costs, predictions } from "./cost";
import { countCorrect } from "./controller";
import { forEveryChip } from "./stacked";
import type { Batch } from "./types";
import { check, optionsOf } from "../options";

export interface Evaluation {
  readonly samples: number;
  /** Fraction of samples classified right, 0…1. */
  readonly accuracy: number;
  /** Mean cost. */
  readonly cost: number;
  /** Steps that the samples took, all together, and how long that is on the chip: null where time has no unit. Testing does not age a chip by itself. */
  readonly rowSteps: number;
  readonly chipSeconds: number | null;
  /** Predicted class of every sample, in the order of the batches. */
  readonly predicted: Uint8Array;
}

/** Free phases over labelled batches. @throws OhmletError DYN-DIVERGED where one diverges. `phase` numbers the noise of the first (see phases.ts); each batch takes the next. */
export async function evaluateChip(simulator: Simulator, batches: Iterable<Batch>, lengths: FreeLengths, phase = testPhase(0)): Promise<Evaluation> {
  const at = simulator.chips.indexOf(simulator.chip);
  return (await evaluateChips(simulator, batches, lengths, phase))[at];
}

type FreeLengths = Pick<PhaseLengths, "freeSteps" | "tolerance" | "average">;

const readLengths = optionsOf<FreeLengths>("evaluateChip", { needs: { freeSteps: check.whole(1) }, takes: { tolerance: check.positive, average: check.whole() } });

/**
 * The same for every chip of a stack, each batch in one launch.
 * @param batches of one chip: every chip gets them
 */
export async function evaluateChips(simulator: Simulator, batches: Iterable<Batch>, lengths: FreeLengths, phase = testPhase(0)): Promise<Evaluation[]> {
  const { freeSteps: steps, tolerance, average } = readLengths(lengths);
  const { chips } = simulator;
  const sums = chips.map(() => ({ correct: 0, cost: 0, rowSteps: 0, predicted: [] as number[] }));
  let number = phase;
  for (const batch of batches) {
    const { samples, inputs } = forEveryChip(batch, chips.length);
    const free = phaseByChip(await simulator.phase({ samples, inputs, steps, tolerance, average, check: false, phase: number++ }));
    expectBounded(free.map(({ outcome }) => outcome), simulator.circuit.name, "in a test");
    chips.forEach((chip, c) => {
      const argument = costArgument(chip, free[c]);
      const classes = predictions(chip, argument);
      if (batch.labels !== undefined) sums[c].correct += countCorrect(classes, batch.labels);
      sums[c].cost += costs(chip, argument, batch.targets).reduce((sum, one) => sum + one, 0);
      sums[c].predicted.push(...classes);
      sums[c].rowSteps += free[c].outcome.rowSteps;
    });
  }
  return sums.map(({ correct, cost, rowSteps, predicted }) => ({ samples: predicted.length, accuracy: correct / predicted.length, cost: cost / predicted.length, rowSteps, chipSeconds: secondsOf(simulator, [{ rowSteps }]), predicted: Uint8Array.from(predicted) }));
}
