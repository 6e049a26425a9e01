/** The optimizers. A new one is a new file and a line here. */
export { adam, type AdamOptions } from "./adam";
export { sgd, type SgdOptions } from "./sgd";
export type { NamedArrays } from "./memory";
export { checkRates, type Optimizer, type OptimizerLaw, type Rate } from "./optimizer";
export { constantRate, cosineDecay, linearDecay, type Schedule } from "./schedule";
