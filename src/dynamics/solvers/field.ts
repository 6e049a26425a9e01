/**
 * The field itself as a step: u becomes du/dt, without noise. For whoever chooses steps on the host or asks
 * how stiff a circuit is. And how each unit moves by itself: u becomes d(du/dt)/du.
 */
import { ownRate } from "./exponential-euler";
import type { Solver } from "./solver";

export const field: Solver = {
  name: "field",
  kind: "continuous",
  stochastic: true,
  times: [0],
  holdsMaps: true,
  step({ evaluate, assign }) {
    evaluate("u");
    assign("u", ({ rate }) => rate);
  },
};

export const ownRates: Solver = {
  ...field,
  name: "own rates",
  step({ evaluate, assign }) {
    evaluate("u");
    assign("u", ownRate);
  },
};
