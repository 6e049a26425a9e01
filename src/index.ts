/** The public entry point of Ohmlet: what `import … from "ohmlet"` gives. */
export { OhmletError, type ErrorDetails, type Place, type Stop as StopFlag } from "./errors";
export { check, expectValue, optionsOf, type OptionTable } from "./options";
export { inUnit, parseQuantity } from "./units/parse";
export { formatQuantity } from "./units/format";
export type { Dimension, Quantity } from "./units/quantity";
export { defineNeuron } from "./device/neuron";
export { defineSynapse } from "./device/synapse";
export { defineNoise } from "./device/noise-source";
export { defineReadout } from "./device/readout";
export type { DeviceEvent, Extent } from "./equations/qualifiers";
export { spread, type SpreadOptions } from "./device/parameter";
export type {
  BinaryOperator,
  Comparison as ExpressionComparison,
  Expression,
  Test as ExpressionTest,
  UnaryFunction,
} from "./equations/expression";
export type {
  DeviceSpec,
  DeviceState,
  Neuron,
  NeuronLike,
  InternalState,
  Multiplication,
  NeuronSpec,
  NoiseSource,
  NoiseSpec,
  Parameter,
  ParameterSpec,
  Trainable,
  Provenance,
  ReadoutDevice,
  ReadoutLike,
  ReadoutSpec,
  StateBounds,
  StateDynamics,
  Synapse,
  SynapseLike,
  SynapseSpec,
} from "./device/types";
export { readCircuit as defineCircuit } from "./circuit/circuit";
export type {
  Chip,
  Circuit,
  DeviceArray,
  Fabrication,
  Population,
  Projection,
  Readout,
  WeightArrays,
} from "./circuit/chip-types";
export { stackChips, type ChipStack } from "./circuit/stack";
export type {
  CircuitDesign,
  CircuitSpec,
  CostDesign,
  CostSpec,
  EquationCost,
  Feedback,
  InitialWeights,
  Pooling,
  Through,
  InputEncoding,
  PopulationSpec,
  ProjectionSpec,
  WiresSpec,
} from "./circuit/types";
export type { Wires } from "./circuit/wires/read-wires";
export type { Segments } from "./circuit/wires/line-solves";
export { createEngine, ENGINE_NAMES, type AnyEngineName, type EngineName } from "./engines/select";
export type { Crossings, Engine, EngineInfo, EngineOptions, EngineWork } from "./engines/engine";
export { Simulator, type SimulatorOptions } from "./dynamics/simulator";
export { chooseStep, type StepChoice } from "./dynamics/time-steps/choose-step";
export { coarseStep, type CoarseRequest } from "./dynamics/time-steps/coarse-step";
export {
  fixedPoints,
  type FixedPoint,
  type FixedPoints,
  type FixedPointSurvey,
} from "./dynamics/fixed-points";
export { phaseByChip } from "./dynamics/phases/by-chip";
export type { FixedSolver, StepAdvice } from "./dynamics/time-steps/stiffness";
export type { TimeStep } from "./dynamics/time-steps/time-step";
export type { Observer } from "./dynamics/phases/adaptive-phase";
export type { AdaptiveOptions } from "./dynamics/phases/dormand-prince";
export type {
  Acceleration,
  Complex,
  LockIn,
  Oscillation,
  Outcome,
  OutcomeKind,
  PhaseRequest,
  PhaseResult,
  Plane,
  Planes,
  SolverName,
  Trace,
  Transient,
  Uniqueness,
  UpdateOrder,
} from "./dynamics/types";
export * from "./learning/estimators";
export type { FreeLength, NudgedLength } from "./learning/lengths";
export type { FreeEnd, FreeStart } from "./learning/free-start";
export type { PersistentStates } from "./learning/persistent-states";
export type { Batch, Estimate, ParameterGradients } from "./learning/types";
export { transient, type TransientRequest } from "./dynamics/transient";
export { netlistOf, type ExportOptions as NetlistOptions } from "./spice";
export {
  batches,
  fromBytes,
  fromFloats,
  take,
  type BatchSizes,
  type ByteImages,
  type Dataset,
  type Targets,
  type DatasetParts,
  type FloatImages,
  type Shuffle,
} from "./data/dataset";
export { withTargets, type TargetValues } from "./data/targets";
export { fromCsv, type CsvFile, type CsvOptions, type LabelName } from "./data/csv";
export type { DataWarning } from "./data/refuse";
export type { Found as FoundData } from "./data/split";
export { strokeDigits, type StrokeOptions } from "./data/strokes";
export { labelledBatches } from "./learning/batches";
export type { ChipClock, ClockReading } from "./learning/clock";
export { Controller, type ControllerOptions, type LearningPlace } from "./learning/controller";
export type { Learned, LearningCrossings, Lesson, BatchCrossings } from "./learning/lessons";
export type { BatchReport } from "./learning/batch-report";
export {
  smallSignal,
  type Pole,
  type Response as SmallSignalResponse,
  type SmallSignal,
  type SmallSignalRequest,
  type SmallSource,
} from "./dynamics/small-signal";
export { compensation } from "./circuit/amplifiers";
export type { RemedyOptions } from "./learning/remedies";
export { costArgument, costs, predictions } from "./learning/cost";
export { estimateErrors, type ErrorShares, type EstimateError } from "./learning/estimate-error";
export { evaluateChip, evaluateChips, type Evaluation, type PhaseEnds } from "./learning/evaluate";
export {
  adam,
  constantRate,
  cosineDecay,
  linearDecay,
  sgd,
  type AdamOptions,
  type NamedArrays,
  type Optimizer,
  type Rate,
  type Schedule,
  type SgdOptions,
} from "./learning/optimizers";
export {
  alignment,
  digitalCopy,
  forwardGradient,
  forwardNet,
  Initializer,
  type CopiedLayer,
  type DigitalCopy,
  type ForwardGradient,
  type ForwardLoss,
  type ForwardNet,
  type ForwardOptions,
  type ForwardPass,
  type ForwardReport,
  type ForwardSettings,
  type Prediction,
} from "./learning/initialized";
export { gradientCosine, gradientCosines } from "./learning/probe";
export { estimateByChip, forEveryChip } from "./learning/stacked";
export { perLayerCosine, type LayerCosines } from "./learning/references/cosine";
export type { Wiring } from "./circuit/wiring/types";
export type { Connections } from "./program/connections";
export type { ByPopulation, ByProjection } from "./learning/drives";
export {
  exactAnswers,
  gradientOf,
  predictFromAsymmetry,
  type AsymmetryPrediction,
  type ExactAnswers,
  type Factor,
} from "./learning/references/exact";
export { energyOf, type Energy, type EnergyTerm, type NoEnergy } from "./learning/energy/energy";
export type { UnitName, UnlikePair } from "./learning/energy/symmetric";
export {
  jacobian,
  symmetry,
  type JacobianKind,
  type DenseJacobian,
  type SymmetryMeasure,
} from "./learning/references/jacobian";
export { linearise, type Linearisation } from "./learning/references/linearisation";
export {
  recurrentBackpropagation,
  type RecurrentBackpropagation,
} from "./learning/references/recurrent-backpropagation";
export { nudgeEffects, type NudgeEffect } from "./learning/references/nudge-effects";
export { parameterGradients, parameterUpdates } from "./learning/references/parameter-gradients";
export type { ParameterFigures } from "./learning/trained-parameters";
export type { CostLaw } from "./circuit/cost-law";
export { trainablesOf, type TrainableParameter } from "./circuit/trainable";
export { nudgeResponse, type NudgeResponse } from "./learning/references/nudge-response";
export type { IterationOptions } from "./learning/references/iterate";
export {
  backpropagationThroughTime,
  type Bptt,
  type BpttOptions,
} from "./learning/references/backpropagation-through-time";
export {
  estimateSymmetry,
  homeostaticLoss,
  type HomeostaticLoss,
  type HomeostaticLossOptions,
  type JacobianKicks,
  type SymmetryOptions,
} from "./learning/homeostasis/homeostasis";
export { readThrough } from "./learning/readout/read-through";
export type { ReadoutOptions, ReadoutSettings, ReadTimes, TwinOptions } from "./learning/readout/options";
export type { Reading } from "./learning/readout/reading";
export type { ReadPhases, Shown } from "./learning/readout/read-phases";
export type { Multiplier, ProductsOf } from "./learning/readout/products";
export type { ProgrammingOptions } from "./learning/programming/options";
export type { ProgrammingReport } from "./learning/programming/programmer";
export type { HomeostasisForm, HomeostasisOf, HomeostasisOptions } from "./learning/homeostasis/options";
export type { JacobianSymmetry } from "./learning/homeostasis/symmetry-after";
export { bptt, exactNudge, recurrentBackprop } from "./learning/references/methods";
export {
  cumulated,
  epBesideBptt,
  relativeError,
  signAgreement,
  type EpBesideBptt,
  type EpBesideBpttOptions,
  type Paths,
} from "./learning/ep-beside-bptt";
export {
  defaultRule,
  energyBased as energyBasedRule,
  prototypical as prototypicalRule,
  vectorField as vectorFieldRule,
  type Correlate,
  type Rule,
  type Updates,
} from "./learning/rules";
export type { SavedArrays } from "./learning/checkpoint/arrays";
export type { Identity } from "./learning/checkpoint/identity";
export type { Checkpoint, Position } from "./learning/checkpoint/checkpoint";
export type { Best, EarlyStop, StopReason } from "./learning/early-stop";
export {
  train,
  type BatchProgress,
  type EpochReport,
  type TrainingData,
  type TrainOptions,
} from "./learning/train";
export type { Warning } from "./learning/warnings";
export {
  jobsOf,
  keeps,
  planOf,
  quantile,
  shardOf,
  sobolIndices,
  sobolPoints,
  spreadOf,
  summaryOf,
  tableOf,
  trialsOf,
  valuesOf,
  wilson,
  type Column,
  type Indices as SobolIndices,
} from "./study";
export type {
  Axis,
  Comparison,
  Executor,
  Experiment,
  Job,
  JobResult,
  KnobValue,
  Measures,
  Plan,
  Point,
  PointSummary,
  Sampling,
  Sensitivity,
  Share,
  Spread,
  Stop,
  Study,
  Summary,
  Swing,
  Task,
  Trial,
  TrialResult,
  Values,
} from "./study";
