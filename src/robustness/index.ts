/**
 * Property-testing a design: what `import … from "ohmlet/robustness"` gives. Random circuits and
 * imperfections that shrink towards the ideal, laws that every chip should obey, and the search for a
 * design's weakest point.
 */
export * from "./arbitraries";
export * as laws from "./laws";
export type { Judged, Subject, Trial } from "./laws";
export { survives, type Voters } from "./property";
export * from "./weakest";
