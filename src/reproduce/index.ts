/** Experiments of papers, run again: the list of them, and what runs one. */
export { EXPERIMENTS } from "./experiments";
export { conduct, type Conducting, type ReproductionEnd } from "./conduct";
export type { QuantityLine } from "./quantities";
