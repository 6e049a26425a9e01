/**
 * Follows a leak that is not linear over a time: to a stated tolerance, or not at all. Each device has a step
 * of its own, chosen from the difference between one step and two halves. No step goes over a jump or a kink
 * of the leak unseen: it is shortened until the device stands before it. What is driven back from the other
 * side is held there; all else goes on.
 */
import type { Column } from "../equations/vectorize";

/**
 * What a device may be off by in a step, against the largest of its block; two halves are then nearer by far.
 */
const LEAK_TOLERANCE = 1e-8;
/** Most steps of a device. */
const MOST_LEAK_STEPS = 20_000;

/** By how much a step may grow or shrink at once. */
const MOST_GROWTH = 5;
/** A tolerance where all are 0. */
const LEAST = 1e-300;

type Over = (out: Float64Array, columns: readonly Column[]) => Float64Array;

/** A leak as loops over [what leaks, elapsed, other columns]. */
export interface LeakLoops {
  /** What is stored after `elapsed`, by one step. */
  readonly step: Over;
  readonly rate: Over;
  /** Which piece of the leak a value stands on; null where it is smooth. */
  readonly piece: Over | null;
}

/** Values after some seconds. @returns null where the leak cannot be followed */
export function follow(
  values: Float64Array,
  seconds: number,
  others: readonly Column[],
  loops: LeakLoops,
): Float64Array | null {
  const after = values.slice();
  const scale = values.reduce((largest, v) => Math.max(largest, Math.abs(v)), 0);
  let going = new Going(
    Int32Array.from(values.keys()),
    values.slice(),
    new Float64Array(values.length),
    new Float64Array(values.length).fill(seconds),
    new Uint8Array(values.length),
    others,
  );
  for (let round = 0; round < MOST_LEAK_STEPS; round++) {
    if (!advance(going, seconds, scale, loops)) return null;
    let left = 0;
    for (let k = 0; k < going.now.length; k++) if (going.done[k] < seconds) left++;
    // Few are left for long, where jumps are on the way: the rest is not computed with them.
    if (left > going.now.length / 2) continue;
    going.place.forEach((place, k) => (after[place] = going.now[k]));
    if (left === 0) return after;
    going = going.pick(Int32Array.from(going.now.keys()).filter((k) => going.done[k] < seconds));
  }
  return null;
}

/** Devices on their way, each with the time that it has done and the step that it takes next. */
class Going {
  constructor(
    readonly place: Int32Array,
    readonly now: Float64Array,
    readonly done: Float64Array,
    readonly step: Float64Array,
    /** 1 once a step has met a jump: until one has not, steps do not grow. */
    readonly wary: Uint8Array,
    readonly others: readonly Column[],
  ) {}

  pick(of: Int32Array): Going {
    const floats = (values: Float64Array): Float64Array => Float64Array.from(of, (k) => values[k]);
    return new Going(
      of.map((k) => this.place[k]),
      floats(this.now),
      floats(this.done),
      floats(this.step),
      Uint8Array.from(of, (k) => this.wary[k]),
      this.others.map((c) => (typeof c === "number" ? c : floats(c))),
    );
  }
}

/** One step of each, as far as it is good. @returns whether all can go on */
function advance(
  { now, done, step, wary, others }: Going,
  seconds: number,
  scale: number,
  { step: stepOver, rate, piece }: LeakLoops,
): boolean {
  const over = (loop: Over, at: Float64Array, elapsed: Column = 0): Float64Array =>
    loop(new Float64Array(at.length), [at, elapsed, ...others]);
  const [steps, half] = [new Float64Array(now.length), new Float64Array(now.length)];
  for (let k = 0; k < now.length; k++) half[k] = (steps[k] = Math.min(step[k], seconds - done[k])) / 2;
  const whole = over(stepOver, now, steps);
  const middle = over(stepOver, now, half);
  const end = over(stepOver, middle, half);
  const pieces = piece && [now, middle, end].map((at) => over(piece, at));
  let rates: Float64Array | null = null;
  const rateOf = (k: number): number => (rates ??= over(rate, now))[k];
  const meets = (k: number): boolean =>
    pieces !== null && (pieces[0][k] !== pieces[1][k] || pieces[0][k] !== pieces[2][k]) && steps[k] > 0;
  const ahead = pieces !== null && now.some((_, k) => meets(k)) ? lookAhead() : null;

  for (let k = 0; k < now.length; k++) {
    const h = steps[k];
    if (done[k] >= seconds) continue;
    if (ahead !== null && meets(k) && rateOf(k) !== 0) {
      if (ahead.there[k] === 1) {
        // Between two sides that drive it to each other it stays for good; 0 is what they mean by +-1e-12.
        const held = rateOf(k) * ahead.behind[k] < 0;
        now[k] = !held ? ahead.at[k] : Math.sign(now[k]) === Math.sign(ahead.at[k]) ? now[k] : 0;
        done[k] = held ? seconds : done[k] + ahead.elapsed[k];
      } else step[k] = h / 2;
      wary[k] = 1;
    } else {
      // The method is of second order: of the two, the halves are off by a third of what they differ by.
      const error = Math.abs(end[k] - whole[k]) / 3;
      const share = error === 0 ? 0 : error / (LEAK_TOLERANCE * Math.max(scale, Math.abs(end[k]), LEAST));
      // What rests stays, however steep the leak is beside it.
      if (Number.isNaN(share) && rateOf(k) === 0) done[k] = seconds;
      if (share <= 1) {
        now[k] = end[k] + (end[k] - whole[k]) / 3;
        done[k] += h;
      }
      if (done[k] >= seconds) continue;
      const factor =
        share === 0
          ? MOST_GROWTH
          : Number.isFinite(share)
            ? Math.min(MOST_GROWTH, Math.max(1 / MOST_GROWTH, 0.9 * share ** (-1 / 3)))
            : 1 / MOST_GROWTH;
      step[k] = h * (wary[k] === 1 ? Math.min(1, factor) : factor);
      if (share <= 1) wary[k] = 0;
    }
    if (done[k] < seconds && !(done[k] + step[k] > done[k])) return false;
  }
  return true;

  /** Whether a jump is nearer than a tolerance, and what drives a device before and behind it. */
  function lookAhead() {
    const elapsed = now.map((v, k) =>
      meets(k)
        ? Math.min(steps[k], (LEAK_TOLERANCE * Math.max(scale, Math.abs(v), LEAST)) / Math.abs(rateOf(k)))
        : 0,
    );
    const at = over(stepOver, now, elapsed);
    const found = over(piece as Over, at);
    return {
      elapsed,
      at,
      behind: over(rate, at),
      there: Uint8Array.from(found, (p, k) =>
        (pieces as Float64Array[])[0][k] !== p && Number.isFinite(at[k]) ? 1 : 0,
      ),
    };
  }
}
