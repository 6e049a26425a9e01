/**
 * Numbers read from bytes, in one pass and without strings: signs, digits, a decimal mark, an exponent, and
 * nothing else. Infinity, hexadecimal, 1_000 and the empty cell are none.
 */

/**
 * Digits that a double holds whatever they are, and powers of ten that it holds exactly: within them one
 * rounding is right.
 */
const MOST_DIGITS = 15;
const POWERS = Array.from({ length: 23 }, (_, i) => 10 ** i);
/** Longest text of a number. */
export const LONGEST_NUMBER = 400;
const [PLUS, COMMA, MINUS, POINT, ZERO, E] = [43, 44, 45, 46, 48, 101];

export class NumberReader {
  /** Whether a number had a decimal point, and a decimal comma: one text has one of them. */
  hasPoint = false;
  hasComma = false;

  /** @param commas whether a comma may be the decimal mark: where it does not separate cells */
  constructor(readonly commas: boolean) {}

  /** The number in bytes[start…end); NaN where there is none. */
  read(bytes: Uint8Array, start: number, end: number): number {
    if (end - start > LONGEST_NUMBER) return Number.NaN;
    let at = start;
    let mantissa = 0;
    let digits = 0;
    let exponent = 0;
    let any = false;
    let comma = false;
    const negative = bytes[at] === MINUS;
    if (negative || bytes[at] === PLUS) at++;
    for (let marked = false; at < end; at++) {
      const digit = bytes[at] - ZERO;
      if (digit >= 0 && digit <= 9) {
        any = true;
        if (marked) exponent--;
        if (mantissa > 0 || digit > 0) digits++;
        if (digits <= MOST_DIGITS) mantissa = 10 * mantissa + digit;
      } else if (!marked && (bytes[at] === POINT || (this.commas && bytes[at] === COMMA))) {
        marked = true;
        if (bytes[at] === COMMA) comma = this.hasComma = true;
        else this.hasPoint = true;
      } else break;
    }
    if (!any) return Number.NaN;
    if (at < end && (bytes[at] | 0x20) === E) {
      at++;
      const down = bytes[at] === MINUS;
      if (down || bytes[at] === PLUS) at++;
      if (at === end) return Number.NaN;
      let power = 0;
      for (; at < end && bytes[at] >= ZERO && bytes[at] <= ZERO + 9; at++)
        power = Math.min(100_000, 10 * power + bytes[at] - ZERO);
      exponent += down ? -power : power;
    }
    if (at < end) return Number.NaN;
    if (digits > MOST_DIGITS || Math.abs(exponent) >= POWERS.length)
      return Number(String.fromCharCode(...bytes.subarray(start, end)).replace(comma ? "," : ".", "."));
    const value = exponent < 0 ? mantissa / POWERS[-exponent] : mantissa * POWERS[exponent];
    return negative ? -value : value;
  }
}
