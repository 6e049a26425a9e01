/**
 * States that jump between 0 and 1 at `step`: the chance of each jump, and from it the rate at which such a
 * state forgets, found from the text. The chance is exact: a uniform draw below a threshold.
 */
import {
  children,
  multiply,
  number,
  rebuild,
  subtract,
  add,
  symbolsOf,
  clip,
  where,
  type Expression,
} from "../equations/expression";

/** Evaluates an expression of dt for each copy, with the state at a value. */
type At = (e: Expression, dt: number, value: number) => Float64Array;

/** Smallest and largest share of what it was that a step may leave, for its rate to be told. */
const [LEAST, MOST] = [0.05, 0.9];
const MOST_TRIES = 400;
/** How exactly two steps must be as one of twice the length. */
const CLOSE = 1e-6;

/**
 * What a state of two values does in time, a value a copy; null where it is not one, or where two steps are
 * not as one of twice the length.
 */
export function jumpOf(
  next: Expression,
  at: At,
): { readonly variance: Float64Array; readonly rate: Float64Array } | null {
  const mean = expected(next);
  if (mean === null) return null;
  const [low, high] = [0, 1].map((value) => (dt: number) => at(mean, dt, value));
  const copies = low(1).length;
  const rate = new Float64Array(copies);
  const variance = new Float64Array(copies);
  for (let k = 0; k < copies; k++) {
    const left = (dt: number): number => high(dt)[k] - low(dt)[k];
    let dt = 1;
    for (let tries = 0; tries < MOST_TRIES && !(left(dt) >= LEAST && left(dt) <= MOST); tries++)
      dt *= left(dt) > MOST ? 2 : 0.5;
    const share = left(dt);
    if (!(share >= LEAST && share <= MOST) || Math.abs(left(2 * dt) - share * share) > CLOSE) return null;
    const full = low(dt)[k] / (1 - share);
    if (!(full >= 0 && full <= 1)) return null;
    rate[k] = -Math.log(share) / dt;
    variance[k] = full * (1 - full);
  }
  return { variance, rate };
}

const isUniform = (e: Expression): boolean => e.kind === "symbol" && /^eta(_|$)/.test(e.name);
const draws = (e: Expression): boolean => [...symbolsOf(e)].some((name) => /^(xi|eta)(_|$)/.test(name));

/** The mean over uniform draws, each of which is compared with a threshold; null where they do more. */
function expected(e: Expression): Expression | null {
  if (!draws(e)) return e;
  if (e.kind === "where") {
    const [then, otherwise] = [expected(e.then), expected(e.otherwise)];
    if (then === null || otherwise === null) return null;
    const { left, right, comparison } = e.test;
    if (!draws(left) && !draws(right)) return where(e.test, then, otherwise);
    const [draw, threshold] = isUniform(left) ? [left, right] : [right, left];
    if (!isUniform(draw) || draws(threshold)) return null;
    // One draw decides once: what follows from it may not look at it again.
    const name = draw.kind === "symbol" ? draw.name : "";
    if (symbolsOf(e.then).has(name) || symbolsOf(e.otherwise).has(name)) return null;
    const below = clip(threshold, number(0), number(1));
    const small = (draw === left) === comparison.startsWith("<");
    const chance = small ? below : subtract(number(1), below);
    return add(multiply(chance, then), multiply(subtract(number(1), chance), otherwise));
  }
  if (e.kind === "negate" || (e.kind === "binary" && (e.op === "add" || e.op === "subtract"))) {
    const parts = children(e).map(expected);
    return parts.some((part) => part === null) ? null : rebuild(e, parts as Expression[]);
  }
  return null;
}
