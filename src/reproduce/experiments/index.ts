/** The experiments, in the order in which they are listed. Each is a file. */
import type { Experiment } from "../experiment";
import { ernoultTheorem } from "./ernoult-theorem";
import { laborieuxBias } from "./laborieux-bias";

export const EXPERIMENTS: ReadonlyMap<string, Experiment> = new Map(
  [ernoultTheorem, laborieuxBias].map((experiment): [string, Experiment] => [experiment.name, experiment]),
);
