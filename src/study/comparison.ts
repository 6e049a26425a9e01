/** Bounds on measures, as people write them (">= 90 %"): what a spec and a claim are made of. */
import { readComparisonOf } from "./read";
import type { Comparison, Measures } from "./types";

const TEXT = /^(>=|<=|>|<)\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?)\s*(%?)$/i;

/** @returns null where the text is no sign and number */
export function readComparison(measure: string, text: string): Comparison | null {
  const [, sign, bound, percent] = TEXT.exec(text.trim()) ?? [];
  return sign === undefined
    ? null
    : { measure, sign: sign as Comparison["sign"], bound: Number(bound) / (percent === "%" ? 100 : 1) };
}

/** "accuracy >= 0.9" */
export const comparisonText = ({ measure, sign, bound }: Comparison): string => `${measure} ${sign} ${bound}`;

/** Whether measures keep a bound; one that is missing does not. */
export function keeps(measures: Measures, comparison: Comparison): boolean {
  const { measure, sign, bound } = readComparisonOf(comparison);
  const value = Object.hasOwn(measures, measure) ? measures[measure] : null;
  if (value === null) return false;
  switch (sign) {
    case ">=":
      return value >= bound;
    case ">":
      return value > bound;
    case "<=":
      return value <= bound;
    case "<":
      return value < bound;
  }
}
