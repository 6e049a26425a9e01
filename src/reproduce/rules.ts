/** Rules by which a number of ours agrees with the paper's: each a sentence and a test. */
import { short } from "../display";
import type { Rule } from "./experiment";

/** Between two bounds, both included. */
export const between = (low: number, high: number, why = ""): Rule => ({
  says: `between ${short(low)} and ${short(high)}${because(why)}`,
  agrees: ({ ours }) => ours >= low && ours <= high,
});

export const atMost = (bound: number, why = ""): Rule => ({
  says: `at most ${short(bound)}${because(why)}`,
  agrees: ({ ours }) => ours <= bound,
});

export const atLeast = (bound: number, why = ""): Rule => ({
  says: `at least ${short(bound)}${because(why)}`,
  agrees: ({ ours }) => ours >= bound,
});

/** So many of the paper's own standard deviations from its mean. */
export const withinSpreads = (spreads: number): Rule => ({
  says: `within ${spreads} of the paper's standard deviations of its mean`,
  agrees: ({ ours, paper, paperSpread }) =>
    paper === null || paperSpread === null ? null : Math.abs(ours - paper) <= spreads * paperSpread,
});

/** Nothing to hold it against, and why. */
export const notJudged = (why: string): Rule => ({ says: `not judged: ${why}`, agrees: () => null });

const because = (why: string): string => (why === "" ? "" : ` (${why})`);
