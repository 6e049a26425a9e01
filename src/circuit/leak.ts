/**
 * How what devices store leaks. A leak that is linear in what leaks is solved exactly, in one step. Any other
 * is followed (follow-leak.ts) by steps of an exponential Rosenbrock method, exact for the linear part, piece
 * by piece where it has jumps or kinks.
 */
import type { Synapse } from "../device/types";
import { differentiate, splitLinear } from "../equations/differentiate";
import { evaluate } from "../equations/evaluate";
import {
  add,
  call,
  dependence,
  divide,
  fold,
  multiply,
  number,
  subtract,
  symbol,
  where,
  type Expression,
} from "../equations/expression";
import { nominalValues } from "../device/conditions";
import type { Circuit } from "./chip-types";

/** Below this the series takes over from (e^x - 1)/x, which loses digits there. */
const NEAR_ZERO = 0.5;
const TERMS = 14;

/** Symbols: what leaks, by its name, its parameters, constants, and `elapsed`. Exact where `isLinearLeak`. */
export function leakStep(name: string, leak: Expression): Expression {
  const x = multiply(differentiate(leak, name), symbol("elapsed"));
  return add(symbol(name), multiply(multiply(symbol("elapsed"), leak), growth(x)));
}

/**
 * Whether it is constant + rate * what is stored, without jumps or kinks: then its step is exact, however
 * long.
 */
export function isLinearLeak(name: string, leak: Expression): boolean {
  return splitLinear(leak, name) !== null;
}

/**
 * A number that tells on which piece of a leak a value stands: it changes wherever `where`, abs, sign, floor,
 * min, max or clip of what leaks goes from one branch to another. Null where there are none. Roots of
 * different primes have no whole multiples that add up to the same, so that no change can hide another.
 */
export function pieceOf(name: string, leak: Expression): Expression | null {
  const depends = dependence((each) => each === name);
  const switches: Expression[] = [];
  fold<void>(leak, (e) => {
    const branch = depends(e) ? branchOf(e) : null;
    if (branch !== null && depends(branch)) switches.push(branch);
  });
  if (switches.length === 0) return null;
  const weights = rootsOfPrimes(switches.length);
  return switches.map((branch, k) => multiply(number(weights[k]), branch)).reduce(add);
}

/** The whole number by which the branches of a node are told apart. */
function branchOf(e: Expression): Expression | null {
  if (e.kind === "where") return where(e.test, number(1), number(0));
  if (e.kind === "call" && (e.fn === "abs" || e.fn === "sign")) return call("sign", e.of);
  if (e.kind === "call" && e.fn === "floor") return e;
  if (e.kind === "binary" && (e.op === "min" || e.op === "max"))
    return where({ comparison: "<=", left: e.left, right: e.right }, number(1), number(0));
  return null;
}

function rootsOfPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((p) => n % p !== 0)) primes.push(n);
  return primes.map(Math.sqrt);
}

/** (e^x - 1)/x, 1 at 0. */
function growth(x: Expression): Expression {
  if (x.kind === "number" && x.value === 0) return number(1);
  let series: Expression = number(1);
  for (let n = TERMS; n > 1; n--) series = add(number(1), multiply(divide(x, number(n)), series));
  return where(
    { comparison: "<", left: call("abs", x), right: number(NEAR_ZERO) },
    series,
    divide(subtract(call("exp", x), number(1)), x),
  );
}

/**
 * The largest rate at which anything in a circuit leaks, 1/s, at nominal values as fabricated; 0 where
 * nothing does.
 */
export function fastestLeak({ projections }: Circuit): number {
  return Math.max(
    0,
    ...projections.flatMap(({ synapse }) => (synapse.plain ? [] : anyMoves(synapse) ? [Infinity] : [])),
    ...projections.flatMap(({ synapse }) =>
      Object.entries(synapse.plain ? synapse.stored : {}).flatMap(([name, s]) =>
        s.leak === null ? [] : ratesOf(synapse, name, s.leak, s.initial),
      ),
    ),
  );
}

/** Whether time changes what devices hold. Where nobody can tell how fast, they age after every batch. */
export const anyMoves = ({ stored }: Pick<Synapse, "stored">): boolean =>
  Object.values(stored).some(
    ({ leak, noise, events }) => leak !== null || Object.keys(noise).length > 0 || events.step !== undefined,
  );

function ratesOf({ parameters }: Synapse, name: string, leak: Expression, initial: Expression): number[] {
  const values = nominalValues(parameters);
  const stored = evaluate(initial, values);
  const slope = differentiate(leak, name);
  // A leak that bends or jumps may rest where devices begin, and nowhere else: it is looked at to both sides
  // as well.
  const places = isLinearLeak(name, leak) ? [stored] : [stored, 0.5 * stored, 1.5 * stored];
  const rates = places.flatMap((place) => {
    const at = { ...values, [name]: place };
    return [evaluate(slope, at), place === 0 ? 0 : evaluate(leak, at) / place].map(Math.abs);
  });
  // What cannot be told is taken to be fast: devices then age after every batch.
  return rates.map((rate) => (Number.isNaN(rate) ? Infinity : rate));
}
