/** The estimators. A new one is a new file and a line here. */
export { continuousBlocks, type ContinuousOptions } from "./continuous";
export { circle } from "./circle";
export { clamped, coupled } from "./held";
export { holomorphic, type HolomorphicOptions } from "./holomorphic";
export { oscillating, type OscillatingOptions } from "./oscillating";
export { radiusOf, type NudgedSeries, type SeriesTerm, type SeriesWeights } from "./radius";
export type { AmplitudeOptions, NudgingOptions } from "./points";
export { stdp, type StdpOptions } from "./stdp";
export { centred, oneSided, randomSign } from "./two-phase";
export type {
  BlockPlan,
  EstimateContext,
  Estimator,
  FreeLengths,
  FreePhase,
  PhaseLengths,
  PointPlan,
  Refinement,
} from "./estimator";
