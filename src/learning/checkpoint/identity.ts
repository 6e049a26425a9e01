/**
 * What a training is, in a few short texts: two trainings with the same texts go the same way, batch for
 * batch. A checkpoint carries them, so that it is not resumed by another training.
 */
import type { Chip, Circuit } from "../../circuit/chip-types";
import { learns, ownerOf } from "../../circuit/owner";
import { trainablesOf } from "../../circuit/trainable";
import type { Dataset } from "../../data/dataset";
import type { Engine } from "../../engines/engine";
import type { Estimator } from "../estimators";
import type { Optimizer, Schedule } from "../optimizers";
import type { Rule } from "../rules";
import { OhmletError } from "../../errors";
import { dataFingerprint, textFingerprint } from "./fingerprint";

/** What is compared, by the name that a message gives it. */
export type Identity = Readonly<Record<string, string>>;

/** What decides how a training goes. */
export interface Training {
  readonly chip: Chip;
  readonly data: { readonly train: Dataset; readonly test: Dataset };
  readonly engine: Engine;
  readonly estimator: Estimator;
  readonly optimizer: Optimizer;
  readonly rule: Rule;
  readonly schedule: Schedule;
  /** Plain numbers and names: epochs, batch, seed, … */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Where schedules, which are functions, are compared. */
const SCHEDULE_AT = [0, 0.1, 0.37, 0.5, 0.77, 1];

export function identityOf({
  chip,
  data,
  engine,
  estimator,
  optimizer,
  rule,
  schedule,
  settings,
}: Training): Identity {
  const { circuit, seed } = chip;
  return {
    circuit: `${circuit.name} ${textFingerprint(canonical(circuit.spec))}`,
    "chip's seed": String(seed),
    "training data": dataFingerprint(data.train),
    "test data": dataFingerprint(data.test),
    engine: `${engine.info.name} ${engine.info.precision}${engine.info.fused === true ? ", fused products" : ""}`,
    estimator:
      `${estimator.name} ` +
      `${textFingerprint(canonical([estimator.settings, estimator.free, estimator.nudged]))}`,
    optimizer: optimizerText(optimizer, circuit),
    rule: rule.name,
    schedule: SCHEDULE_AT.map((progress) => schedule(progress).toPrecision(6)).join(" "),
    ...Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [name, JSON.stringify(value) ?? "default"]),
    ),
  };
}

/** An optimizer, with the rates of what it teaches in a circuit. */
export function optimizerText({ name, law }: Optimizer, circuit: Circuit): string {
  // Those that are tied to another learn as it does.
  const rates = [
    ...circuit.projections.filter((p) => ownerOf(p) === p.name && learns(p)),
    ...trainablesOf(circuit),
  ].map(({ name: taught }) => law.scalars(taught, 1, 1));
  return `${name} ${textFingerprint(canonical([law.memory, law.change, rates]))}`;
}

/** @throws OhmletError CHECKPOINT-OTHER where something is not as it was */
export function expectSame(saved: Identity, now: Identity): void {
  const differing = Object.keys(now).filter(
    (name) => !Object.hasOwn(saved, name) || saved[name] !== now[name],
  );
  if (differing.length === 0) return;
  const [first] = differing;
  const was = Object.hasOwn(saved, first) ? saved[first].slice(0, 80) : "not said";
  throw new OhmletError({
    code: "CHECKPOINT-OTHER",
    fact:
      `this checkpoint is of another training: the ${differing.join(", the ")} changed (${first}: was ` +
      `${was}, is ${now[first].slice(0, 80)})`,
    place: { where: "checkpoint" },
    remedy: "resume with what the run began with, or start a new run",
  });
}

/** JSON with the keys of every object in alphabetical order. */
function canonical(value: unknown): string {
  const sorted = (_key: string, part: unknown): unknown =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part;
  return JSON.stringify(value, sorted);
}
