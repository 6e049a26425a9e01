/** The algebra of dimensions, and their names as an engineer writes them. */
import { DIMENSIONLESS, type Dimension } from "./quantity";

/** Exponents closer than this are equal: they come from roots and quotients of small integers. */
const TOLERANCE = 1e-9;

const make = (f: (axis: number) => number): Dimension => [f(0), f(1), f(2), f(3), f(4)];

export const multiplyDimensions = (a: Dimension, b: Dimension): Dimension => make((i) => a[i] + b[i]);
export const divideDimensions = (a: Dimension, b: Dimension): Dimension => make((i) => a[i] - b[i]);
/** `+ 0` turns the -0 of 0 * -1 into 0, so that dimensions compare equal as plain arrays too. */
export const powerDimension = (a: Dimension, exponent: number): Dimension => make((i) => a[i] * exponent + 0);
export const equalDimensions = (a: Dimension, b: Dimension): boolean =>
  a.every((x, i) => Math.abs(x - b[i]) < TOLERANCE);
export const isDimensionless = (a: Dimension): boolean => equalDimensions(a, DIMENSIONLESS);

/** Coherent SI units by their symbol, the ones preferred in print first. mathjs reads each of these names. */
export const SI_UNITS: readonly (readonly [symbol: string, dimension: Dimension])[] = [
  ["A", [0, 0, 0, 1, 0]],
  ["V", [1, 2, -3, -1, 0]],
  ["S", [-1, -2, 3, 2, 0]],
  ["F", [-1, -2, 4, 2, 0]],
  ["ohm", [1, 2, -3, -2, 0]],
  ["s", [0, 0, 1, 0, 0]],
  ["K", [0, 0, 0, 0, 1]],
  ["W", [1, 2, -3, 0, 0]],
  ["J", [1, 2, -2, 0, 0]],
  ["C", [0, 0, 1, 1, 0]],
  ["H", [1, 2, -2, -2, 0]],
  ["m", [0, 1, 0, 0, 0]],
  ["kg", [1, 0, 0, 0, 0]],
];

/** Units that serve as denominators of a named one: "V/s", "J/K". */
const DIVISORS = ["s", "K", "m", "V", "A"];

/** Every dimension is a product of powers of these. */
const BASIS: readonly (readonly [symbol: string, exponent: (d: Dimension) => number])[] = [
  ["V", (d) => d[0]],
  ["A", (d) => d[0] + d[3]],
  ["s", (d) => d[2] + 3 * d[0]],
  ["m", (d) => d[1] - 2 * d[0]],
  ["K", (d) => d[4]],
];

/**
 * The unit of a dimension: "A", "1/s", "V/s", "A*s^0.5", "1" where there is none. `parseDimension` reads it
 * back.
 */
export function describeDimension(d: Dimension): string {
  if (isDimensionless(d)) return "1";
  const named = SI_UNITS.find(([, unit]) => equalDimensions(unit, d));
  if (named) return named[0];
  for (const [symbol, unit] of [["", DIMENSIONLESS] as const, ...SI_UNITS]) {
    const rest = divideDimensions(d, unit);
    for (const divisor of DIVISORS) {
      const exponent = exponentOf(rest, divisor);
      if (exponent !== null)
        return product([
          [symbol, symbol === "" ? 0 : 1],
          [divisor, exponent],
        ]);
    }
  }
  return product(BASIS.map(([symbol, exponent]) => [symbol, exponent(d)]));
}

/** The p for which d = symbol^p, or null where there is none. */
function exponentOf(d: Dimension, symbol: string): number | null {
  const unit = SI_UNITS.find(([name]) => name === symbol)![1];
  const axis = unit.findIndex((x) => x !== 0);
  const exponent = d[axis] / unit[axis];
  return equalDimensions(d, powerDimension(unit, exponent)) ? exponent : null;
}

function product(factors: readonly (readonly [symbol: string, exponent: number])[]): string {
  const print = ([symbol, exponent]: readonly [string, number]): string => {
    const size = Number(Math.abs(exponent).toPrecision(12));
    return size === 1 ? symbol : `${symbol}^${size}`;
  };
  const above = factors.filter(([, exponent]) => exponent > TOLERANCE).map(print);
  const below = factors.filter(([, exponent]) => exponent < -TOLERANCE).map(print);
  return [above.join("*") || "1", ...below].join("/");
}
