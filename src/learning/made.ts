/**
 * What a training is made of, as options that take it: made by other functions, and known by what it can do.
 */
import { check } from "../options";

export const ESTIMATOR = check.made(
  "an estimator",
  "centred({ amplitude: 0.3, freeSteps: 40, nudgedSteps: 25 })",
  "estimate",
);
export const OPTIMIZER = check.made("an optimizer", "adam({ rate: 0.002 })", "step");
export const RULE = check.made("a rule", "vectorFieldRule", "update");
export const FORWARD = check.made(
  "a feedforward net",
  "forwardNet(chip, { optimizer: sgd({ rate: 0.05 }) })",
  "bench",
);
