/** The solvers by name. A new one is a new file and a line here. */
import type { SolverName } from "../types";
import { balance } from "./balance";
import { dormandPrince } from "./dormand-prince";
import { euler } from "./euler";
import { exponentialEuler } from "./exponential-euler";
import { heun } from "./heun";
import { map } from "./map";
import { rk4 } from "./rk4";
import { sdirk3 } from "./sdirk3";
import { newtonTogether } from "./newton";
import type { Solver } from "./solver";

export const SOLVERS: Readonly<Record<SolverName, Solver>> = {
  euler,
  "exponential-euler": exponentialEuler,
  heun,
  rk4,
  "dormand-prince": dormandPrince,
  balance,
  newton: newtonTogether,
  sdirk3,
  map,
};
