/** Studies: many chips over many settings. What stands above this folder takes from here. */
export { checkAxis, valueAt, valuesOf } from "./axis";
export { comparisonText, keeps, readComparison } from "./comparison";
export { isResult, journalLine, readJournal, type Journal } from "./journal";
export { MOST_DIMENSIONS, sobolPoints } from "./low-discrepancy";
export { jobsOf, planOf, shardOf, trialsOf } from "./plan";
export { sobolIndices, type Indices } from "./sensitivity";
export { spreadOf, wilson } from "./statistics";
export { quantile } from "../quantile";
export { summaryOf } from "./summary";
export { tableOf, type Column } from "./table";
export type * from "./types";
