/** The experiments, in the order in which they are listed. Each is a file. */
import type { Experiment } from "../experiment";
import { ernoultTheorem } from "./ernoult-theorem";
import { ernoultTraining } from "./ernoult-training";
import { laborieuxAngles } from "./laborieux-angles";
import { laborieuxBias } from "./laborieux-bias";
import { laborieuxCifar } from "./laborieux-cifar";
import { laborieuxHomeostasis, laborieuxLoop } from "./laborieux-homeostasis";
import { laborieuxTable1 } from "./laborieux-table-1";
import { oconnorLocalGlobal } from "./oconnor-local-global";
import { oconnorMnist } from "./oconnor-mnist";
import { scellierCnn } from "./scellier-cnn";
import { scellierMnist } from "./scellier-mnist";

export const EXPERIMENTS: ReadonlyMap<string, Experiment> = new Map(
  [
    ernoultTheorem,
    laborieuxBias,
    scellierMnist,
    ernoultTraining,
    laborieuxTable1,
    laborieuxAngles,
    laborieuxHomeostasis,
    laborieuxLoop,
    laborieuxCifar,
    scellierCnn,
    oconnorLocalGlobal,
    oconnorMnist,
  ].map((experiment): [string, Experiment] => [experiment.name, experiment]),
);
