/**
 * Exact differences: e(x + d) - e(x) against integers of 400 binary places, for every function that equations can
 * call, for random equations, for complex values, and for steps down to a 10^-12 of a state.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { complexify } from "../../src/equations/complexify";
import { difference } from "../../src/equations/difference";
import { differentiate } from "../../src/equations/differentiate";
import { compile } from "../../src/equations/evaluate";
import { call, fold, symbol, type Expression, type UnaryFunction } from "../../src/equations/expression";
import { any, read, smooth, SYMBOLS } from "./arbitraries";

const BITS = 400n;
const ONE = 1n << BITS;
/** A float64 as a whole number of 2^-400. */
function exact(x: number): bigint {
  let [whole, bits] = [x, 0n];
  while (!Number.isInteger(whole)) [whole, bits] = [whole * 2, bits + 1n];
  return (BigInt(whole) << BITS) >> bits;
}
function rounded(x: bigint): number {
  const digits = BigInt(Math.max(0, x.toString(2).length - 64));
  return Number(x >> digits) * 2 ** (Number(digits) - Number(BITS));
}
const times = (a: bigint, b: bigint): bigint => (a * b) >> BITS;
const over = (a: bigint, b: bigint): bigint => (a << BITS) / b;
const size = (a: bigint): bigint => (a < 0n ? -a : a);

/** What tests need no value of. */
function within(x: bigint, most: number): bigint {
  if (size(x) > exact(most)) throw new RangeError("too large");
  return x;
}
function above(x: bigint): bigint {
  if (x <= 0n) throw new RangeError("not above 0");
  return x;
}

function exp(given: bigint): bigint {
  const x = within(given, 150);
  const small = x >> 20n;
  let [sum, term] = [ONE, ONE];
  for (let k = 1n; term !== 0n && k < 60n; k++) sum += term = times(term, small) / k;
  for (let k = 0; k < 20; k++) sum = times(sum, sum);
  return sum;
}
function log(given: bigint): bigint {
  const x = above(within(given, 1e60));
  let y = exact(Math.log(rounded(x)));
  for (let k = 0; k < 4; k++) {
    const power = exp(y);
    y += 2n * over(x - power, x + power);
  }
  return y;
}
function sqrt(given: bigint): bigint {
  const x = within(given, 1e60);
  if (x < 0n) throw new RangeError("not a number");
  if (x === 0n) return 0n;
  let y = exact(Math.sqrt(rounded(x)));
  for (let k = 0; k < 5; k++) y = (y + over(x, y)) >> 1n;
  return y;
}
function sine(x: bigint, first: bigint, from: bigint): bigint {
  let [sum, term] = [first, first];
  for (let k = from; term !== 0n; k += 2n) sum += term = -times(times(term, x), x) / (k * (k + 1n));
  return sum;
}
function atan(x: bigint): bigint {
  let small = x;
  for (let k = 0; k < 8; k++) small = over(small, ONE + sqrt(ONE + times(small, small)));
  let [sum, power] = [0n, small];
  for (let k = 1n; power !== 0n; k += 2n)
    [sum, power] = [sum + power / k, -times(times(power, small), small)];
  return sum << 8n;
}
const FUNCTIONS: Record<UnaryFunction, (x: bigint) => bigint> = {
  exp,
  log,
  sqrt,
  sin: (x) => sine(within(x, 60), x, 2n),
  cos: (x) => sine(within(x, 60), ONE, 1n),
  tanh: (x) => over(exp(2n * x) - ONE, exp(2n * x) + ONE),
  atan: (x) => atan(within(x, 1e30)),
  logistic: (x) => over(ONE, ONE + exp(-x)),
  abs: size,
  sign: (x) => (x > 0n ? ONE : x < 0n ? -ONE : 0n),
  floor: (x) => (x >> BITS) << BITS,
  exprel: (x) => {
    const low = x < ONE ? x : ONE;
    return low === 0n ? ONE : over(exp(low) - ONE, low);
  },
};
/** The value to 400 binary places; null where it has none: 1/0, log(0). */
function precise(e: Expression, values: Readonly<Record<string, bigint>>): bigint | null {
  try {
    return fold<bigint>(e, (part, of) => {
      switch (part.kind) {
        case "number":
          return exact(part.value);
        case "symbol":
          return values[part.name];
        case "negate":
          return -of(part.of);
        case "call":
          return FUNCTIONS[part.fn](of(part.of));
        case "where": {
          const [a, b] = [of(part.test.left), of(part.test.right)];
          const holds = { "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b }[part.test.comparison];
          return of(holds ? part.then : part.otherwise);
        }
        case "binary":
          break;
      }
      const [a, b] = [of(part.left), of(part.right)];
      switch (part.op) {
        case "add":
          return a + b;
        case "subtract":
          return a - b;
        case "multiply":
          return within(times(a, b), 1e60);
        case "divide":
          return within(over(a, b), 1e60);
        case "power": {
          const n = b >> BITS;
          if (n << BITS !== b || size(n) > 100n) return exp(times(b, log(a)));
          let product = ONE;
          for (let k = 0n; k < size(n); k++) product = within(times(product, a), 1e60);
          return n < 0n ? over(ONE, product) : product;
        }
        case "min":
          return a < b ? a : b;
        case "max":
          return a > b ? a : b;
      }
    });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const D = (name: string): string => `d_${name}`;
const changeOf = (e: Expression, names: readonly string[]): Expression =>
  difference(e, (name) => (names.includes(name) ? symbol(D(name)) : undefined));

/** What a change is by its definition, to 400 places, and what its expression gives in float64. */
function held(e: Expression, at: Readonly<Record<string, number>>, by: Readonly<Record<string, number>>) {
  const names = Object.keys(by);
  const change = compile(changeOf(e, names), [...Object.keys(at), ...names.map(D)]);
  const before = Object.fromEntries(Object.entries(at).map(([name, x]) => [name, exact(x)]));
  const after = {
    ...before,
    ...Object.fromEntries(names.map((name) => [name, before[name] + exact(by[name])])),
  };
  const [first, last] = [precise(e, before), precise(e, after)];
  return {
    found: change(...Object.values(at), ...Object.values(by)),
    truth: first === null || last === null ? null : rounded(last - first),
  };
}

/** Where each function is looked at: away from zeros of its slope, where a change is small by itself. */
const PLACES: readonly (readonly [string, number, number])[] = [
  ["exp(u)", -50, 50],
  ["log(u)", 1e-3, 1e3],
  ["sqrt(u)", 1e-3, 1e3],
  ["sin(u)", -1.2, 1.2],
  ["cos(u)", 0.4, 2.7],
  ["tanh(u)", -15, 15],
  ["atan(u)", -20, 20],
  ["logistic(u)", -60, 60],
  ["abs(u)", -2, 2],
  ["u*u", 0.1, 10],
  ["u^3 + u", -5, 5],
  ["u^7", 0.1, 3],
  ["u^-2", 0.1, 3],
  ["u^2.5", 0.1, 10],
  ["2^u", -10, 10],
  ["u^u", 0.5, 4],
  ["1/(2 + u)", -1.5, 5],
  ["u/(1 + u)", 0, 10],
  ["clip(u, -1, 1)", -0.8, 0.8],
  ["min(2*u, 3)", -2, 1],
  ["where(u < 0, exp(u), 1 + u)", -3, 3],
];
/** From a tenth down to 10^-12 of one. */
const steps = fc.double({ min: -12, max: -1, noNaN: true }).map((power) => 10 ** power);

describe("difference", () => {
  it.each(PLACES)("of %s has all its digits, whatever the step", (text, low, high) => {
    const e = read(text);
    fc.assert(
      fc.property(fc.double({ min: low, max: high, noNaN: true }), steps, fc.boolean(), (x, step, down) => {
        const { found, truth } = held(e, { u: x }, { u: down ? -step : step });
        if (truth === null) return;
        expect(Math.abs(found - truth)).toBeLessThanOrEqual(6e-15 * Math.abs(truth));
      }),
      { numRuns: 40 },
    );
  });

  it("of exprel, which solvers read, has all its digits", () => {
    fc.assert(
      fc.property(fc.double({ min: -20, max: 0.9, noNaN: true }), steps, (given, step) => {
        const x = Math.abs(given) < 1e-30 ? 0 : given;
        const { found, truth } = held(call("exprel", symbol("x")), { x }, { x: step });
        expect(Math.abs(found - (truth as number))).toBeLessThanOrEqual(2e-14 * Math.abs(truth as number));
      }),
    );
  });

  it("is what the equation says it is, of any equation, with all its symbols moving at once", () => {
    const values = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), {
      minLength: 2 * SYMBOLS.length,
      maxLength: 2 * SYMBOLS.length,
    });
    const holds = (e: Expression, given: readonly number[]): void => {
      const moves = Object.fromEntries(SYMBOLS.map((name, k) => [D(name), exact(given[k + SYMBOLS.length])]));
      const before = Object.fromEntries(SYMBOLS.map((name, k) => [name, exact(given[k])]));
      const after = Object.fromEntries(SYMBOLS.map((name) => [name, before[name] + moves[D(name)]]));
      const [first, last] = [precise(e, before), precise(e, after)];
      const change = precise(changeOf(e, SYMBOLS), { ...before, ...moves });
      if (first === null || last === null || change === null) return;
      const largest = Math.max(1, ...[first, last].map((value) => Math.abs(rounded(value))));
      expect(Math.abs(rounded(change - (last - first)))).toBeLessThan(1e-11 * largest);
    };
    fc.assert(fc.property(smooth, values, holds), { numRuns: 150 });
    fc.assert(fc.property(any, values, holds), { numRuns: 150 });
  });

  it("divided by the step is the derivative, where nothing bends", () => {
    const slope = compile(differentiate(read("tanh(u)^3/(1 + u^2)"), "u"), ["u"]);
    const change = compile(changeOf(read("tanh(u)^3/(1 + u^2)"), ["u"]), ["u", D("u")]);
    for (const x of [-2, -0.3, 0.7, 4]) expect(change(x, 1e-200) / 1e-200 / slope(x)).toBeCloseTo(1, 13);
  });

  it("takes complex values, as pairs", () => {
    const e = read("tanh(u) + exp(u)/(2 + u)");
    const pair = complexify(
      e,
      () => true,
      (name) => ({ re: name, im: `${name}_i` }),
    );
    for (const part of [pair.re, pair.im]) {
      const { found, truth } = held(part, { u: 0.3, u_i: -0.2 }, { u: 3e-10, u_i: 2e-11 });
      expect(Math.abs(found / (truth as number) - 1)).toBeLessThan(1e-14);
    }
  });

  it("goes from one branch to another", () => {
    for (const [text, x, d] of [
      ["abs(u)", 1, -3],
      ["max(u, 0.25)", 0.2, 0.3],
      ["min(u, 0.25)", 0.2, 0.3],
      ["where(u < 1, u, 2*u - 1)", 0.75, 0.5],
      ["floor(u)", 0.9, 0.2],
      ["sign(u)", -1e-9, 2e-9],
    ] as const) {
      const { found, truth } = held(read(text), { u: x }, { u: d });
      expect(found).toBeCloseTo(truth as number, 14);
    }
  });

  it("leaves out what does not move", () => {
    expect(changeOf(read("I*exp(I) + 3"), ["u"])).toEqual({ kind: "number", value: 0 });
  });
});
