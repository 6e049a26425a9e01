/**
 * Texts with units to quantities. The units are mathjs's; what is allowed around them is ours: one number, one unit
 * made of names, `*`, `/` and `^`, so that a text can be nothing but a quantity.
 */
import { Unit } from "mathjs";
import { OhmletError } from "../errors";
import { DIMENSIONLESS, type Dimension, type Quantity } from "./quantity";

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/;
/** Between two units there is one way only to read what stands there: a reader with two would try all combinations. */
const UNIT = /^(?:1\s*\/\s*)?[A-Za-z]+(?:\^-?\d+(?:\.\d+)?)?(?:(?:\s*[*/]\s*|\s+)[A-Za-z]+(?:\^-?\d+(?:\.\d+)?)?)*$/;
const LONGEST = 100;
/** Refused: offsets make sums ambiguous; mathjs's electronvolt has the value of 2010. */
const REFUSED = new Map([["degC", "K"], ["celsius", "K"], ["degF", "K"], ["fahrenheit", "K"], ["eV", "J"], ["electronvolt", "J"]]);

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
    throw new OhmletError({ code: "UNIT-SYNTAX", fact: `"${excerpt(text)}" does not start with a number`, place: { where }, remedy: 'write a number and a unit, such as "50 nS" or "5 %"' });
  }
  const number = finite(Number(digits), digits, where);
  const rest = text.slice(digits.length).trim();
  if (rest === "") return { value: number, dimension: DIMENSIONLESS };
  if (rest === "%") return { value: number / 100, dimension: DIMENSIONLESS };
  const unit = readUnit(rest, where);
  return { value: finite(scaled(digits, unit.scale), text, where), dimension: unit.dimension };
}

/**
 * Reads the unit of an annotation: "V", "1/s", "1".
 * @throws UNIT-SCALED where it is not coherent SI ("mV"): equations are in SI units; UNIT-SYNTAX, UNIT-UNKNOWN
 */
export function parseDimension(input: string, where = "a unit"): Dimension {
  const text = tidy(input, where);
  if (text === "1") return DIMENSIONLESS;
  const { scale, dimension } = readUnit(text, where);
  if (scale !== 1) {
    throw new OhmletError({ code: "UNIT-SCALED", fact: `"${text}" has a prefix or factor, but equations are in SI units`, place: { where }, remedy: 'write the plain unit, such as V, A, S or s' });
  }
  return dimension;
}

function readUnit(text: string, where: string): { scale: number; dimension: Dimension } {
  if (!UNIT.test(text)) {
    throw new OhmletError({ code: "UNIT-SYNTAX", fact: `"${excerpt(text)}" is not a unit`, place: { where }, remedy: 'write a unit such as nS, V/s or A*s^0.5' });
  }
  for (const name of text.match(/[A-Za-z]+/g) ?? []) checkName(name, where);
  // mathjs wants a number in front, and reads "1 / s" as such.
  const unit = Unit.parse(text.startsWith("1") ? text : `1 ${text}`);
  const [kg, m, s, A, K, ...others] = unit.dimensions as number[];
  if (others.some((x) => x !== 0)) {
    throw new OhmletError({ code: "UNIT-UNKNOWN", fact: `"${text}" is not made of kilograms, metres, seconds, amperes and kelvins`, place: { where }, remedy: "use units of mechanics, electricity and temperature" });
  }
  return { scale: finite(unit.value as number, text, where), dimension: [kg, m, s, A, K] };
}

function checkName(name: string, where: string): void {
  const instead = REFUSED.get(name);
  if (instead !== undefined) {
    throw new OhmletError({ code: "UNIT-UNKNOWN", fact: `the unit "${name}" is not supported`, place: { where }, remedy: `write the quantity in ${instead}` });
  }
  if (!Unit.isValuelessUnit(name)) {
    const lower = name.toLowerCase();
    const near = Unit.isValuelessUnit(lower) ? `did you mean "${lower}"?` : 'use SI symbols such as nS, pF, mV, uA, kohm, ms, K';
    throw new OhmletError({ code: "UNIT-UNKNOWN", fact: `"${excerpt(name)}" is not a unit`, place: { where }, remedy: near });
  }
}

/** A number times a unit's scale. Powers of ten go into the exponent: "50 nS" is 5e-8, not 5.0000000000000004e-8. */
function scaled(digits: string, scale: number): number {
  const power = Math.round(Math.log10(scale));
  if (Math.abs(10 ** -power * scale - 1) > 1e-14) return Number(digits) * scale;
  const [mantissa, exponent = "0"] = digits.toLowerCase().split("e");
  return Number(`${mantissa}e${Number(exponent) + power}`);
}

/** Micro and ohm signs become the letters that mathjs knows. */
function tidy(input: string, where: string): string {
  if (input.length > LONGEST) throw new OhmletError({ code: "UNIT-SYNTAX", fact: `a quantity of ${input.length} characters is too long`, place: { where }, remedy: `write a number and a unit in at most ${LONGEST} characters` });
  return input.trim().replace(/[µμ]/g, "u").replace(/[ΩΩ]/g, "ohm");
}

function finite(value: number, text: string, where: string): number {
  const underflow = value === 0 && /^[^e]*[1-9]/i.test(text);
  if (Number.isFinite(value) && !underflow) return value;
  throw new OhmletError({ code: "UNIT-RANGE", fact: `${excerpt(text)} is not a finite number that a computer can hold`, place: { where }, remedy: "use numbers between 1e-300 and 1e300" });
}

const excerpt = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
