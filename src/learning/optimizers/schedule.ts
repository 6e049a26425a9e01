/** Learning-rate schedules: the factor on every rate as a function of how far the training is. */

/** @param progress share of all batches done, 0…1 */
export type Schedule = (progress: number) => number;

export const constantRate: Schedule = () => 1;

/** From 1 down to `floor` along half a cosine (Loshchilov and Hutter 2017). */
export const cosineDecay = (floor = 0.05): Schedule => (progress) => floor + ((1 - floor) * (1 + Math.cos(Math.PI * Math.min(1, progress)))) / 2;

/** From 1 down to `floor` along a line. */
export const linearDecay = (floor = 0.05): Schedule => (progress) => 1 - (1 - floor) * Math.min(1, progress);
