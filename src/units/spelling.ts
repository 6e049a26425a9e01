/**
 * Spellings of units: those that are taken for one of ours, and what a misspelt one may have been. A proposal
 * changes the case of letters and the name of a unit, never a prefix that is one: m is not M, and where two
 * units fit, both are named.
 */

/** From -18 to 12: those of format.ts, and no others, since they are what a circuit is made of. */
const POWERS: ReadonlyMap<string, number> = new Map([
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
]);

interface Named {
  readonly symbol: string;
  /** In words, for those who have to choose. */
  readonly name: string;
  /** Other ways to write it, in lower case. */
  readonly others: readonly string[];
}

const UNITS: readonly Named[] = [
  { symbol: "A", name: "amperes", others: ["amp", "amps", "ampere", "amperes"] },
  { symbol: "V", name: "volts", others: ["volt", "volts"] },
  { symbol: "S", name: "siemens", others: ["siemens", "mho", "mhos"] },
  { symbol: "F", name: "farads", others: ["farad", "farads"] },
  { symbol: "ohm", name: "ohms", others: ["ohms"] },
  { symbol: "s", name: "seconds", others: ["sec", "secs", "second", "seconds"] },
  { symbol: "K", name: "kelvins", others: ["kelvin", "kelvins"] },
  { symbol: "W", name: "watts", others: ["watt", "watts"] },
  { symbol: "J", name: "joules", others: ["joule", "joules"] },
  { symbol: "H", name: "henries", others: ["henry", "henries"] },
  { symbol: "Hz", name: "hertz", others: ["hertz"] },
  { symbol: "C", name: "coulombs", others: ["coulomb", "coulombs"] },
];

/** What is written for what mathjs knows: micro and ohm signs, Ohm with a capital, the sign of degrees. */
export function plainUnits(text: string): string {
  return text
    .replace(/[µμ]/g, "u")
    .replace(/[Ω\u2126]/g, "ohm")
    .replace(/(?<![A-Za-z])([yzafpnumkMGTPEZY]?)Ohms?(?![A-Za-z])/g, "$1ohm")
    .replace(/°\s*([CF])(?![A-Za-z])/g, "deg$1");
}

export interface Proposal {
  readonly unit: string;
  readonly name: string;
}

/** What a name that is no unit may have been; none where nothing fits without a guess. */
export function unitsLike(written: string): readonly Proposal[] {
  const found = UNITS.flatMap(({ symbol, name, others }) =>
    [symbol.toLowerCase(), ...others].flatMap((spelling): Proposal[] => {
      if (!written.toLowerCase().endsWith(spelling)) return [];
      const prefix = prefixOf(written.slice(0, written.length - spelling.length));
      return prefix === null ? [] : [{ unit: `${prefix}${symbol}`, name }];
    }),
  );
  return found.filter(({ unit }, i) => found.findIndex((other) => other.unit === unit) === i);
}

/**
 * The prefix as it is written, or in the other case where only that one is a prefix: K is kilo, M is never
 * milli.
 */
function prefixOf(written: string): string | null {
  if (POWERS.has(written)) return written;
  const other = written === written.toLowerCase() ? written.toUpperCase() : written.toLowerCase();
  return written.length === 1 && POWERS.has(other) ? other : null;
}

/** The power of ten of a prefix. */
export const powerOf = (prefix: string): number | undefined => POWERS.get(prefix);

/** The symbol of a unit of circuits that has a prefix; of others, themselves. */
export const withoutPrefix = (unit: string): string =>
  UNITS.filter(
    ({ symbol }) => unit.endsWith(symbol) && POWERS.has(unit.slice(0, unit.length - symbol.length)),
  ).sort((a, b) => b.symbol.length - a.symbol.length)[0]?.symbol ?? unit;

/** Whether a text is a unit of circuits, with or without a prefix ("mV", "S"). */
export function isCircuitUnit(text: string): boolean {
  return UNITS.some(
    ({ symbol }) => text.endsWith(symbol) && POWERS.has(text.slice(0, text.length - symbol.length)),
  );
}
