/**
 * Numbers of phases, which key their noise: no two of a training are the same. A batch's phases begin at
 * round * PHASES (those of an estimator of many blocks at round * PHASES^2), with `round` the number of the
 * batch since the start; tests and probes have ranges of their own, so that a test never meets the noise of a
 * batch, nor that of the test before. A batch that is estimated again, to tell how far its estimate may be
 * off (estimate-error.ts), draws anew, too.
 */

/** Most phases an estimator runs a batch. */
export const PHASES = 64;

/** Rounds from which those of probes count: beyond any training. */
const PROBES = 2 ** 40;
/**
 * Rounds from which those of repetitions count, beyond any training and before the probes; and repetitions of
 * one round at most.
 */
const REPETITIONS = 3 * 2 ** 38;
const MOST_AGAIN = 8;
/** Phases from which those of tests count, and room for the batches of one. */
const TESTS = 2 ** 51;
const MOST_BATCHES = 2 ** 30;

/**
 * Which estimate it is: of which batch, and which repetition of it, from 1; 0 is the one that is learned
 * from.
 */
export interface Take {
  readonly round: number;
  readonly again?: number;
}

/** The first phase of an estimate. @param room most phases that one of its kind runs */
export const firstPhase = ({ round, again = 0 }: Take, room = PHASES): number =>
  (again === 0 ? round : REPETITIONS + round * MOST_AGAIN + again) * room;

/** Batches between two of those that are looked at more closely, and the first of them. */
const LOOK_EVERY = 1000;
const FIRST_LOOKS = [0, 10, 30];
/** Batches, once so many of which went by, the epoch's last one is looked at, too. */
const LOOK_AFTER = 250;

/**
 * Whether a batch is looked at more closely: whether points that shortcuts lead to are stable, and how far
 * its estimate may be off. By its number alone, so that training goes the same way however often it is
 * stopped. A look takes as long as three to fifteen batches.
 */
export const looksAt = ({ round, again = 0 }: Take): boolean =>
  again === 0 && (round % LOOK_EVERY === 0 || FIRST_LOOKS.includes(round));

/**
 * Whether the last batch of an epoch is looked at, so that its report is not of long ago: that of the last
 * epoch always is.
 */
export const looksAtEnd = (
  epoch: number,
  { epochs, batches }: { readonly epochs: number; readonly batches: number },
): boolean =>
  epoch === epochs ||
  Math.floor((epoch * batches) / LOOK_AFTER) > Math.floor(((epoch - 1) * batches) / LOOK_AFTER);

/** How many of so many batches in a row are looked at, at most. */
export const mostLooks = (batches: number): number =>
  FIRST_LOOKS.length + Math.ceil(batches / LOOK_EVERY) + 1;

/** The phase of the first batch of the test after an epoch; 0: of a chip by itself. */
export const testPhase = (epoch: number): number => TESTS + epoch * MOST_BATCHES;

/** The phase after an epoch on which its time step is judged: beyond the batches of its test. */
export const stepPhase = (epoch: number): number => testPhase(epoch + 1) - 1;

/** The phase after an epoch in which saturated units are counted. */
export const saturationPhase = (epoch: number): number => stepPhase(epoch) - 1;

/** The phase after an epoch in which the symmetry of the Jacobian is told. */
export const symmetryPhase = (epoch: number): number => saturationPhase(epoch) - 1;

/** The round of the probe after an epoch. */
export const probeRound = (epoch: number): number => PROBES + epoch;
