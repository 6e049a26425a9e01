/**
 * Texts with units to quantities. The units are mathjs's; what is allowed around them is ours: one number,
 * one unit made of names, `*`, `/` and `^`, so that a text can be nothing but a quantity.
 */
import { Unit } from "#mathjs";
import { OhmletError } from "../errors";
import { describeDimension, equalDimensions, isDimensionless } from "./dimension";
import { plainUnits, powerOf, unitsLike, withoutPrefix } from "./spelling";
import { DIMENSIONLESS, type Dimension, type Quantity } from "./quantity";

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/;
/**
 * Between two units there is one way only to read what stands there: a reader with two would try all
 * combinations.
 */
const UNIT =
  /^(?:1\s*\/\s*)?[A-Za-z]+(?:\^-?\d+(?:\.\d+)?)?(?:(?:\s*[*/]\s*|\s+)[A-Za-z]+(?:\^-?\d+(?:\.\d+)?)?)*$/;
const LONGEST = 100;
/** Refused: offsets make sums ambiguous; mathjs's electronvolt has the value of 2010. */
const REFUSED = new Map([
  ["degC", "K"],
  ["celsius", "K"],
  ["degF", "K"],
  ["fahrenheit", "K"],
  ["eV", "J"],
  ["electronvolt", "J"],
]);

/**
 * Reads "50 nS", "5 %", "300 K", "1 pF", "3 1/s", "0.2" or a number.
 * @param where names the place in errors, e.g. `soft neuron, parameter "C"`
 * @throws UNIT-SYNTAX, UNIT-UNKNOWN, UNIT-RANGE
 */
export function parseQuantity(input: string | number, where = "a quantity"): Quantity {
  if (typeof input === "number") return { value: finite(input, `${input}`, where), dimension: DIMENSIONLESS };
  const text = tidy(input, where);
  const digits = NUMBER.exec(text)?.[0];
  if (digits === undefined) {
    throw new OhmletError({
      code: "UNIT-SYNTAX",
      fact: `"${excerpt(text)}" does not start with a number`,
      place: { where },
      remedy: 'write a number and a unit, such as "50 nS" or "5 %"',
    });
  }
  const number = finite(Number(digits), digits, where);
  const rest = text.slice(digits.length).trim();
  if (rest === "") return { value: number, dimension: DIMENSIONLESS };
  if (/^[,.]\d/.test(rest))
    throw new OhmletError({
      code: "UNIT-SYNTAX",
      fact: `"${excerpt(text)}" has a comma in its number`,
      place: { where },
      remedy: `write  ${text.replace(",", ".")}  where the comma is a decimal point`,
    });
  if (rest === "%") return { value: number / 100, dimension: DIMENSIONLESS };
  const power = Unit.isValuelessUnit(rest) ? undefined : powerOf(rest);
  if (power !== undefined) {
    const choices = [
      `${scaled(digits, 10 ** power)}  (a number)`,
      ...unitsLike(rest).map(({ unit, name }) => `${digits} ${unit}  (${name})`),
    ];
    throw new OhmletError({
      code: "UNIT-UNKNOWN",
      fact: `"${rest}" stands before a unit and is none`,
      place: { where },
      remedy: `write  ${choices.join(",  or  ")},  or a unit after the prefix`,
    });
  }
  const unit = readUnit(
    rest.startsWith("/") ? `1${rest}` : rest,
    where,
    (proposed) => `${digits} ${proposed}`,
  );
  return { value: finite(scaled(digits, unit.scale), text, where), dimension: unit.dimension };
}

/** What is written of a dimension, for remedies. */
const EXAMPLES: Readonly<Record<string, string>> = {
  s: "10 us",
  K: "300 K",
  V: "100 mV",
  A: "5 nA",
  S: "50 nS",
  F: "1 pF",
  ohm: "20 Mohm",
};

/**
 * Reads a quantity of which the dimension is known, SI: "10 us", or a number without a unit, which is in SI.
 * @throws UNIT-DIMENSION for one of another dimension; as parseQuantity
 */
export function parseIn(input: string | number, dimension: Dimension, where = "a quantity"): number {
  if (typeof input === "number") return input;
  const found = parseQuantity(input, where);
  if (
    equalDimensions(found.dimension, dimension) ||
    (isDimensionless(found.dimension) && !input.includes("%"))
  )
    return found.value;
  const unit = describeDimension(dimension);
  const fact =
    `${excerpt(input.trim())} is ` +
    `${isDimensionless(found.dimension) ? "a number" : `in ${describeDimension(found.dimension)}`}, and ` +
    `${unit === "1" ? "a number without unit" : `a quantity in ${unit}`} is needed`;
  throw new OhmletError({
    code: "UNIT-DIMENSION",
    fact,
    place: { where },
    remedy:
      unit === "1"
        ? "write a plain number, such as 0.2"
        : `write  ${EXAMPLES[unit] ?? `1 ${unit}`},  or a number without unit, which is in ${unit}`,
  });
}

/** A value as a text with its unit: a number without one is in `unit`. Others are as they are. */
export function inUnit<T>(value: T, unit: string): T | string {
  const bare =
    typeof value === "number" ||
    (typeof value === "string" && /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(value));
  return bare ? `${value} ${unit}` : value;
}

/**
 * Reads the unit of an annotation: "V", "1/s", "1".
 * @throws UNIT-SCALED where it is not coherent SI ("mV"): equations are in SI units; UNIT-SYNTAX,
 *   UNIT-UNKNOWN
 */
export function parseDimension(input: string, where = "a unit"): Dimension {
  const text = tidy(input, where);
  if (text === "1") return DIMENSIONLESS;
  const { scale, dimension } = readUnit(text, where, (unit) => withoutPrefix(unit));
  if (scale !== 1) {
    throw new OhmletError({
      code: "UNIT-SCALED",
      fact: `"${text}" has a prefix or factor, but equations are in SI units`,
      place: { where },
      remedy: `write  ${describeDimension(dimension)}`,
    });
  }
  return dimension;
}

/** @param whole what to write for a unit that is proposed in place of this one */
function readUnit(
  text: string,
  where: string,
  whole = (unit: string): string => unit,
): { scale: number; dimension: Dimension } {
  if (!UNIT.test(text)) {
    throw new OhmletError({
      code: "UNIT-SYNTAX",
      fact: `"${excerpt(text)}" is not a unit`,
      place: { where },
      remedy: "write a unit such as nS, V/s or A*s^0.5",
    });
  }
  for (const name of text.match(/[A-Za-z]+/g) ?? [])
    checkName(name, where, (unit) => whole(text.replace(name, unit)));
  // mathjs wants a number in front, and reads "1 / s" as such.
  const unit = Unit.parse(text.startsWith("1") ? text : `1 ${text}`);
  const [kg, m, s, A, K, ...others] = unit.dimensions as number[];
  if (others.some((x) => x !== 0)) {
    throw new OhmletError({
      code: "UNIT-UNKNOWN",
      fact: `"${text}" is not made of kilograms, metres, seconds, amperes and kelvins`,
      place: { where },
      remedy: "use units of mechanics, electricity and temperature",
    });
  }
  return { scale: finite(unit.value as number, text, where), dimension: [kg, m, s, A, K] };
}

function checkName(name: string, where: string, whole: (unit: string) => string): void {
  const instead = REFUSED.get(name);
  if (instead !== undefined) {
    throw new OhmletError({
      code: "UNIT-UNKNOWN",
      fact: `the unit "${name}" is not supported`,
      place: { where },
      remedy: `write the quantity in ${instead}`,
    });
  }
  if (!Unit.isValuelessUnit(name)) {
    const proposals = unitsLike(name).map(({ unit, name: inWords }) => `${whole(unit)}  (${inWords})`);
    const remedy =
      proposals.length > 0
        ? `write  ${proposals.join(",  or  ")}`
        : /^percents?$/i.test(name)
          ? `write  ${whole("%")}`
          : "use SI symbols such as nS, pF, mV, uA, kohm, ms, K";
    throw new OhmletError({
      code: "UNIT-UNKNOWN",
      fact: `"${excerpt(name)}" is not a unit`,
      place: { where },
      remedy,
    });
  }
}

/**
 * A number times a unit's scale. Powers of ten go into the exponent: "50 nS" is 5e-8, not
 * 5.0000000000000004e-8.
 */
function scaled(digits: string, scale: number): number {
  const power = Math.round(Math.log10(scale));
  if (Math.abs(10 ** -power * scale - 1) > 1e-14) return Number(digits) * scale;
  const [mantissa, exponent = "0"] = digits.toLowerCase().split("e");
  return Number(`${mantissa}e${Number(exponent) + power}`);
}

/** Signs and spellings become those that mathjs knows. */
function tidy(input: string, where: string): string {
  if (typeof input !== "string")
    throw new OhmletError({
      code: "UNIT-SYNTAX",
      fact: "a quantity that is to be read is no text",
      place: { where },
      remedy: 'write a number and a unit in quotes, such as "50 nS"',
    });
  if (input.length > LONGEST)
    throw new OhmletError({
      code: "UNIT-SYNTAX",
      fact: `a quantity of ${input.length} characters is too long`,
      place: { where },
      remedy: `write a number and a unit in at most ${LONGEST} characters`,
    });
  return plainUnits(input.trim().replace(/\s+/g, " "));
}

function finite(value: number, text: string, where: string): number {
  const underflow = value === 0 && /^[-+.\d]*[1-9]/.test(text.trim());
  if (Number.isFinite(value) && !underflow) return value;
  throw new OhmletError({
    code: "UNIT-RANGE",
    fact: `${excerpt(text)} is not a finite number that a computer can hold`,
    place: { where },
    remedy: "use numbers between 1e-300 and 1e300",
  });
}

const excerpt = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
