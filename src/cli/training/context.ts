/** What the parts of a training run share. */
import type { Chip } from "../../circuit/chip-types";
import type { Dataset } from "../../data/dataset";
import type { RunFolder } from "../../io/run-folder";
import type { TrainConfig } from "./config";

export interface RunContext {
  readonly config: TrainConfig;
  readonly chip: Chip;
  readonly data: { readonly train: Dataset; readonly test: Dataset };
  readonly folder: RunFolder;
  readonly command: string;
}
