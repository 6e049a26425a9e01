/**
 * A claim about what an experiment measures: a function, or comparisons of measures with numbers. What must
 * hold is said about one seed; src/robustness/weakest/seed-votes.ts lets several vote.
 */
import { OhmletError } from "../../errors";
import { comparisonText, keeps, readComparison, type Comparison, type Measures } from "../../study";

/**
 * `{ accuracy: ">= 0.9" }`, or a function that says whether the measures are good enough. A measure that is
 * null fulfils no comparison.
 */
export type Claim = Readonly<Record<string, string>> | ((measures: Measures) => boolean);

/** A claim that was read: in words, and as a judgement of measures. */
export interface ReadClaim {
  readonly text: string;
  /**
   * Whether the claim holds of the measures of one trial.
   * @throws OhmletError WEAKEST-MEASURE for a measure that is not there
   */
  holds(measures: Measures): boolean;
}

/**
 * Reads a claim: comparisons by measure, such as { accuracy: ">= 0.9" }, or a function of the measures.
 * @throws OhmletError WEAKEST-CLAIM
 */
export function readClaim(claim: Claim): ReadClaim {
  if (typeof claim === "function")
    return { text: claim.name === "" ? "the claim" : claim.name, holds: (measures) => claim(measures) };
  const parts = Object.entries(claim).map(([name, text]) => comparisonOf(name, text));
  if (parts.length === 0)
    throw new OhmletError({
      code: "WEAKEST-CLAIM",
      fact: "the claim says nothing",
      place: { where: "the claim" },
      remedy: 'write { accuracy: ">= 0.9" }',
    });
  return {
    text: parts.map(comparisonText).join(" and "),
    holds: (measures) => parts.every((part) => keeps(expectMeasured(measures, part.measure), part)),
  };
}

function comparisonOf(name: string, text: string): Comparison {
  const found = readComparison(name, text);
  if (found !== null) return found;
  throw new OhmletError({
    code: "WEAKEST-CLAIM",
    fact: `"${text}" is not a comparison with a number`,
    place: { where: name },
    remedy: 'write ">= 0.9", "< 40" or "<= 5 %"',
  });
}

function expectMeasured(measures: Measures, name: string): Measures {
  if (Object.hasOwn(measures, name)) return measures;
  throw new OhmletError({
    code: "WEAKEST-MEASURE",
    fact: `the experiment does not measure "${name}"`,
    place: { where: "the claim" },
    remedy: `it measures ${Object.keys(measures).join(", ") || "nothing"}`,
  });
}
