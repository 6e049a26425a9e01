/** What the parts of a training run share. */
import type { Chip } from "../../circuit/chip-types";
import type { Run } from "../../config";
import type { Estimator } from "../../learning/estimators";
import type { RunFolder } from "../../io/run-folder";
import type { TrainingData } from "./data";

export interface RunContext {
  readonly run: Run;
  readonly chip: Chip;
  readonly data: TrainingData;
  readonly estimator: Estimator;
  /** SI, or dimensionless; nothing where the circuit needs none. */
  readonly dt: number | undefined;
  readonly folder: RunFolder;
  readonly command: string;
}
