/**
 * How what devices store leaks over a time. A leak that is linear in what leaks is solved exactly, in one step. Any other is
 * followed by steps of an exponential Rosenbrock method, exact for the linear part, with the step chosen from the difference
 * between one step and two halves: however long the time, to a stated tolerance, or not at all.
 */
import type { Synapse } from "../device/types";
import { differentiate } from "../equations/differentiate";
import { evaluate } from "../equations/evaluate";
import { add, call, divide, multiply, number, subtract, symbol, symbolsOf, where, type Expression } from "../equations/expression";
import { nominalValues } from "../device/conditions";
import type { Circuit } from "./chip-types";

/** The part of a step that a device may be off by, against the largest of its block; two halves are then nearer by far. */
export const LEAK_TOLERANCE = 1e-8;
/** Most steps of a block of devices. */
export const MOST_LEAK_STEPS = 20_000;

/** Below this the series takes over from (e^x - 1)/x, which loses digits there. */
const NEAR_ZERO = 0.5;
const TERMS = 14;

/** Symbols: what leaks, by its name, its parameters, constants, and `elapsed`. Exact where `isLinearLeak`. */
export function leakStep(name: string, leak: Expression): Expression {
  const x = multiply(differentiate(leak, name), symbol("elapsed"));
  return add(symbol(name), multiply(multiply(symbol("elapsed"), leak), growth(x)));
}

/** Whether its rate does not depend on what is stored: then its step is exact, however long. */
export function isLinearLeak(name: string, leak: Expression): boolean {
  return !symbolsOf(differentiate(leak, name)).has(name);
}

/** (e^x - 1)/x, 1 at 0. */
function growth(x: Expression): Expression {
  if (x.kind === "number" && x.value === 0) return number(1);
  let series: Expression = number(1);
  for (let n = TERMS; n > 1; n--) series = add(number(1), multiply(divide(x, number(n)), series));
  return where({ comparison: "<", left: call("abs", x), right: number(NEAR_ZERO) }, series, divide(subtract(call("exp", x), number(1)), x));
}

/**
 * Values after a time, in steps that a tolerance allows.
 * @param after one step of so many seconds from given values
 * @returns null where the leak cannot be followed
 */
export function follow(values: Float64Array, seconds: number, after: (start: Float64Array, elapsed: number) => Float64Array): Float64Array | null {
  const now = values.slice();
  let [done, step] = [0, seconds];
  const scale = now.reduce((largest, v) => Math.max(largest, Math.abs(v)), 0);
  for (let taken = 0; taken < MOST_LEAK_STEPS; taken++) {
    step = Math.min(step, seconds - done);
    const whole = after(now, step);
    const halves = after(after(now, step / 2), step / 2);
    // The method is of second order: of the two, the halves are off by a third of what they differ by.
    let error = 0;
    for (let k = 0; k < whole.length; k++) error = Math.max(error, orInfinity(Math.abs(halves[k] - whole[k]) / 3));
    const share = scale === 0 ? (error === 0 ? 0 : Infinity) : error / (scale * LEAK_TOLERANCE);
    if (share <= 1) {
      for (let k = 0; k < whole.length; k++) now[k] = halves[k] + (halves[k] - whole[k]) / 3;
      done += step;
      if (done >= seconds) return now;
    }
    const factor = share === 0 ? MOST_GROWTH : Number.isFinite(share) ? Math.min(MOST_GROWTH, Math.max(1 / MOST_GROWTH, 0.9 * share ** (-1 / 3))) : 1 / MOST_GROWTH;
    step *= factor;
    if (!(done + step > done)) return null;
  }
  return null;
}

/** By how much a step may grow or shrink at once. */
const MOST_GROWTH = 5;

const orInfinity = (value: number): number => (Number.isFinite(value) ? value : Infinity);

/** The largest rate at which anything in a circuit leaks, 1/s, at nominal values as fabricated; 0 where nothing does. */
export function fastestLeak({ projections }: Circuit): number {
  return Math.max(0, ...projections.flatMap(({ synapse }) => Object.entries(synapse.stored).flatMap(([name, s]) => (s.leak === null ? [] : ratesOf(synapse, name, s.leak, s.initial)))));
}

function ratesOf({ parameters }: Synapse, name: string, leak: Expression, initial: Expression): number[] {
  const values = nominalValues(parameters);
  const stored = evaluate(initial, values);
  const at = { ...values, [name]: stored };
  const rates = [evaluate(differentiate(leak, name), at), stored === 0 ? 0 : evaluate(leak, at) / stored].map(Math.abs);
  // What cannot be told is taken to be fast: devices then age after every batch.
  return rates.map((rate) => (Number.isNaN(rate) ? Infinity : rate));
}
