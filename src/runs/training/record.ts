/**
 * A run folder read back: what ran, its config, its epochs. The folder may come from a stranger: files are
 * bounded, every value is checked, and what does not fit is refused.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import type { Run } from "../../config";
import { OhmletError } from "../../errors";
import { isDataFingerprint } from "../../io/datasets/fingerprint";
import { readBoundedJson, readBoundedText } from "../../io/bounded";
import { parseJson } from "../../json-text";
import type { EpochReport } from "../../learning/train";
import { digestOf, type RunAbout } from "./about";
import { shellWord, waysOn } from "../shell";
import { isRecord } from "./checks";
import { readEpoch } from "./epochs";

/** How a run ended, or that it has not: also of one that was killed, its folder says "running". */
export type RunOutcome = "running" | "interrupted" | "failed" | "done";
const OUTCOMES: readonly RunOutcome[] = ["running", "interrupted", "failed", "done"];

/** A run folder as it was read: its version, its config, how it ended. */
export interface RunRecord {
  readonly path: string;
  readonly about: RunAbout;
  readonly outcome: RunOutcome;
  /** The fact of what it failed with, where it did. */
  readonly failure?: string;
  /** config.yaml. */
  readonly yaml: string;
}

const LARGEST_RECORD = 2 ** 20;
const LARGEST_EVENTS = 2 ** 28;

/** @throws OhmletError RUN-FOLDER, RUN-FILE, RUN-RECORD */
export function readRecord(path: string): RunRecord {
  if (!(statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false))
    notARun(path, "there is no such folder");
  const found = readBoundedJson(join(path, "run.json"), LARGEST_RECORD);
  const yaml = readBoundedText(join(path, "config.yaml"), LARGEST_RECORD);
  if (found === null || yaml === null)
    return notARun(path, `it holds no ${found === null ? "run.json" : "config.yaml"}`);
  if (!isAbout(found))
    throw new OhmletError({
      code: "RUN-RECORD",
      fact: "it does not say what this version of Ohmlet writes there",
      place: { where: join(path, "run.json") },
      remedy: "use the version that wrote it",
    });
  const { outcome, error } = found as { outcome?: unknown; error?: unknown };
  const failure = isRecord(error) && typeof error.fact === "string" ? { failure: error.fact } : {};
  return {
    path,
    about: pick(found),
    // Whatever else stands there is not how a run ended.
    outcome: OUTCOMES.find((one) => one === outcome) ?? "running",
    ...failure,
    yaml,
  };
}

/**
 * The run of a record. @throws OhmletError RUN-CONFIG where config.yaml was changed since, and those of
 * configs
 */
export async function runOfRecord({ path, about, yaml }: RunRecord): Promise<Run> {
  const where = join(path, "config.yaml");
  if (digestOf(yaml) !== about.config)
    throw new OhmletError({
      code: "RUN-CONFIG",
      fact: "this is not the config that the run began with",
      place: { where },
      remedy:
        `put it back as it was, or start a new run from it:  ohmlet train ${shellWord(where, "CONFIG")}  ` +
        `(in a program,  trainInto(FOLDER, ${JSON.stringify(where)}))`,
    });
  const { readRun } = await import("../../config");
  return readRun({ where, text: yaml });
}

/**
 * The epochs that events.jsonl tells of, 1, 2, …; of an epoch that is told of twice, the last word. A last
 * line that a kill cut short is left out.
 * @throws OhmletError RUN-FILE, RUN-EVENTS
 */
export function readEpochs(path: string): EpochReport[] {
  const where = join(path, "events.jsonl");
  const lines = (readBoundedText(where, LARGEST_EVENTS) ?? "").split("\n");
  const epochs: EpochReport[] = [];
  lines.forEach((text, i) => {
    if (text === "") return;
    const refuse = (fact: string): never => {
      throw new OhmletError({
        code: "RUN-EVENTS",
        fact,
        place: { where, line: i + 1 },
        remedy: "give the folder as the run wrote it",
      });
    };
    let event: unknown;
    try {
      event = parseJson(text);
    } catch {
      if (i === lines.length - 1) return;
      refuse("this line is not JSON");
    }
    if (!isRecord(event) || event.type !== "epoch") return;
    const epoch =
      readEpoch(event) ?? refuse("this is not the report of an epoch as this version of Ohmlet writes it");
    if (epoch.epoch > epochs.length + 1) refuse(`epoch ${epoch.epoch} follows on epoch ${epochs.length}`);
    epochs.length = epoch.epoch - 1;
    epochs.push(epoch);
  });
  return epochs;
}

/** @throws OhmletError RUN-EMPTY where no epoch has come to its end: there is nothing to tell of */
export function expectEpochs(epochs: readonly EpochReport[], path: string): readonly EpochReport[] {
  if (epochs.length > 0) return epochs;
  throw new OhmletError({
    code: "RUN-EMPTY",
    fact: "this run has not come to the end of an epoch",
    place: { where: path },
    remedy: `go on with it:  ${waysOn("run", path)}`,
  });
}

function notARun(path: string, why: string): never {
  throw new OhmletError({
    code: "RUN-FOLDER",
    fact: `this is not a run folder: ${why}`,
    place: { where: path },
    remedy: "name a folder that  ohmlet train,  or  trainInto  of a program, wrote",
  });
}

const TEXTS = [
  "ohmlet",
  "node",
  "platform",
  "command",
  "started",
  "circuit",
  "chip",
  "rule",
  "config",
] as const;

function isAbout(value: unknown): value is RunAbout {
  if (!isRecord(value)) return false;
  const { data, fingerprint, dataFolder, estimator, homeostasis, engine, outputs, seed, dt } = value;
  const set = (one: unknown): boolean =>
    isRecord(one) && typeof one.name === "string" && Number.isSafeInteger(one.samples);
  return (
    TEXTS.every((name) => typeof value[name] === "string") &&
    typeof seed === "number" &&
    (dt === undefined || typeof dt === "number") &&
    isRecord(data) &&
    set(data.train) &&
    set(data.test) &&
    (fingerprint === undefined || isDataFingerprint(fingerprint)) &&
    (dataFolder === undefined || typeof dataFolder === "string") &&
    isRecord(estimator) &&
    (homeostasis === undefined || isRecord(homeostasis)) &&
    isRecord(engine) &&
    ["name", "precision"].every((name) => typeof engine[name] === "string") &&
    (engine.executor === undefined || typeof engine.executor === "string") &&
    isRecord(outputs) &&
    typeof outputs.report === "boolean" &&
    typeof outputs.weights === "boolean"
  );
}

function pick({
  ohmlet,
  node,
  platform,
  command,
  started,
  seed,
  circuit,
  chip,
  data,
  fingerprint,
  dataFolder,
  estimator,
  rule,
  homeostasis,
  engine,
  dt,
  outputs,
  config,
}: RunAbout): RunAbout {
  return {
    ohmlet,
    node,
    platform,
    command,
    started,
    seed,
    circuit,
    chip,
    data,
    ...(fingerprint !== undefined && { fingerprint }),
    ...(dataFolder !== undefined && { dataFolder }),
    estimator,
    rule,
    ...(homeostasis !== undefined && { homeostasis }),
    engine,
    ...(dt !== undefined && { dt }),
    outputs,
    config,
  };
}
