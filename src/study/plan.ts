/**
 * From a study to its points and trials. A point's key is a canonical text of its values, a trial's that and
 * its chip; a trial's seed comes from its key and from nothing else, so that any subset can run anywhere, in
 * any order.
 */
import { OhmletError } from "../errors";
import { checkSeed, streamOf, uniform } from "../random";
import { checkAxis, endsOf, valueAt, valuesOf } from "./axis";
import { check, expectValue } from "../options";
import { sobolPoints } from "./low-discrepancy";
import { readStudy } from "./read";
import type { Axis, Job, KnobValue, Plan, Point, Study, Trial, Values } from "./types";

/** Most trials of a study. */
const MOST_TRIALS = 500_000;

/**
 * The points of a study: settings of its knobs, in the order of its sampling. A pure function of the study.
 * @throws OhmletError STUDY-AXIS, STUDY-SIZE, STUDY-DIMENSIONS
 */
export function planOf(study: Study): Plan {
  const { axes, sampling } = readStudy(study);
  for (const axis of axes) checkAxis(axis, sampling.kind === "grid");
  const size = designSize(study);
  if (size * study.chips > MOST_TRIALS) {
    throw new OhmletError({
      code: "STUDY-SIZE",
      fact: `this is ${size} points of ${study.chips} chips, more than ${MOST_TRIALS} trials`,
      place: { where: study.name },
      remedy: "vary less, or ask for fewer points or chips",
    });
  }
  const points: Point[] = [];
  const known = new Map<string, number>();
  const design = designOf(study).map((values) => {
    const key = pointKey(values);
    const found = known.get(key);
    if (found !== undefined) return found;
    known.set(key, points.length);
    points.push({ index: points.length, values, key });
    return points.length - 1;
  });
  return { points, design };
}

/** Entries of the design, without making it. */
function designSize({ axes, sampling }: Study): number {
  const product = (counts: readonly number[]): number => counts.reduce((a, b) => a * b, 1);
  switch (sampling.kind) {
    case "grid":
      return product(axes.map((axis) => valuesOf(axis).length));
    case "corners":
      return product(axes.map((axis) => new Set(endsOf(axis)).size));
    case "one-at-a-time":
      return 1 + axes.reduce((sum, axis) => sum + valuesOf(axis).length, 0);
    case "sensitivity":
      return sampling.points * (axes.length + 2);
    default:
      return sampling.points;
  }
}

function designOf({ axes, sampling, seed }: Study): Values[] {
  checkSeed(seed, "study, seed");
  const at = (shares: ArrayLike<number>): Values =>
    Object.fromEntries(axes.map((axis, i) => [axis.knob, valueAt(axis, shares[i])]));
  switch (sampling.kind) {
    case "grid":
      return combinations(axes, valuesOf);
    case "corners":
      return combinations(axes, (axis) => [...new Set(endsOf(axis))]);
    case "one-at-a-time":
      return [{}, ...axes.flatMap((axis) => valuesOf(axis).map((value) => ({ [axis.knob]: value })))];
    case "random": {
      const stream = streamOf("study point");
      return Array.from({ length: sampling.points }, (_, n) =>
        at(axes.map((__, d) => uniform(seed, stream, n, d))),
      );
    }
    case "sobol":
      return sobolPoints(sampling.points, axes.length, seed).map(at);
    case "sensitivity": {
      // Saltelli 2010: two points A and B, and A with one knob from B for each knob.
      const k = axes.length;
      return sobolPoints(sampling.points, 2 * k, seed).flatMap((row) => {
        const [a, b] = [row.subarray(0, k), row.subarray(k)];
        return [at(a), at(b), ...axes.map((_, i) => at(a.map((share, d) => (d === i ? b[d] : share))))];
      });
    }
  }
}

/** Every combination, the last axis fastest. */
function combinations(axes: readonly Axis[], valuesAt: (axis: Axis) => readonly KnobValue[]): Values[] {
  return axes.reduce<Values[]>(
    (all, axis) =>
      all.flatMap((values) => valuesAt(axis).map((value) => ({ ...values, [axis.knob]: value }))),
    [{}],
  );
}

/** JSON of the values, knobs in order of their names. */
function pointKey(values: Values): string {
  return JSON.stringify(Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1))));
}

const trialKey = (point: string, chip: number): string => `${point} chip ${chip}`;

/** A seed from a key: an unsigned 32-bit number (Philox on the key's hash). */
const seedOf = (study: number, key: string): number =>
  Math.floor(uniform(study, streamOf(key), 0, 0) * 2 ** 32);

/** All trials, point by point, chip by chip. */
export function trialsOf(study: Study, { points }: Plan): Trial[] {
  readStudy(study);
  checkSeed(study.seed, "study, seed");
  return points.flatMap((point) =>
    Array.from({ length: study.chips }, (_, c) => trialOf(study, point, c + 1)),
  );
}

function trialOf(
  { paired, seed }: Pick<Study, "paired" | "seed">,
  { index, values, key: pointName }: Point,
  chip: number,
): Trial {
  const key = trialKey(pointName, chip);
  return { key, point: index, values, chip, seed: seedOf(seed, paired ? trialKey("", chip) : key) };
}

/**
 * The trials of one shard of several: every n-th, so that each has its share of every point. @param shard
 * from 1
 */
export function shardOf(trials: readonly Trial[], shard: number, shards: number): Trial[] {
  expectValue("shardOf", "shards", shards, check.whole(1));
  expectValue("shardOf", "shard", shard, check.whole(1, shards));
  return trials.filter((_, i) => i % shards === shard - 1);
}

/** Jobs of at most so many chips of one point. The results do not depend on it. */
export function jobsOf(trials: readonly Trial[], most: number): Job[] {
  expectValue("jobsOf", "most", most, check.whole(1));
  const jobs: { id: string; trials: Trial[] }[] = [];
  for (const trial of trials) {
    const last = jobs.at(-1);
    if (last !== undefined && last.trials.length < most && last.trials[0].point === trial.point)
      last.trials.push(trial);
    else jobs.push({ id: trial.key, trials: [trial] });
  }
  return jobs;
}
