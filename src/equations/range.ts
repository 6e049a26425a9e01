/**
 * Which values an expression can take while its symbols keep to ranges: interval arithmetic. The range that it
 * finds holds every value, and may be wider than it has to be, since each part is looked at by itself (`u - u`).
 */
import { VALUES } from "./evaluate";
import { fold, type BinaryOperator, type Expression, type UnaryFunction } from "./expression";

/** From the least to the largest, both of which may be infinite. */
export type Range = readonly [least: number, largest: number];

/** Every number. */
export const EVERYWHERE: Range = [-Infinity, Infinity];

/** @param symbol the range of a symbol */
export function rangeOf(e: Expression, symbol: (name: string) => Range): Range {
  return fold<Range>(e, (part, of) => rangeOfPart(part, of, symbol));
}

function rangeOfPart(e: Expression, of: (part: Expression) => Range, symbol: (name: string) => Range): Range {
  switch (e.kind) {
    case "number":
      return [e.value, e.value];
    case "symbol":
      return symbol(e.name);
    case "negate":
      return negative(of(e.of));
    case "call":
      return CALLS[e.fn](of(e.of));
    case "binary":
      return OPERATORS[e.op](of(e.left), of(e.right));
    case "where":
      return union(of(e.then), of(e.otherwise));
  }
}

const negative = ([least, largest]: Range): Range => [0 - largest, 0 - least];
const union = (a: Range, b: Range): Range => [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
/** An end that is no number, as infinity minus infinity, may lie anywhere. */
const known = (least: number, largest: number): Range => [
  Number.isNaN(least) ? -Infinity : least,
  Number.isNaN(largest) ? Infinity : largest,
];

/** Of a function that grows; where it is not defined, nothing is taken. */
const growing =
  (fn: UnaryFunction, from = -Infinity) =>
  ([least, largest]: Range): Range =>
    largest < from ? EVERYWHERE : known(VALUES[fn](Math.max(least, from)), VALUES[fn](largest));

function absolute([least, largest]: Range): Range {
  const most = Math.max(-least, largest);
  return least <= 0 && largest >= 0 ? [0, most] : [Math.min(Math.abs(least), Math.abs(largest)), most];
}

const CALLS: Readonly<Record<UnaryFunction, (of: Range) => Range>> = {
  exp: growing("exp"),
  log: growing("log", 0),
  sqrt: growing("sqrt", 0),
  sin: () => [-1, 1],
  cos: () => [-1, 1],
  tanh: growing("tanh"),
  atan: growing("atan"),
  logistic: growing("logistic"),
  abs: absolute,
  sign: growing("sign"),
  floor: growing("floor"),
  exprel: () => [0, Math.E - 1],
};

/** Values are finite, however large: none of them times 0 is anything but 0. */
const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b);

const corners = (a: Range, b: Range, f: (x: number, y: number) => number): Range => {
  const values = a.flatMap((x) => b.map((y) => f(x, y)));
  return known(Math.min(...values), Math.max(...values));
};

function inverse([least, largest]: Range): Range {
  if (least > 0 || largest < 0) return [1 / largest, 1 / least];
  if (least === 0 && largest > 0) return [1 / largest, Infinity];
  return largest === 0 && least < 0 ? [-Infinity, 1 / least] : EVERYWHERE;
}

function raised(base: Range, exponent: Range): Range {
  const [n, same] = exponent;
  if (n === same && n < 0) return inverse(raised(base, [-n, -n]));
  if (n === same && Number.isInteger(n)) {
    const [least, largest] = n % 2 === 0 ? absolute(base) : base;
    return [least ** n, largest ** n];
  }
  // Negative numbers have whole powers only: none where the exponent is known to be none.
  if (base[1] < 0 || (base[0] < 0 && n !== same)) return EVERYWHERE;
  return corners([Math.max(0, base[0]), base[1]], exponent, (x, y) => x ** y);
}

const OPERATORS: Readonly<Record<BinaryOperator, (a: Range, b: Range) => Range>> = {
  add: (a, b) => known(a[0] + b[0], a[1] + b[1]),
  subtract: (a, b) => known(a[0] - b[1], a[1] - b[0]),
  multiply: (a, b) => corners(a, b, times),
  divide: (a, b) => corners(a, inverse(b), times),
  power: raised,
  min: (a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1])],
  max: (a, b) => [Math.max(a[0], b[0]), Math.max(a[1], b[1])],
};
