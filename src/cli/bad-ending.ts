/** How a phase ended badly, as a line with a code. */
import type { Outcome } from "../dynamics/types";

const CODES = {
  diverged: "DYN-DIVERGED",
  unstable: "DYN-UNSTABLE",
  timedOut: "DYN-TIMEOUT",
  settled: "DYN-STIFF",
  fixed: "DYN-STIFF",
} as const;

/** The code of what an outcome advises; undefined where all is well. */
export const codeOf = ({ kind, advice }: Outcome): string | undefined =>
  advice === undefined ? undefined : CODES[kind];

export const adviceLines = (outcome: Outcome): string[] =>
  outcome.advice === undefined ? [] : [`${codeOf(outcome)}  ${outcome.advice}`];
