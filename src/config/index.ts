/** Circuits, devices and runs from files: what the command line needs of this folder. */
export { resolveCircuit } from "./circuits";
export { atKnob } from "./asked-run";
export { nodeAt, type Context, type ReadBeside } from "./context";
export { resolveDevice, type DeviceKind } from "./devices";
export { jsonSchemaOf, KINDS, type Kind } from "./json-schema";
export {
  circuitOf,
  estimatorOf,
  homeostasisOf,
  remedyOf,
  initializedOf,
  optimizerOf,
  readRun,
  ruleOf,
  runFrom,
  runOf,
  scheduleOf,
  timeStepOf,
  type Run,
} from "./run";
export type { DeviceConfig } from "./device-schema";
export type { Definitions, Given, Infer, JsonSchema, Origins, Schema } from "./schema";
export type { Remedy } from "./remedies";
export type { CompleteRunConfig, EstimatorConfig, OptimizerConfig, RunConfig } from "./run-schema";
export { withKnobs } from "./knobs";
export { at, located } from "./locate";
export {
  placeOf,
  type Entry,
  type List,
  type Mapping,
  type Mark,
  type Marked,
  type Node,
  type Scalar,
  type Source,
} from "./node";
export { MEASURES } from "./measures";
export { readStudy, studyFrom, type AskedStudy, type CompleteStudyConfig, type StudyConfig } from "./study";
export { parseConfig } from "./text";
export {
  endsOf,
  readWeakest,
  type CompleteWeakestConfig,
  type WeakestConfig,
  type WeakestQuestion,
} from "./weakest";
export { describePath } from "./describe-path";
export { resolvedConfig, writeConfig, writeStudy, type Decided } from "./write";
