/** The learning rules. A new one is a new file and a line here. */
export { defaultRule } from "./default";
export { energyBased } from "./energy-based";
export { prototypical } from "./prototypical";
export { vectorField } from "./vector-field";
export type { Correlate, End, Products, Rule, Term, Updates } from "./rule";
