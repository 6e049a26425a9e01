/** Numbers as netlists write them: 4.7k, 10Meg, 1e-12, 5V. Letters after the factor are a unit and mean nothing. */

/** Letters to powers of ten; "mil" is a thousandth of an inch. Longest first. */
const FACTORS: readonly (readonly [string, number])[] = [
  ["meg", 6],
  ["t", 12],
  ["g", 9],
  ["k", 3],
  ["m", -3],
  ["u", -6],
  ["µ", -6],
  ["μ", -6],
  ["n", -9],
  ["p", -12],
  ["f", -15],
  ["a", -18],
];
const NUMBER = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[ed]([+-]?\d+))?([a-zµμΩ%]*)/;

export interface Written {
  /** Not finite where no computer can hold it. */
  readonly value: number;
  readonly length: number;
}

/** The number that a text (in lower case) begins with, and how many characters it takes; null where there is none. */
export function numberAt(text: string): Written | null {
  const match = NUMBER.exec(text);
  if (match === null) return null;
  const [whole, mantissa, exponent = "0", letters] = match;
  const scaled = (power: number): number => Number(`${mantissa}e${Number(exponent) + power}`);
  let value = scaled(0);
  if (letters.startsWith("mil")) value = scaled(-6) * 25.4;
  else
    for (const [factor, power] of FACTORS)
      if (letters.startsWith(factor)) {
        value = scaled(power);
        break;
      }
  // A number that is not 0 and that none is small enough for is as lost as one that is too large.
  if (value === 0 && /[1-9]/.test(mantissa)) value = NaN;
  return { value, length: whole.length };
}

/** The same where the whole text is a number. */
export function numberOf(text: string): number | null {
  const found = numberAt(text);
  return found === null || found.length < text.length ? null : found.value;
}
