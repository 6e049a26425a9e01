/** A run as the options change it that were typed: they win over the config. */
import type { CompleteRunConfig, OptimizerConfig } from "../../config";
import { defined, isEmpty } from "../../config/changes";
import { estimatorWith } from "../../config/estimator-with";
import { NONIDEAL, refuseIdleOptions } from "./idle-options";
import type { Given, TRAIN_OPTIONS } from "./options";

/** The run with what was typed. @throws OhmletError CLI-IDLE for options that the run has no use for */
export function withOptions(base: CompleteRunConfig, { options, given, withUnit }: Given): CompleteRunConfig {
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
  refuseIdleOptions(base, { estimator, optimizer, data }, given);
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

function circuitWith(
  circuit: CompleteRunConfig["circuit"],
  options: Given["options"],
  given: ReadonlySet<string>,
): CompleteRunConfig["circuit"] {
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
  data: CompleteRunConfig["data"],
  options: Given["options"],
  given: ReadonlySet<string>,
): CompleteRunConfig["data"] {
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
        defined({
          train: data.train,
          test: data.test,
          label: data.label,
          targets: data.targets,
          scale: data.scale,
        })),
      ...reading,
    };
  if (data.kind === "folder") return { ...data, ...reading };
  return { ...data, ...counts, ...(given.has("image-size") && { size: options["image-size"] }) };
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
