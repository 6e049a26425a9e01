/** How a feedforward net stands beside its chip, after an epoch. */
import type { Chip } from "../../circuit/chip-types";
import type { Simulator } from "../../dynamics/simulator";
import { scoreOf } from "../score";
import type { FreeLengths } from "../estimators";
import { freeStepsOf } from "../lengths";
import type { Batch } from "../types";
import { shown, type Initializer } from "./initializer";
import { alignment } from "./losses";

/** What a forward pass alone comes to, and how far it is from where the chip settles. */
export interface ForwardReport {
  /** Fraction of the test set that the forward pass alone classifies right, 0…1 (Algorithm 2). */
  readonly accuracy: number;
  /**
   * Cosine between the local gradient of the weights to a population and the distant one, by population from
   * which something leads on; null where one of them is 0. On the first test samples.
   */
  readonly alignment: Readonly<Record<string, number | null>>;
  /** Root of the mean square by which units were missed, over that of what they showed, by population. */
  readonly missed: Readonly<Record<string, number>>;
}

/** Counts what a net alone gets right, batch by batch. */
export class ForwardAnswers {
  private correct = 0;
  private samples = 0;

  /** @param chip whose readout reads the answers, where it has one */
  constructor(
    private readonly initializer: Initializer,
    private readonly chip: Chip,
  ) {}

  add(begun: Batch): void {
    this.samples += begun.samples;
    this.correct += scoreOf(this.chip, this.initializer.answer(begun), begun) ?? 0;
  }

  get accuracy(): number {
    return this.correct / this.samples;
  }
}

/** Settles the chip on a batch that has begun, and holds the net against it. @param phase numbers its noise */
export async function heldAgainst(
  simulator: Simulator,
  initializer: Initializer,
  begun: Batch,
  free: FreeLengths,
  phase: number,
): Promise<Omit<ForwardReport, "accuracy">> {
  const { samples, inputs, start: from } = begun;
  const { tolerance, average } = free;
  const steps = freeStepsOf(simulator, free);
  const settled = await simulator.phase({
    samples,
    inputs,
    from,
    steps,
    tolerance,
    average,
    check: false,
    phase,
  });
  const [prediction, targets] = [initializer.predictionOf(begun), shown(settled)];
  return {
    alignment: alignment(initializer.net.chip, prediction, targets),
    missed: Object.fromEntries(
      Object.entries(targets).flatMap(([name, values]) => {
        const expected = prediction.activities[name];
        // States beside what a neuron shows are nobody's to expect.
        if (expected === undefined) return [];
        let [missed, size] = [0, 0];
        values.forEach((x, i) => {
          missed += (x - expected[i]) ** 2;
          size += x * x;
        });
        return [[name, size === 0 ? 0 : Math.sqrt(missed / size)]];
      }),
    ),
  };
}
