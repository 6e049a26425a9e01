/**
 * Numbers as people read them: enough digits, no more, and powers of ten where zeros would have to be
 * counted.
 */

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** `value` with the decimals that tell ticks `step` apart; where zeros would have to be counted, as m×10ⁿ. */
export function formatTick(value: number, step: number): string {
  const size = Math.abs(value);
  if (size < step * 1e-6) return "0";
  const stepPower = Math.floor(Math.log10(step) + 1e-9);
  if (step >= 1e5 || size >= 1e9 || (step < 1e-4 && size < 1e-3)) {
    const power = Math.floor(Math.log10(size) + 1e-12);
    const decimals = Math.min(15, Math.max(0, power - stepPower));
    return scientific(value.toExponential(decimals));
  }
  return minus(value.toFixed(Math.max(0, -stepPower)));
}

/** mantissa × 10ⁿ, the mantissa a digit; from a thousandth to a thousand written out. */
export function formatDecade(mantissa: number, power: number): string {
  if (power >= -3 && power <= 3) return String(Number(`${mantissa}e${power}`));
  return `${mantissa === 1 ? "" : `${mantissa}×`}10${superscript(power)}`;
}

/** `value` to four significant digits, for tooltips. */
export function formatValue(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 1e-4)) return scientific(value.toExponential(3));
  return minus(String(Number(value.toPrecision(4))));
}

function scientific(exponential: string): string {
  const [mantissa, exponent] = exponential.split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return `${minus(short)}×10${superscript(Number(exponent))}`;
}

function superscript(power: number): string {
  return (
    (power < 0 ? "⁻" : "") +
    Array.from(String(Math.abs(power)), (digit) => SUPERSCRIPTS[Number(digit)]).join("")
  );
}

/** A true minus sign, as wide as a plus. */
function minus(text: string): string {
  return text.replace("-", "−");
}
