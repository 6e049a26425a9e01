/** Initialized equilibrium propagation: a feedforward net beside a chip (O'Connor et al. 2019). */
export {
  forwardNet,
  ForwardNet,
  type ForwardOptions,
  type ForwardPass,
  type ForwardSettings,
} from "./forward-net";
export { digitalCopy, type CopiedLayer, type DigitalCopy } from "./digital-copy";
export { Initializer } from "./initializer";
export { ForwardAnswers, heldAgainst, type ForwardReport } from "./report";
export {
  alignment,
  forwardGradient,
  type ForwardGradient,
  type ForwardLoss,
  type Prediction,
} from "./losses";
