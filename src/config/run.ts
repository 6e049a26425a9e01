/**
 * A run from its config: read and checked, its circuit built, its learning made. The estimators, optimizers
 * and rules are those of src/learning; this file only knows what their settings are called in a config.
 */
import { amplifierOf, compensation } from "../circuit/amplifiers";
import { readCircuit } from "../circuit/circuit";
import type { Chip, Circuit } from "../circuit/chip-types";
import { learns } from "../circuit/owner";
import { trainablesOf } from "../circuit/trainable";
import type { ReadoutSpec } from "../device/types";
import { OhmletError } from "../errors";
import { timeStepIn } from "../dynamics/time-steps/time-step";
import {
  centred,
  clamped,
  continuousBlocks,
  coupled,
  holomorphic,
  oneSided,
  oscillating,
  randomSign,
  stdp,
  type Estimator,
} from "../learning/estimators";
import { ledgerTermsOf, type LedgerTerms } from "../ledger/options";
import { expectDirect } from "../learning/programming/expect";
import { programmingOf } from "../learning/programming/options";
import type { ReadoutOptions } from "../learning/readout/options";
import { readThrough } from "../learning/readout/read-through";
import { homeostasisOf as asHomeostasis, type HomeostasisOptions } from "../learning/homeostasis/options";
import { forwardNet, type ForwardNet } from "../learning/initialized";
import { bptt, exactNudge, recurrentBackprop } from "../learning/references/methods";
import {
  adam,
  constantRate,
  cosineDecay,
  linearDecay,
  sgd,
  type Optimizer,
  type Schedule,
} from "../learning/optimizers";
import { Remedy, remedyOf as asRemedy, type RemedyOptions } from "../learning/remedies";
import { defaultRule, energyBased, prototypical, vectorField, type Rule } from "../learning/rules";
import { resolveCircuit } from "./circuits";
import { nodeAt, type Context, type ReadBeside } from "./context";
import { resolveDevice, resolveReadout } from "./devices";
import { at } from "./locate";
import { nodeOf, placeOf, type Node, type Source } from "./node";
import { run as runSchema, type EstimatorConfig, type CompleteRunConfig } from "./run-schema";
import { fault } from "./schema";
import type { Choices } from "./choices";
import { parseConfig } from "./text";

/** A config with the places of its parts. */
export interface Run {
  readonly config: CompleteRunConfig;
  readonly context: Context;
  /** Sets of settings that a study turns by name. */
  readonly choices?: Choices;
}

/**
 * Reads a run from the text of a config, YAML or JSON.
 * @param readBeside reads files that it names; without it, naming one is an error
 * @throws OhmletError CONFIG-…, at the line
 */
export function readRun(source: Source, readBeside?: ReadBeside): Run {
  return runFrom(parseConfig(source), source, readBeside);
}

/** The same from plain data. */
export const runOf = (data: unknown): Run => runFrom(nodeOf(data));

/** The same from a text that is parsed already. */
export function runFrom(root: Node, source?: Source, readBeside?: ReadBeside): Run {
  const origins = new WeakMap<object, Node>();
  const config = runSchema.read(root, origins);
  return { config, context: { origins, devices: config.devices ?? {}, source, readBeside } };
}

/**
 * The circuit; every device of the config is checked, also those that nothing uses.
 * @param sizes of the default chip where the config gives none
 */
export function circuitOf({ config, context }: Run, sizes?: readonly number[]): Circuit {
  const { devices } = config;
  if (devices !== undefined)
    for (const [name, device] of Object.entries(devices))
      resolveDevice(device, null, context, nodeAt(context, devices, name), name);
  const circuit = resolveCircuit(config.circuit, context, nodeAt(context, config, "circuit"), sizes);
  // One after the other, so that each is refused at its own place.
  return (["wires", "temperature"] as const).reduce(
    (made, key) =>
      config[key] === undefined
        ? made
        : at(nodeAt(context, config, key), () => readCircuit({ ...made.spec, [key]: config[key] })),
    circuit,
  );
}

/**
 * The estimator that a run asks for.
 * @throws OhmletError of the estimator, at its place
 */
export function estimatorOf(run: Run): Estimator {
  const estimator = unreadEstimator(run);
  const options = readoutOptionsOf(run);
  if (options === undefined) return estimator;
  return at(nodeAt(run.context, run.config, "readout"), () => readThrough(estimator, options));
}

/** The readout that a run asks for. @throws OhmletError CONFIG-…, DEVICE-… at its place */
export function readoutOptionsOf({ config, context }: Run): ReadoutConfigured | undefined {
  const { readout } = config;
  if (readout === undefined) return undefined;
  const node = nodeAt(context, config, "readout");
  if (typeof readout === "string") return { device: resolveReadout(readout, context, node) };
  const { device, drive, chop, zero, twin, times, ...numbers } = readout;
  const given = Object.values(numbers).some((value) => value !== undefined);
  if (device !== undefined && given)
    throw fault(
      node ?? NOWHERE,
      "CONFIG-READOUT",
      "both a device and numbers of one are given",
      "give one of them; the numbers can be options of the device:  device: { device: readout, bits: 8 }",
    );
  const read =
    device !== undefined
      ? resolveReadout(device, context, nodeAt(context, readout, "device"))
      : given
        ? resolveReadout({ device: "readout", ...numbers }, context, node)
        : undefined;
  return {
    ...(read !== undefined && { device: read }),
    ...(drive !== undefined && { drive: driveOf(drive, context, nodeAt(context, readout, "drive")) }),
    chop,
    zero,
    ...(twin !== undefined && { twin }),
    ...(times !== undefined && { times }),
  };
}

/** Holds the readout that a run asks for against its circuit. @throws OhmletError LEARN-READOUT, at its place */
export function checkReadout(
  { config, context }: Run,
  { reading }: Pick<Estimator, "reading">,
  circuit: Circuit,
  rule: Rule,
): void {
  at(nodeAt(context, config, "readout"), () => reading?.expectReadable(circuit, rule));
}

type DriveConfig = NonNullable<Exclude<NonNullable<CompleteRunConfig["readout"]>, string>["drive"]>;

function driveOf(drive: DriveConfig, context: Context, node?: Node): ReadoutSpec {
  const named = typeof drive === "string" || "device" in drive || "equations" in drive;
  return resolveReadout(named ? drive : { device: "readout", ...drive }, context, node);
}

/** With its devices as plain data. */
type ReadoutConfigured = Omit<ReadoutOptions, "device" | "drive"> & {
  readonly device?: ReadoutSpec;
  readonly drive?: ReadoutSpec;
};

const NOWHERE: Node = { kind: "scalar", value: null, path: "readout" };

function unreadEstimator({ config, context }: Run): Estimator {
  return at(nodeAt(context, config, "estimator"), () => estimatorFrom(config.estimator));
}

/** The estimator of some settings. @throws OhmletError of the estimator */
export function estimatorFrom(config: EstimatorConfig): Estimator {
  switch (config.kind) {
    case "one-sided":
      return oneSided(settingsOf(config));
    case "centred":
      return centred(settingsOf(config));
    case "random-sign":
      return randomSign(settingsOf(config));
    case "stdp":
      return stdp(settingsOf(config));
    case "clamped":
      return clamped(settingsOf(config));
    case "coupled":
      return coupled(settingsOf(config));
    case "holomorphic":
      return holomorphic(settingsOf(config));
    case "continuous":
      return continuousBlocks(settingsOf(config));
    case "oscillating":
      return oscillating({ ...settingsOf(config), form: "complex" });
    case "lock-in":
      return oscillating({ ...settingsOf(config), form: "lock-in" });
    case "bptt":
      return bptt(settingsOf(config));
    case "recurrent-backpropagation":
      return recurrentBackprop(settingsOf(config));
    case "exact":
      return exactNudge(settingsOf(config));
  }
}

function settingsOf<C extends EstimatorConfig>(config: C): Omit<C, "kind"> {
  const { kind: _, ...settings } = config;
  return settings;
}

/**
 * The optimizer that a run asks for, with a rate for every projection of the circuit; rates of feedback are
 * multiplied by `feedbackRate`.
 * @throws OhmletError CONFIG-NAME for rates of projections that are not there, OPTIMIZER-RATE for those
 *   without one
 */
export function optimizerOf({ config, context }: Run, circuit: Circuit): Optimizer {
  return taughtBy({ config, context }, circuit, "chip");
}

/** @param taught the chip, or a feedforward net, which has no feedback and no readout */
function taughtBy({ config, context }: Run, circuit: Circuit, taught: "chip" | "net"): Optimizer {
  const { kind: _, rate, feedbackRate, ...options } = config.optimizer;
  const names = [
    ...circuit.projections
      .filter(({ spec, couples }) => couples === null && (taught === "chip" || spec.feedback === undefined))
      .map((p) => p.name),
    ...(taught === "chip" ? trainablesOf(circuit).map((p) => p.name) : []),
    ...(taught === "chip" && circuit.spec.cost.kind === "cross-entropy" ? ["readout"] : []),
  ];
  if (typeof rate === "object") {
    for (const name of Object.keys(rate)) {
      if (names.includes(name)) continue;
      const node = nodeAt(context, rate, name);
      throw new OhmletError({
        code: "CONFIG-NAME",
        fact: `there is no projection "${name}"`,
        place: placeOf(node?.mark, node?.path ?? "optimizer.rate"),
        remedy: `projections: ${names.join(", ")}`,
      });
    }
  }
  // What amplifiers make of the updates of layers before them is made up for.
  const factors = circuit.projections.some(({ to }) => amplifierOf(to) !== null) ? compensation(circuit) : {};
  const rates = names.flatMap((name): [string, number][] => {
    const own = typeof rate === "number" ? rate : Object.hasOwn(rate, name) ? rate[name] : undefined;
    const feedback = circuit.projections.find((p) => p.name === name)?.spec.feedback;
    const factor = (feedback === undefined ? 1 : feedbackRate) * (factors[name] ?? 1);
    return own === undefined ? [] : [[name, own * factor]];
  });
  const all = { ...options, rate: Object.fromEntries(rates) };
  const optimizer = config.optimizer.kind === "adam" ? adam(all) : sgd(all);
  const lacking = names.find(
    (name) =>
      !rates.some(([known]) => known === name) &&
      circuit.projections.find((p) => p.name === name)?.spec.feedback?.kind !== "tied" &&
      circuit.projections.every((p) => p.name !== name || learns(p)),
  );
  if (lacking !== undefined) {
    const node = nodeAt(context, config.optimizer, "rate");
    throw new OhmletError({
      code: "OPTIMIZER-RATE",
      fact: `there is no learning rate for "${lacking}"`,
      place: placeOf(node?.mark, node?.path ?? "optimizer.rate"),
      remedy: "give one for every projection, or one number for all",
    });
  }
  return optimizer;
}

/**
 * The feedforward net that a run asks for, for one chip; with an optimizer of its own, of the run's kind.
 * @throws OhmletError CONFIG-NAME, OPTIMIZER-RATE, INIT-FORWARD, INIT-UNITS
 */
export function initializedOf(run: Run, chip: Chip): ForwardNet | undefined {
  const { config, context } = run;
  const { initialized } = config;
  if (initialized === undefined) return undefined;
  return at(nodeAt(context, config, "initialized"), () => {
    const { rate = config.optimizer.rate, ...options } = initialized;
    const own = { ...config, optimizer: { ...config.optimizer, rate } };
    const optimizer = taughtBy({ config: own, context }, chip.circuit, "net");
    return forwardNet(chip, { ...options, optimizer, seed: config.seed });
  });
}

/**
 * The schedule of the learning rate that a run asks for.
 */
export function scheduleOf({ config: { schedule } }: Run): Schedule {
  const { kind, floor } = typeof schedule === "string" ? { kind: schedule, floor: undefined } : schedule;
  if (kind === "constant") return constantRate;
  return kind === "linear" ? linearDecay(floor) : cosineDecay(floor);
}

/** The learning rule that a run asks for, or else the one that suits the circuit (`defaultRule`). */
export function ruleOf({ config: { rule } }: Run, circuit: Circuit): Rule {
  if (rule === undefined) return defaultRule(circuit);
  return { "energy-based": energyBased, prototypical, "vector-field": vectorField }[rule];
}

/**
 * The homeostasis that a run asks for; undefined where it asks for none.
 * @throws OhmletError HOMEO-…, at its place
 */
export function homeostasisOf({ config, context }: Run, circuit: Circuit): HomeostasisOptions | undefined {
  const { remedy } = config;
  if (remedy !== undefined && remedy !== "homeostasis") return undefined;
  const homeostasis = config.homeostasis ?? (remedy === "homeostasis" ? USUAL_HOMEOSTASIS : undefined);
  if (homeostasis === undefined) return undefined;
  return at(nodeAt(context, config, "homeostasis"), () => {
    const { draws, ...rest } = asHomeostasis(circuit, homeostasis, config.batch);
    return rest.form === "exact" ? rest : { ...rest, draws };
  });
}

/** Where a run asks for homeostasis and says no more. */
const USUAL_HOMEOSTASIS = { coefficient: 0.1, of: "drive", form: "hutchinson" } as const;

/** What else is done for feedback; undefined where nothing is. @throws OhmletError LEARN-REMEDY, at its place */
export function remedyOf({ config, context }: Run, chip: Chip): RemedyOptions | undefined {
  const { remedy } = config;
  if (remedy === undefined || remedy === "none" || remedy === "homeostasis") return undefined;
  const options = typeof remedy === "string" ? { kind: remedy } : remedy;
  at(nodeAt(context, config, "remedy"), () => new Remedy(chip, asRemedy(options), 0));
  return options;
}

/**
 * Holds the programming that a run asks for against its chip.
 * @throws OhmletError DEVICE-EVENT, LEARN-PROGRAMMING, UNIT-…, at its place
 */
export function checkProgramming({ config, context }: Run, chip: Chip, optimizer: Optimizer): void {
  const { programming } = config;
  if (programming === undefined) expectDirect(chip);
  else at(nodeAt(context, config, "programming"), () => programmingOf(programming, chip, optimizer));
}

/** What energy and area are counted with. @throws OhmletError LEDGER-TERM, UNIT-…, at its place */
export const ledgerTermsIn = ({ config, context }: Run): LedgerTerms =>
  at(nodeAt(context, config, "ledger"), () => ledgerTermsOf(config.ledger, config.programming?.width));

/** The time step, SI or dimensionless, or that it is to be chosen. @throws OhmletError UNIT-… at its place */
export function timeStepOf({ config, context }: Run, circuit: Circuit): number | "auto" | undefined {
  const { dt } = config;
  if (dt === undefined || dt === "auto") return dt as "auto" | undefined;
  return at(nodeAt(context, config, "dt"), () => timeStepIn(circuit, dt));
}
