/**
 * What to write for what other languages say and equations do not: functions of other names, tests that are
 * joined, units within a formula. A remedy says the same as what was written, in words that are read here;
 * where there are none, nothing is proposed.
 */
import { isCircuitUnit } from "../units/spelling";

/**
 * Functions of mathematics that have no name here, as what they are. Arguments are put in as they are
 * written.
 */
const FUNCTIONS_ELSEWHERE: ReadonlyMap<string, (...args: readonly string[]) => string> = new Map([
  ["tan", (x) => `sin(${x})/cos(${x})`],
  ["sinh", (x) => `(exp(${x}) - exp(-(${x})))/2`],
  ["cosh", (x) => `(exp(${x}) + exp(-(${x})))/2`],
  ["coth", (x) => `1/tanh(${x})`],
  ["sech", (x) => `2/(exp(${x}) + exp(-(${x})))`],
  ["arctan", (x) => `atan(${x})`],
  ["asin", (x) => `atan((${x})/sqrt(1 - (${x})^2))`],
  ["arcsin", (x) => `atan((${x})/sqrt(1 - (${x})^2))`],
  ["acos", (x) => `pi/2 - atan((${x})/sqrt(1 - (${x})^2))`],
  ["arccos", (x) => `pi/2 - atan((${x})/sqrt(1 - (${x})^2))`],
  ["asinh", (x) => `log(${x} + sqrt((${x})^2 + 1))`],
  ["acosh", (x) => `log(${x} + sqrt((${x})^2 - 1))`],
  ["atanh", (x) => `log((1 + (${x}))/(1 - (${x})))/2`],
  ["ln", (x) => `log(${x})`],
  ["log10", (x) => `log(${x})/log(10)`],
  ["log2", (x) => `log(${x})/log(2)`],
  ["log1p", (x) => `log(1 + (${x}))`],
  ["expm1", (x) => `exp(${x}) - 1`],
  ["exp2", (x) => `2^(${x})`],
  ["pow", (x, y) => `(${x})^(${y})`],
  ["square", (x) => `(${x})^2`],
  ["cbrt", (x) => `sign(${x})*abs(${x})^(1/3)`],
  ["fabs", (x) => `abs(${x})`],
  ["sgn", (x) => `sign(${x})`],
  ["signum", (x) => `sign(${x})`],
  ["ceil", (x) => `-floor(-(${x}))`],
  ["mod", (x, y) => `${x} - (${y})*floor((${x})/(${y}))`],
  ["fmod", (x, y) => `${x} - (${y})*floor((${x})/(${y}))`],
  ["hypot", (x, y) => `sqrt((${x})^2 + (${y})^2)`],
  ["relu", (x) => `max(${x}, 0)`],
  ["softplus", (x) => `log(1 + exp(${x}))`],
  ["heaviside", (x) => `where(${x} < 0, 0, 1)`],
  ["step", (x) => `where(${x} < 0, 0, 1)`],
  ["clamp", (x, low, high) => `clip(${x}, ${low}, ${high})`],
  ["if", (test, then, otherwise) => `where(${test}, ${then}, ${otherwise})`],
  ["ifelse", (test, then, otherwise) => `where(${test}, ${then}, ${otherwise})`],
]);
/** Known in mathematics, and not to be said in what there is here. */
const WITHOUT_WORDS = new Set([
  "erf",
  "erfc",
  "gamma",
  "lgamma",
  "gammaln",
  "beta",
  "besselj",
  "atan2",
  "sinc",
  "sec",
  "csc",
  "cot",
]);

/**
 * Whether a name means something of its own elsewhere: another function that is spelt like it would be
 * another function.
 */
export const isKnownElsewhere = (name: string): boolean =>
  FUNCTIONS_ELSEWHERE.has(name) || WITHOUT_WORDS.has(name);

/** The same in functions that there are, in brackets where it is more than one call; or null. */
export function sayFunction(name: string, args: readonly string[]): string | null {
  const say = FUNCTIONS_ELSEWHERE.get(name);
  if (say === undefined || args.length !== say.length) return null;
  const said = say(...args);
  return closing(said, said.indexOf("(") + 1) === said.length - 1 && /^[a-z]+\(/.test(said)
    ? said
    : `(${said})`;
}

/** A name for a quantity that stands in a formula: "70 mV" is V_70mV. */
const SYMBOLS: Readonly<Record<string, string>> = {
  V: "V",
  S: "g",
  F: "C",
  m: "R",
  s: "t",
  A: "I",
  K: "T",
  W: "P",
  J: "E",
  H: "L",
  z: "f",
  C: "q",
};

/** What to do about a number and a unit side by side; null where the name is no unit. */
export function sayQuantity(number: string, unit: string): string | null {
  if (!isCircuitUnit(unit)) return null;
  const letter = SYMBOLS[unit.slice(-1)];
  const name = `${letter}_${number.replace(".", "p").replace("-", "m").replace("+", "")}${unit}`;
  const parameter = `equations hold no units: add the parameter  ${name}: "${number} ${unit}"  and write  ${name}`;
  return unit.length === 1 ? `${parameter};  for a product write  ${number}*${unit}` : parameter;
}

/** Whether a word or sign joins tests. */
export const joinsTests = (text: string): boolean => /^(?:and|or|not|[&|!])$/.test(text);

/** What to do about joined tests: the line with one `where` within another, or how that is done. */
export const sayTests = (line: string): string =>
  "write  " +
  `${nested(line) ?? "where(a < b, where(c < d, then, otherwise), otherwise)  for tests that both have to hold"}`;

function nested(line: string): string | null {
  const start = /\b(?:where|if)\s*\(/.exec(line);
  if (start === null) return null;
  const open = start.index + start[0].length;
  const end = closing(line, open);
  const args = end === null ? [] : pieces(line.slice(open, end), /,/);
  if (end === null || args.length !== 3) return null;
  const [test, then, otherwise] = args.map((arg) => arg.trim());
  const chosen = choose(test, then, otherwise);
  return chosen === null ? null : `${line.slice(0, start.index)}${chosen}${line.slice(end + 1)}`;
}

/** where(test, then, otherwise) in plain comparisons. */
function choose(test: string, then: string, otherwise: string): string | null {
  const [, joint, joined] = /^(and|or)\((.*)\)$/.exec(bare(test)) ?? [];
  const text = joint === undefined ? bare(test) : pieces(joined, /,/).join(` ${joint} `);
  const either = pieces(text, /\bor\b|\|\|?/);
  if (either.length > 1)
    return either.reduceRight<string | null>(
      (rest, one) => (rest === null ? null : choose(one, then, rest)),
      otherwise,
    );
  const both = pieces(text, /\band\b|&&?/);
  if (both.length > 1)
    return both.reduceRight<string | null>(
      (rest, one) => (rest === null ? null : choose(one, rest, otherwise)),
      then,
    );
  const negated = /^(?:not\b|!)\s*(.+)$/.exec(text);
  if (negated !== null) return choose(negated[1], otherwise, then);
  const signs = text.match(/[<>]=?/g) ?? [];
  // 0 < u < V: one comparison after another.
  if (signs.length === 2) {
    const [a, b, c] = text.split(/[<>]=?/);
    return choose(
      `${a.trim()} ${signs[0]} ${b.trim()} and ${b.trim()} ${signs[1]} ${c.trim()}`,
      then,
      otherwise,
    );
  }
  return signs.length === 1 && !/\b(?:and|or|not|xor)\b|[=!&|]/.test(text.replace(/[<>]=?/, ""))
    ? `where(${text}, ${then}, ${otherwise})`
    : null;
}

/** Without brackets around all of it. */
function bare(text: string): string {
  const inner = text.trim();
  return inner.startsWith("(") && closing(inner, 1) === inner.length - 1 ? bare(inner.slice(1, -1)) : inner;
}

/** Where the bracket closes that is open before `from`. */
function closing(text: string, from: number): number | null {
  let depth = 1;
  for (let i = from; i < text.length; i++) {
    if (text[i] === "(") depth++;
    if (text[i] === ")" && --depth === 0) return i;
  }
  return null;
}

/** Cuts at what stands outside all brackets. */
function pieces(text: string, at: RegExp): string[] {
  const found: string[] = [];
  let [depth, from] = [0, 0];
  const mark = new RegExp(at.source, "y");
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "(") depth++;
    if (text[i] === ")") depth--;
    mark.lastIndex = i;
    const length = depth === 0 ? mark.exec(text)?.[0].length : undefined;
    if (length === undefined) continue;
    found.push(text.slice(from, i));
    from = i + length;
    i = from - 1;
  }
  return [...found, text.slice(from)];
}
