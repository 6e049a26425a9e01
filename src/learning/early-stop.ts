/**
 * When training is over before its last epoch: the accuracy that was wanted is there, or it no longer grows.
 */
import { OhmletError } from "../errors";

/** When a training ends before its last epoch. */
export interface EarlyStop {
  /** Stops after so many epochs in which the test accuracy did not grow. Default: never. */
  readonly patience?: number;
  /** By how much it has to grow to count, 0…1. Default 0: by anything. */
  readonly minDelta?: number;
  /** Stops once the test accuracy is at least this, 0…1. Default: never. */
  readonly target?: number;
}

/** The best epoch so far. */
export interface Best {
  readonly epoch: number;
  readonly accuracy: number;
}

/** Why training stopped early. */
export type StopReason = "patience" | "target";

/** @throws OhmletError LEARN-STOP for values out of range */
export function checkEarlyStop({ patience, minDelta = 0, target }: EarlyStop): void {
  const fail = (fact: string, remedy: string): never => {
    throw new OhmletError({ code: "LEARN-STOP", fact, place: { where: "early stop" }, remedy });
  };
  if (patience !== undefined && !(Number.isSafeInteger(patience) && patience >= 1))
    fail(`the patience is ${patience}`, "give a number of epochs, 1 or more");
  if (!(minDelta >= 0 && minDelta < 1)) fail(`minDelta is ${minDelta}`, "give a share from 0 to below 1");
  if (target !== undefined && !(target > 0 && target <= 1))
    fail(`the target accuracy is ${target}`, "give a share above 0, up to 1");
}

/** The best epoch after this one, and whether to stop. */
export function judge(
  { patience, minDelta = 0, target }: EarlyStop,
  before: Best | null,
  epoch: number,
  accuracy: number,
): { readonly best: Best; readonly stop: StopReason | null } {
  const best = before === null || accuracy > before.accuracy + minDelta ? { epoch, accuracy } : before;
  if (target !== undefined && accuracy >= target) return { best, stop: "target" };
  return { best, stop: patience !== undefined && epoch - best.epoch >= patience ? "patience" : null };
}
