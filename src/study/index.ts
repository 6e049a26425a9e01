/** Studies: many chips over many settings. What stands above this folder takes from here. */
export { checkAxis, endsOf, valueAt, valuesOf } from "./axis";
export { comparisonText, keeps, readComparison } from "./comparison";
export { isResult, journalLine, readJournal, type Journal } from "./journal";
export { MOST_DIMENSIONS, sobolPoints } from "./low-discrepancy";
export { jobsOf, MOST_TRIALS, planOf, pointKey, seedOf, shardOf, trialKey, trialsOf } from "./plan";
export { sobolIndices, type Indices } from "./sensitivity";
export { quantile, spreadOf, wilson } from "./statistics";
export { measureNames, summaryOf } from "./summary";
export { tableOf, type Column } from "./table";
export type * from "./types";
