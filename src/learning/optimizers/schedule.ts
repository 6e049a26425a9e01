/** Learning-rate schedules: the factor on every rate as a function of how far the training is. */

import { check, expectValue } from "../../options";

/**
 * The factor on every learning rate, as a function of how far a training is.
 * @param progress share of all batches done, 0…1
 */
export type Schedule = (progress: number) => number;

/** The schedule that leaves rates as they are. */
export const constantRate: Schedule = () => 1;

/** From 1 down to `floor` along half a cosine (Loshchilov and Hutter 2017). */
export function cosineDecay(floor = 0.05): Schedule {
  expectValue("cosineDecay", "floor", floor, check.share);
  return (progress) => floor + ((1 - floor) * (1 + Math.cos(Math.PI * Math.min(1, progress)))) / 2;
}

/** From 1 down to `floor` along a line. */
export function linearDecay(floor = 0.05): Schedule {
  expectValue("linearDecay", "floor", floor, check.share);
  return (progress) => 1 - (1 - floor) * Math.min(1, progress);
}
