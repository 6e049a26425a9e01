/**
 * The adaptive pair of Dormand and Prince, as solvers are listed. It chooses its steps on the host
 * (dormand-prince.ts in src/dynamics), so that its program is the field.
 */
import { field } from "./field";
import type { Solver } from "./solver";

export const dormandPrince: Solver = {
  ...field,
  name: "dormand-prince",
  stochastic: false,
  times: [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1],
  adaptive: true,
};
