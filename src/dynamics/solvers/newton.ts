/**
 * Newton's method for all units together: points of rest, without time. How its steps are made, by elimination, is in
 * lowering/emit-newton.ts, which only phases that need it load.
 */
import { balance } from "./balance";
import type { Solver } from "./solver";

export const newtonTogether: Solver = {
  name: "newton",
  kind: "continuous",
  stochastic: false,
  times: [0],
  sweeps: true,
  solves: true,
  /** A sweep, where a plan is only looked at. */
  step: balance.step,
};
