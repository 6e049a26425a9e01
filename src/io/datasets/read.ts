/** What the loaders of all formats take. */
import type { LabelName } from "../../data/csv";
import type { Limits } from "../../data/split";

export interface ReadOptions extends Limits {
  /** The column of the label, for formats with columns. */
  readonly label?: LabelName;
  /** Columns of numbers that are asked for, for formats with columns. */
  readonly targets?: readonly LabelName[];
  /** What means 1, for formats in which it is found otherwise. */
  readonly scale?: number;
}

/** What is said to a set of one class. */
export const TWO_CLASSES = "give samples of two classes or more";
