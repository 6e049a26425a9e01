/**
 * What `ohmlet train` takes on the command line, and how it changes a run: options that were typed win over
 * the config.
 */
import type { RunConfig, EstimatorConfig, OptimizerConfig } from "../../config";
import type { OptionSpecs, ParsedArgs } from "../args";
import { refuseIdle } from "../unused-options";
import { COMMON, LABEL, SCALE } from "../verb";

export const TRAIN_OPTIONS = {
  data: {
    type: "string",
    value: "FOLDER",
    help:
      "a set of data: a folder of IDX files, CIFAR-10 batches, CSV or PNG pictures, or a .csv or .npz " +
      "file (see data --help); default: generated digits",
  },
  label: LABEL,
  scale: SCALE,
  train: {
    type: "integer",
    min: 1,
    max: 10_000_000,
    value: "N",
    help: "training samples, of each class its share (default: 2000 generated, or all of the folder)",
  },
  test: {
    type: "integer",
    min: 1,
    max: 10_000_000,
    value: "N",
    help: "test samples, likewise (default: 1000 generated, or all of the folder)",
  },
  "image-size": {
    type: "integer",
    default: 8,
    min: 8,
    max: 28,
    value: "PIXELS",
    help: "side of the generated digits",
  },
  sizes: {
    type: "numbers",
    integer: true,
    min: 1,
    max: 100_000,
    least: 2,
    most: 20,
    value: "N N …",
    help: "units of each layer (default: the size of the images, 32, and the number of classes)",
  },
  mismatch: {
    type: "number",
    unit: "%",
    default: 5,
    min: 0,
    max: 24,
    value: "PERCENT",
    help: "spread of every device parameter from device to device",
  },
  angle: {
    type: "number",
    default: 20,
    min: 0,
    max: 180,
    value: "DEGREES",
    help: "between feedback weights and transposed forward weights at the start",
  },
  temperature: {
    type: "number",
    unit: "K",
    default: 300,
    min: 0,
    max: 1000,
    value: "KELVIN",
    help: "of the thermal noise; 0 for none",
  },
  retention: {
    type: "number",
    unit: "s",
    default: 1e5,
    above: 0,
    max: 1e15,
    value: "SECONDS",
    help: "time constant with which the conductances leak",
  },
  "read-noise": {
    type: "number",
    unit: "%",
    default: 0,
    min: 0,
    max: 100,
    value: "PERCENT",
    help: "spread of every conductance from read to read",
  },
  estimator: {
    type: "string",
    default: "centred",
    choices: ["one-sided", "centred", "random-sign", "holomorphic", "continuous", "oscillating", "lock-in"],
    value: "NAME",
    help: "how the derivative at the fixed point is measured",
  },
  points: {
    type: "integer",
    default: 4,
    min: 1,
    max: 64,
    value: "N",
    help: "nudge points on the circle (holomorphic, continuous)",
  },
  period: {
    type: "integer",
    default: 80,
    min: 8,
    max: 1_000_000,
    value: "N",
    help: "steps a period of an oscillating nudge (oscillating, lock-in)",
  },
  periods: {
    type: "integer",
    default: 2,
    min: 1,
    max: 10_000,
    value: "N",
    help: "periods to average over, after one to warm up (oscillating, lock-in)",
  },
  amplitude: {
    type: "number",
    default: 0.3,
    above: 0,
    max: 1e6,
    value: "BETA",
    help: "teaching amplitude, in multiples of the unit drive",
  },
  dt: {
    type: "number",
    unit: "s",
    default: 1e-5,
    above: 0,
    max: 1,
    or: "auto",
    value: "SECONDS",
    help: "time step; the neurons' time constant is 2e-5 s; auto: chosen from how stiff the circuit is",
  },
  "free-steps": {
    type: "integer",
    default: 40,
    min: 1,
    max: 1_000_000,
    value: "N",
    help: "steps of a free phase",
  },
  "nudged-steps": {
    type: "integer",
    default: 25,
    min: 1,
    max: 1_000_000,
    value: "N",
    help: "steps of a nudged phase",
  },
  "free-time": {
    type: "number",
    unit: "s",
    above: 0,
    max: 1e6,
    value: "TIME",
    help: "in place of --free-steps, how long a free phase is, in whole steps: 400us",
  },
  "nudged-time": {
    type: "number",
    unit: "s",
    above: 0,
    max: 1e6,
    value: "TIME",
    help: "in place of --nudged-steps, how long a nudged phase is",
  },
  average: {
    type: "integer",
    default: 0,
    min: 0,
    max: 1_000_000,
    value: "N",
    help: "average the last N steps of a phase instead of reading the last",
  },
  optimizer: {
    type: "string",
    default: "adam",
    choices: ["adam", "sgd"],
    value: "NAME",
    help: "how updates become changes of the weights",
  },
  rate: { type: "number", default: 0.005, above: 0, max: 1000, value: "RATE", help: "learning rate" },
  "feedback-rate": {
    type: "number",
    default: 0.3,
    min: 0,
    max: 1000,
    value: "SHARE",
    help: "learning rate of the feedback weights, relative to --rate; slower feedback keeps its angle",
  },
  schedule: {
    type: "string",
    default: "cosine",
    choices: ["constant", "linear", "cosine"],
    value: "NAME",
    help: "how the learning rate falls over the epochs",
  },
  momentum: { type: "number", default: 0, min: 0, max: 0.9999, value: "M", help: "momentum (sgd)" },
  "weight-decay": { type: "number", default: 0, min: 0, max: 1, value: "D", help: "weight decay" },
  epochs: {
    type: "integer",
    default: 8,
    min: 1,
    max: 100_000,
    value: "N",
    help: "passes over the training samples",
  },
  batch: {
    type: "integer",
    default: 20,
    min: 1,
    max: 10_000,
    value: "N",
    help: "samples that settle side by side",
  },
  probe: {
    type: "integer",
    default: 20,
    min: 0,
    max: 10_000,
    value: "N",
    help: "test samples on which the estimate is held against the true error vector; 0 for none",
  },
  patience: {
    type: "integer",
    min: 1,
    max: 100_000,
    value: "EPOCHS",
    help: "stop after so many epochs in which the test accuracy did not grow",
  },
  target: {
    type: "number",
    unit: "%",
    above: 0,
    max: 100,
    value: "PERCENT",
    help: "stop once the test accuracy is there",
  },
  "checkpoint-every": {
    type: "integer",
    min: 1,
    max: 10_000_000,
    value: "BATCHES",
    help: "keep a checkpoint after every so many batches, too (default: after every epoch, and when stopped)",
  },
  out: { type: "string", default: "runs", value: "FOLDER", help: "where run folders go" },
  ...COMMON,
} as const satisfies OptionSpecs;

type Given = Pick<ParsedArgs<typeof TRAIN_OPTIONS>, "options" | "given"> &
  Partial<Pick<ParsedArgs, "withUnit">>;

/** The run with what was typed. @throws OhmletError CLI-IDLE for options that the run has no use for */
export function withOptions(base: RunConfig, { options, given, withUnit }: Given): RunConfig {
  const typed = <T>(name: keyof typeof TRAIN_OPTIONS, value: T): T | undefined =>
    given.has(name) ? value : undefined;
  const time = (name: "free-time" | "nudged-time"): number | string | undefined =>
    typed(name, withUnit?.has(name) === true ? `${options[name]} s` : options[name]);
  const estimator = estimatorWith(base.estimator, typed("estimator", options.estimator), {
    amplitude: typed("amplitude", options.amplitude),
    points: typed("points", options.points),
    period: typed("period", options.period),
    periods: typed("periods", options.periods),
    freeSteps: typed("free-steps", options["free-steps"]),
    nudgedSteps: typed("nudged-steps", options["nudged-steps"]),
    freeTime: time("free-time"),
    nudgedTime: time("nudged-time"),
    average: typed("average", options.average),
  });
  const optimizer = optimizerWith(base.optimizer, typed("optimizer", options.optimizer), {
    rate: typed("rate", options.rate),
    feedbackRate: typed("feedback-rate", options["feedback-rate"]),
    momentum: typed("momentum", options.momentum),
    weightDecay: typed("weight-decay", options["weight-decay"]),
  });
  const data = dataWith(base.data, options, given);
  refuse(base, { estimator, optimizer, data }, given);
  return {
    ...base,
    ...defined({
      schedule: typed("schedule", options.schedule),
      epochs: typed("epochs", options.epochs),
      batch: typed("batch", options.batch),
      dt: typed("dt", withUnit?.has("dt") === true ? `${options.dt} s` : options.dt),
      probe: typed("probe", options.probe),
      seed: typed("seed", options.seed),
      engine: typed("engine", options.engine),
    }),
    ...((given.has("patience") || given.has("target")) && {
      stop: {
        ...base.stop,
        ...defined({
          patience: options.patience,
          target: options.target === undefined ? undefined : options.target / 100,
        }),
      },
    }),
    ...defined({ checkpointEvery: options["checkpoint-every"] }),
    circuit: circuitWith(base.circuit, options, given),
    estimator,
    optimizer,
    data,
  };
}

const defined = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

/** What no option changes stays the same object: its place in the file is known by it. */
const isEmpty = (changes: object): boolean => Object.values(changes).every((value) => value === undefined);

const NONIDEAL = ["mismatch", "angle", "temperature", "retention", "read-noise"] as const;

function refuse(
  { circuit }: RunConfig,
  { estimator, optimizer, data }: Pick<RunConfig, "estimator" | "optimizer" | "data">,
  given: ReadonlySet<string>,
): void {
  const topology =
    typeof circuit === "object" && "topology" in circuit
      ? circuit.topology
      : circuit === "nonideal"
        ? circuit
        : null;
  const turns = isTurning(estimator);
  refuseIdle(given, [
    ...NONIDEAL.map((name) => ({
      name,
      idle: topology !== "nonideal",
      why: "it describes the nonideal chip, and the config has another circuit",
    })),
    {
      name: "sizes",
      idle: topology === null,
      why: "the circuit of the config is no topology whose layers could be resized",
    },
    {
      name: "image-size",
      idle: data.kind === "folder",
      why: "the images of --data have a size of their own",
    },
    ...(["label", "scale"] as const).map((name) => ({
      name,
      idle: data.kind === "generated",
      why: "it tells how files are read; --data names them",
    })),
    {
      name: "points",
      idle: estimator.kind !== "holomorphic" && estimator.kind !== "continuous",
      why: `the ${estimator.kind} estimator has no circle of points`,
    },
    ...(["period", "periods"] as const).map((name) => ({
      name,
      idle: !turns,
      why: `the nudge of the ${estimator.kind} estimator does not oscillate`,
    })),
    ...(["free-steps", "free-time"] as const).map((name) => ({
      name,
      idle: estimator.kind === "continuous" || turns,
      why: `the ${estimator.kind} estimator has no free phase`,
    })),
    ...(["nudged-steps", "nudged-time"] as const).map((name) => ({
      name,
      idle: turns,
      why: "its nudge never rests; --period says how fast it turns",
    })),
    {
      name: "nudged-time",
      idle: estimator.kind === "continuous",
      why: "the continuous estimator holds each nudge for steps (--nudged-steps)",
    },
    {
      name: "average",
      idle: estimator.kind === "continuous",
      why: "the continuous estimator averages over its blocks",
    },
    { name: "average", idle: turns, why: "it averages over whole periods (--periods)" },
    {
      name: "momentum",
      idle: optimizer.kind !== "sgd",
      why: `${optimizer.kind} has no momentum of its own to set`,
    },
  ]);
}

function circuitWith(
  circuit: RunConfig["circuit"],
  options: Given["options"],
  given: ReadonlySet<string>,
): RunConfig["circuit"] {
  const changed = [...NONIDEAL, "sizes"].some((name) => given.has(name));
  if (!changed) return circuit;
  const own = circuit === "nonideal" ? ({ topology: "nonideal" } as const) : circuit;
  if (typeof own === "string" || !("topology" in own)) return own;
  const sizes = given.has("sizes") && options.sizes !== undefined ? { sizes: options.sizes } : {};
  if (own.topology !== "nonideal") return { ...own, ...sizes };
  const typed = <T>(name: string, value: T): T | undefined => (given.has(name) ? value : undefined);
  return {
    ...own,
    ...sizes,
    ...defined({
      mismatch: typed("mismatch", options.mismatch / 100),
      angle: typed("angle", options.angle),
      temperature: typed("temperature", `${options.temperature} K`),
      retention: typed("retention", `${options.retention} s`),
      readNoise: typed("read-noise", options["read-noise"] / 100),
    }),
  };
}

function dataWith(
  data: RunConfig["data"],
  options: Given["options"],
  given: ReadonlySet<string>,
): RunConfig["data"] {
  const counts = defined({
    train: given.has("train") ? options.train : undefined,
    test: given.has("test") ? options.test : undefined,
  });
  if (!["data", "train", "test", "image-size", "label", "scale"].some((name) => given.has(name))) return data;
  const reading = { ...counts, ...defined({ label: options.label, scale: options.scale }) };
  if (options.data !== undefined)
    return {
      kind: "folder",
      ...(data.kind === "folder" &&
        defined({ train: data.train, test: data.test, label: data.label, scale: data.scale })),
      ...reading,
    };
  if (data.kind === "folder") return { ...data, ...reading };
  return { ...data, ...counts, ...(given.has("image-size") && { size: options["image-size"] }) };
}

interface EstimatorChanges {
  readonly amplitude?: number;
  readonly points?: number;
  readonly period?: number;
  readonly periods?: number;
  readonly freeSteps?: number;
  readonly nudgedSteps?: number;
  readonly freeTime?: number | string;
  readonly nudgedTime?: number | string;
  readonly average?: number;
}

type Turning = Extract<EstimatorConfig, { readonly kind: "oscillating" | "lock-in" }>;
const isTurning = (estimator: EstimatorConfig): estimator is Turning =>
  estimator.kind === "oscillating" || estimator.kind === "lock-in";

/** Steps that the phases of another kind of estimator suggest. */
const LENGTHS = { freeSteps: 40, nudgedSteps: 25 } as const;

interface Lengths {
  readonly freeSteps?: number;
  readonly freeTime?: number | string;
  readonly nudgedSteps?: number;
  readonly nudgedTime?: number | string;
}

/** Steps or time of a phase: as typed, which takes the place of the other, too; else as it was. */
function lengthOf(phase: "free" | "nudged", was: Lengths, typed: Lengths): Lengths {
  const own = ({
    [`${phase}Steps`]: steps,
    [`${phase}Time`]: time,
  }: Readonly<Record<string, unknown>>): Lengths =>
    defined({ [`${phase}Steps`]: steps, [`${phase}Time`]: time });
  const changed = own({ ...typed });
  return isEmpty(changed) ? own({ ...was }) : changed;
}

function estimatorWith(
  old: EstimatorConfig,
  kind: EstimatorConfig["kind"] = old.kind,
  changes: EstimatorChanges,
): EstimatorConfig {
  if (kind === old.kind && isEmpty(changes)) return old;
  const { amplitude = old.amplitude, points = "points" in old ? old.points : 4 } = changes;
  if (kind === "oscillating" || kind === "lock-in") {
    const { period, periods } = changes;
    return {
      ...(isTurning(old) ? old : { period: 80, periods: 2, warmup: 1 }),
      kind,
      amplitude,
      ...defined({ period, periods }),
    };
  }
  if (kind === "continuous") {
    const stepsPerPoint =
      changes.nudgedSteps ??
      (old.kind === "continuous"
        ? old.stepsPerPoint
        : isTurning(old)
          ? LENGTHS.nudgedSteps
          : (old.nudgedSteps ?? LENGTHS.nudgedSteps));
    return old.kind === "continuous"
      ? { ...old, amplitude, points, stepsPerPoint }
      : { kind, amplitude, points, periods: 5, stepsPerPoint };
  }
  const was = isTurning(old)
    ? LENGTHS
    : old.kind === "continuous"
      ? { ...LENGTHS, nudgedSteps: old.stepsPerPoint }
      : old;
  const { tolerance, average } = {
    ...("tolerance" in old ? { tolerance: old.tolerance } : {}),
    ...("average" in old ? { average: old.average } : {}),
    ...defined({ average: changes.average }),
  } as { readonly tolerance?: number; readonly average?: number };
  const all = {
    ...lengthOf("free", was, changes),
    ...lengthOf("nudged", was, changes),
    amplitude,
    ...defined({ tolerance, average }),
  };
  return kind === "holomorphic" ? { kind, points, ...all } : { kind, ...all };
}

interface OptimizerChanges {
  readonly rate?: number;
  readonly feedbackRate?: number;
  readonly momentum?: number;
  readonly weightDecay?: number;
}

function optimizerWith(
  old: OptimizerConfig,
  kind: OptimizerConfig["kind"] = old.kind,
  { momentum, ...changes }: OptimizerChanges,
): OptimizerConfig {
  if (kind === old.kind && isEmpty({ ...changes, momentum })) return old;
  const { rate, feedbackRate, weightDecay } = old;
  const shared = { rate, feedbackRate, weightDecay, ...defined(changes) };
  if (kind === "sgd")
    return { ...shared, kind, momentum: momentum ?? (old.kind === "sgd" ? old.momentum : 0) };
  return { ...(old.kind === "adam" ? old : {}), ...shared, kind };
}
