/** Runs that are compared: what is read of each. */
import type { EpochReport } from "../../learning/train";
import type { RunRecord } from "./record";

/** A run as it stands beside others. */
export interface Compared {
  /** The folder's name; with its number where another has it. */
  readonly label: string;
  readonly record: RunRecord;
  readonly epochs: readonly EpochReport[];
  readonly config: object;
  /** Angles of its feedback before it learned anything. */
  readonly first: EpochReport["feedbackAngle"];
}

export const bestOf = (epochs: readonly EpochReport[]): EpochReport =>
  epochs.reduce((best, e) => (e.accuracy > best.accuracy ? e : best));

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Heads of the table of results. */
export const RESULTS = [
  "run",
  "outcome",
  "epochs",
  "best test",
  "at epoch",
  "last test",
  "training",
  "test cost",
  "seconds",
] as const;

/** A row of that table. */
export function resultOf({ label, record, epochs }: Compared): readonly string[] {
  const [best, last] = [bestOf(epochs), epochs[epochs.length - 1]];
  const seconds = epochs.reduce((sum, e) => sum + e.seconds.training + e.seconds.testing, 0);
  return [
    label,
    record.outcome,
    String(epochs.length),
    percent(best.accuracy),
    String(best.epoch),
    percent(last.accuracy),
    percent(last.trainAccuracy),
    last.cost.toPrecision(4),
    seconds.toFixed(1),
  ];
}
