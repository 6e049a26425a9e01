/**
 * A claim about what an experiment measures: a function, or comparisons of measures with numbers. What must hold is said
 * about one seed; src/robustness/weakest/jury.ts lets several vote.
 */
import { OhmletError } from "../../errors";

/** Measures of one trial by name. A measure that is null or NaN fulfils no comparison. */
export type Measures = Readonly<Record<string, number | null>>;

/** `{ accuracy: ">= 0.9" }`, or a function that says whether the measures are good enough. */
export type Claim = Readonly<Record<string, string>> | ((measures: Measures) => boolean);

export interface ReadClaim {
  readonly text: string;
  /** @throws OhmletError WEAKEST-MEASURE for a measure that is not there */
  holds(measures: Measures): boolean;
}

const COMPARISON = /^\s*(>=|<=|>|<)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(%?)\s*$/i;
const COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = { ">=": (a, b) => a >= b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, "<": (a, b) => a < b };

/** @throws OhmletError WEAKEST-CLAIM */
export function readClaim(claim: Claim): ReadClaim {
  if (typeof claim === "function") return { text: claim.name === "" ? "the claim" : claim.name, holds: (measures) => claim(measures) };
  const parts = Object.entries(claim).map(([name, text]) => comparisonOf(name, text));
  if (parts.length === 0) throw new OhmletError({ code: "WEAKEST-CLAIM", fact: "the claim says nothing", place: { where: "the claim" }, remedy: 'write { accuracy: ">= 0.9" }' });
  return {
    text: parts.map((p) => `${p.name} ${p.operator} ${p.bound}`).join(" and "),
    holds: (measures) => parts.every(({ name, operator, bound }) => COMPARE[operator](valueOf(measures, name), bound)),
  };
}

function comparisonOf(name: string, text: string): { name: string; operator: string; bound: number } {
  const match = COMPARISON.exec(text);
  if (match === null) throw new OhmletError({ code: "WEAKEST-CLAIM", fact: `"${text}" is not a comparison with a number`, place: { where: name }, remedy: 'write ">= 0.9", "< 40" or "<= 5 %"' });
  return { name, operator: match[1], bound: Number(match[2]) / (match[3] === "%" ? 100 : 1) };
}

function valueOf(measures: Measures, name: string): number {
  if (!Object.hasOwn(measures, name)) {
    throw new OhmletError({ code: "WEAKEST-MEASURE", fact: `the experiment does not measure "${name}"`, place: { where: "the claim" }, remedy: `it measures ${Object.keys(measures).join(", ") || "nothing"}` });
  }
  return measures[name] ?? Number.NaN;
}
