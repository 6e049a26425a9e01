/**
 * Numbers of phases, which key their noise: no two of a training are the same. A batch's phases begin at round * PHASES (those
 * of an estimator of many blocks at round * PHASES^2), with `round` the number of the batch since the start; tests and probes have
 * ranges of their own, so that a test never meets the noise of a batch, nor that of the test before.
 */

/** Most phases an estimator runs a batch. */
export const PHASES = 64;

/** Rounds from which those of probes count: beyond any training. */
const PROBES = 2 ** 40;
/** Phases from which those of tests count, and room for the batches of one. */
const TESTS = 2 ** 51;
const MOST_BATCHES = 2 ** 30;

/** The phase of the first batch of the test after an epoch; 0: of a chip by itself. */
export const testPhase = (epoch: number): number => TESTS + epoch * MOST_BATCHES;

/** The round of the probe after an epoch. */
export const probeRound = (epoch: number): number => PROBES + epoch;
