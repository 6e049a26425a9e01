/** Quantities as an engineer writes them: "50 nS", "1 pF", "0.25". */
import { OhmletError } from "../errors";
import { describeDimension } from "./dimension";
import type { Quantity } from "./quantity";

const PREFIXES: readonly (readonly [symbol: string, exponent: number])[] = [
  ["a", -18],
  ["f", -15],
  ["p", -12],
  ["n", -9],
  ["u", -6],
  ["m", -3],
  ["", 0],
  ["k", 3],
  ["M", 6],
  ["G", 9],
  ["T", 12],
];
const WITH_PREFIX = new Set(["A", "V", "S", "F", "ohm", "s", "W", "J", "C", "H", "m"]);
/** Enough for any datasheet, few enough to hide the rounding of a change of units. */
const DIGITS = 12;

/**
 * A text that `parseQuantity` reads back, to 12 digits. @throws OhmletError UNIT-RANGE for what is no finite
 * number
 */
export function formatQuantity({ value, dimension }: Quantity): string {
  if (!Number.isFinite(value))
    throw new OhmletError({
      code: "UNIT-RANGE",
      fact: `${value} is not a finite number that a quantity can hold`,
      place: { where: "formatQuantity" },
      remedy: "look where it came from: something before it overflowed or diverged",
    });
  const unit = describeDimension(dimension);
  if (unit === "1") return `${round(value)}`;
  if (value === 0 || !WITH_PREFIX.has(unit)) return `${round(value)} ${unit}`;
  const magnitude = Math.floor(Math.log10(Math.abs(round(value))) + 1e-12);
  const fits = PREFIXES.filter(([, exponent]) => exponent <= magnitude);
  const [prefix, exponent] = fits.length > 0 ? fits[fits.length - 1] : PREFIXES[0];
  // Dividing by a positive power of ten is exact where multiplying by its inverse is not.
  return `${round(exponent < 0 ? value * 10 ** -exponent : value / 10 ** exponent)} ${prefix}${unit}`;
}

const round = (value: number): number => Number(value.toPrecision(DIGITS));
