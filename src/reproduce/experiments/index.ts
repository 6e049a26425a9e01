/** The experiments, in the order in which they are listed. Each is a file. */
import type { Experiment } from "../experiment";
import { ernoultTheorem } from "./ernoult-theorem";
import { ernoultTraining } from "./ernoult-training";
import { laborieuxAngles } from "./laborieux-angles";
import { laborieuxBias } from "./laborieux-bias";
import { laborieuxTable1 } from "./laborieux-table-1";
import { scellierMnist } from "./scellier-mnist";

export const EXPERIMENTS: ReadonlyMap<string, Experiment> = new Map(
  [ernoultTheorem, laborieuxBias, scellierMnist, ernoultTraining, laborieuxTable1, laborieuxAngles].map(
    (experiment): [string, Experiment] => [experiment.name, experiment],
  ),
);
