/** How well chips classify: free phases only. */
import { percent, printsItself, short, type Describe } from "../display";
import { phaseByChip } from "../dynamics/phases/by-chip";
import type { Simulator } from "../dynamics/simulator";
import type { Outcome, OutcomeKind } from "../dynamics/types";
import type { FreePhase } from "./estimators";
import { checkLengths, FREE_LENGTH, freeStepsOf } from "./lengths";
import { secondsOf } from "./clock";
import { testPhase } from "./phases";
import { expectBounded } from "./diverged";
import { chargesWeights, costArgument, costOfWeights, costs, predictions } from "./cost";
import { scoreOf } from "./score";
import { forEveryChip } from "./stacked";
import type { Batch } from "./types";
import { check, optionsOf } from "../options";

/** How well a chip classified a set, and how its phases ended. */
export interface Evaluation {
  readonly samples: number;
  /**
   * Fraction of samples classified right, 0…1; of samples that ask for numbers, the share of their variance that
   * answers explain, at most 1. A sample whose states ran away is not right, and explains nothing.
   */
  readonly accuracy: number;
  /** Mean cost of the samples whose states did not run away; NaN where all did. */
  readonly cost: number;
  /** How the phases of the samples ended. */
  readonly ends: PhaseEnds;
  /**
   * Steps that the samples took, all together, and how long that is on the chip: null where time has no unit.
   * Testing does not age a chip by itself.
   */
  readonly rowSteps: number;
  readonly chipSeconds: number | null;
  /** Predicted class of every sample, in the order of the batches. */
  readonly predicted: Uint8Array;
}

/** How many samples ended so, and the largest residual of those that did not diverge (see Outcome). */
export type PhaseEnds = Readonly<Record<OutcomeKind, number>> & { readonly residual: number };

/** "198 settled, 2 timed out; residual at most 1e-5". */
export function endsInWords({ residual, ...kinds }: PhaseEnds): string {
  const told = Object.entries(kinds).filter(([, samples]) => samples > 0);
  const words = told.map(([kind, samples]) => `${samples} ${kind === "timedOut" ? "timed out" : kind}`);
  return `${words.join(", ")}; residual at most ${short(residual)}`;
}

const describeEvaluation: Describe<Evaluation> = ({ samples, accuracy, cost, ends, chipSeconds }) => [
  `${percent(accuracy)} of ${samples} samples right, cost ${short(cost)}`,
  `  phases: ${endsInWords(ends)}`,
  ...(chipSeconds === null ? [] : [`  on the chip: ${short(chipSeconds)} s`]),
];
const asEvaluation = printsItself(describeEvaluation);

/**
 * Free phases over labelled batches, from the states that a batch says, else from zeros. A sample that diverged
 * counts as wrong, and has no cost.
 * @param phase numbers the noise of the first (see phases.ts); each batch takes the next
 * @throws OhmletError DYN-DIVERGED where all samples diverged
 */
export async function evaluateChip(
  simulator: Simulator,
  batches: Iterable<Batch> | AsyncIterable<Batch>,
  lengths: FreePhase,
  phase = testPhase(0),
): Promise<Evaluation> {
  const at = simulator.chips.indexOf(simulator.chip);
  return (await evaluateChips(simulator, batches, lengths, phase))[at];
}

const readLengths = optionsOf<FreePhase>("evaluateChip", {
  takes: { ...FREE_LENGTH, tolerance: check.positive, average: check.whole(), reading: check.anything },
});

/**
 * The same for every chip of a stack, each batch in one launch.
 * @param batches of one chip: every chip gets them
 */
export async function evaluateChips(
  simulator: Simulator,
  batches: Iterable<Batch> | AsyncIterable<Batch>,
  lengths: FreePhase,
  phase = testPhase(0),
): Promise<Evaluation[]> {
  const { tolerance, average, reading } = readLengths(lengths);
  checkLengths("evaluateChip", lengths, ["free"]);
  const steps = freeStepsOf(simulator, lengths);
  const { chips } = simulator;
  const sums = chips.map(() => ({
    correct: 0,
    cost: 0,
    rowSteps: 0,
    predicted: [] as number[],
    outcome: undefined as Outcome | undefined,
    ends: { settled: 0, fixed: 0, timedOut: 0, unstable: 0, diverged: 0, residual: 0 },
  }));
  // Whether points are stable takes as long as some batches: the first test of a chip looks, in its first
  // batch.
  const look = phase <= testPhase(1);
  const lasting = chips.map(() => reading?.lasting.begin(`test ${phase}`) ?? null);
  let number = phase;
  for await (const batch of batches) {
    const { samples, inputs, start } = forEveryChip(batch, chips.length);
    const free = phaseByChip(
      await simulator.phase({
        samples,
        inputs: reading?.inputs(simulator, inputs, number) ?? inputs,
        from: start,
        steps,
        tolerance,
        average,
        check: look && number === phase,
        phase: number++,
      }),
    );
    const each = samples / chips.length;
    const seen = free.map((shown, c) => {
      const own = lasting[c];
      const duration = (shown.outcome.rowSteps / each) * simulator.dt;
      const lasted =
        own && reading?.lasting.inTest(simulator, c, own, { samples: each, duration, phase: number - 1 });
      return reading?.readOf(simulator, c, shown, number - 1, lasted ?? undefined) ?? shown;
    });
    chips.forEach((chip, c) => {
      const sum = sums[c];
      const { outcome, ends } = free[c];
      const argument = costArgument(chip, seen[c]);
      const classes = predictions(chip, argument);
      sum.correct += scoreOf(chip, argument, batch, (s) => ends[s] !== "diverged") ?? 0;
      costs(chip, argument, batch.targets).forEach(
        (one, s) => (sum.cost += ends[s] === "diverged" ? 0 : one),
      );
      for (const end of ends) sum.ends[end]++;
      sum.outcome ??= outcome;
      if (outcome.kind !== "diverged") sum.ends.residual = Math.max(sum.ends.residual, outcome.residual);
      sum.predicted.push(...classes);
      sum.rowSteps += outcome.rowSteps;
    });
  }
  expectBounded(
    sums.flatMap(({ ends, predicted, outcome }) =>
      outcome !== undefined && ends.diverged === predicted.length ? [outcome] : [],
    ),
    simulator.circuit.name,
    "in a test",
  );
  const ofWeights = chips.map((chip) => (chargesWeights(chip.circuit) ? costOfWeights(chip) : 0));
  return sums.map(({ correct, cost, rowSteps, predicted, ends }, c) =>
    asEvaluation({
      samples: predicted.length,
      accuracy: correct / predicted.length,
      cost: cost / (predicted.length - ends.diverged) + ofWeights[c],
      ends,
      rowSteps,
      chipSeconds: secondsOf(simulator, [{ rowSteps }]),
      predicted: Uint8Array.from(predicted),
    }),
  );
}
