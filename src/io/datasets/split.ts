/** What every loader gives: two sets of one kind. */
import { type Dataset, take } from "../../data/dataset";

export interface Split {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** Takes only the first so many samples; all, where a number is missing. */
export interface Limits {
  readonly train?: number;
  readonly test?: number;
}

/** The first samples of both. */
export function limited({ train, test }: Split, limits: Limits): Split {
  return { train: take(train, limits.train ?? train.samples), test: take(test, limits.test ?? test.samples) };
}
