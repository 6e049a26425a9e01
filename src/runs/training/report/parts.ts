/** What the pages of a training are made of. */
import type { Chip } from "../../../circuit/chip-types";
import type { Run } from "../../../config";
import type { Estimator } from "../../../learning/estimators";
import type { RunAbout } from "../about";
import type { RunEnergy } from "../../ledger-record";
import type { Mistakes } from "../mistakes";

/** What a report is made of besides the epochs: all of it can be had from a run's folder. */
export interface ReportParts {
  readonly run: Run;
  readonly chip: Chip;
  /** Whether the chip's arrays are those of the end; else they are not shown. */
  readonly trained: boolean;
  readonly estimator: Estimator;
  readonly dt: number | undefined;
  readonly about: RunAbout;
  /** "running", "interrupted", "failed" or "done". */
  readonly outcome: string;
  /** Why it failed, where it did and says so. */
  readonly failure?: string;
  readonly mistakes: Mistakes | null;
  /** Null where the chip does not say, or the training has not come to its end. */
  readonly energy: RunEnergy | null;
}

export const percent = (fraction: number): string => `${(100 * fraction).toFixed(1)} %`;
