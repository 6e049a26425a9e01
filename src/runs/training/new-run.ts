/** A new training run: from its config to a run folder that can be resumed from its first moment. */
import { lstatSync } from "node:fs";
import { join, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { resolvedConfig, writeConfig, type Run } from "../../config";
import { placeOf } from "../../config/node";
import { OhmletError } from "../../errors";
import { fingerprintOf } from "../../io/datasets/fingerprint";
import { createNamedFolder, createRunFolder, type RunFolder } from "../../io/run-folder";
import { heldLock, lockOfThisProcess } from "../../io/run-lock";
import type { Listener } from "../listener";
import { version } from "../version";
import { digestOf, type RunAbout } from "./about";
import { prepare, type RunContext } from "./context";
import { dataFolderOf, makeData, readsFiles } from "./data";
import { sayData } from "./data-summary";
import { aboutChip } from "./report/chip";
import { trainInFolder, type TrainingEnd, type Undertaking } from "./train-in-folder";

/** Where a run's data are and its folder goes, and what is said of how it came about. */
export interface NewRun extends Pick<Undertaking, "onEpoch"> {
  /** Folder of the data, where the user names one. */
  readonly data?: string;
  /** Folder in which that of the run is made. */
  readonly out: string;
  /** Its name, which must be free. Without one the folder is named after the time, the run and its seed. */
  readonly name?: string;
  /** What was typed, for the report. */
  readonly command: string;
}

/**
 * @throws OhmletError RUN-EXISTS, and of the config, the data, the circuit, the engine or a run that diverged
 */
export async function newRun(given: Run, asked: NewRun, listener: Listener): Promise<TrainingEnd> {
  if (asked.name !== undefined && isThere(join(asked.out, asked.name))) throw taken(asked);
  const sets = await makeData(given, asked.data);
  sayData(sets, listener);
  expectEpochs(given);
  const context = await prepare(given, sets, { stop: listener.stop });
  if (given.config.chip?.teacher !== undefined) {
    listener.note(`the teacher, chip ${given.config.chip.teacher.seed} of the design, learns first`);
    const { teacherOf, learnFrom } = await import("./teacher");
    const teacher = await teacherOf(context, async () => void (await setImmediate()));
    if (teacher !== undefined) learnFrom(context, teacher, context.chip, context.initialized);
  }
  const dataFolder = await dataFolderOf(given, asked.data);
  const yaml = configOf(context);
  const about = await aboutOf(context, { yaml, command: asked.command, dataFolder });
  const made = makeFolder(asked, about, context, (folder) => {
    const lock = lockOfThisProcess();
    folder.json(lock.file, lock.content);
    folder.json("config.json", { ...given.config, design: context.chip.circuit.spec });
    folder.text("config.yaml", yaml);
    folder.json("run.json", { ...about, outcome: "running" });
  });
  const lock = heldLock(made.path);
  const folder = made.heldBy(lock);
  return trainInFolder({ context, folder, lock, about, data: dataFolder, onEpoch: asked.onEpoch }, listener);
}

/** @throws OhmletError CONFIG-RANGE for a run that learns nothing */
function expectEpochs({ config, context }: Run): void {
  if (config.epochs > 0) return;
  const node = context.origins.get(config);
  throw new OhmletError({
    code: "CONFIG-RANGE",
    fact: "a run of 0 epochs learns nothing",
    place: placeOf(node?.mark, "epochs"),
    remedy: "write  epochs: 1  or more; 0 is for studies of what a teacher left",
  });
}

/** config.yaml: everything that was decided. */
function configOf({ run, chip, data, rule, engine, dt, solver }: RunContext): string {
  const resolved = resolvedConfig(run, chip.circuit, {
    chipSeed: chip.seed,
    dt,
    rule: rule.name,
    solver,
    engine: engine.info.name,
    train: data.train.samples,
    test: data.test.samples,
  });
  return writeConfig(resolved, [
    "Everything that was decided for this run: `ohmlet train` on this file runs it again.",
    ...(readsFiles(run) ? [`The data were ${data.train.name}; name their folder with --data.`] : []),
  ]);
}

async function aboutOf(
  { run, chip, data, estimator, rule, homeostasis, engine, dt }: RunContext,
  {
    yaml,
    command,
    dataFolder,
  }: { readonly yaml: string; readonly command: string; readonly dataFolder: string | undefined },
): Promise<RunAbout> {
  const { seed, outputs } = run.config;
  return {
    ohmlet: await version(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    command,
    started: new Date().toISOString(),
    seed,
    circuit: chip.circuit.name,
    chip: aboutChip(run, chip.circuit.name),
    data: {
      train: { name: data.train.name, samples: data.train.samples },
      test: { name: data.test.name, samples: data.test.samples },
      ...(data.warnings !== undefined && { notes: data.notes, warnings: data.warnings }),
    },
    ...(readsFiles(run) && { fingerprint: fingerprintOf(data) }),
    ...(dataFolder !== undefined && { dataFolder: resolve(dataFolder) }),
    estimator: { name: estimator.name, ...estimator.settings },
    rule: rule.name,
    ...(homeostasis !== undefined && { homeostasis: { ...homeostasis } }),
    engine: engine.info,
    ...(dt !== undefined && { dt }),
    outputs: { report: outputs?.report !== false, weights: outputs?.weights !== false },
    config: digestOf(yaml),
  };
}

/** The run's folder with its first files; the engine ends where there can be none. */
function makeFolder(
  asked: NewRun,
  { started, seed }: RunAbout,
  { run, engine }: RunContext,
  fill: (folder: RunFolder) => void,
): RunFolder {
  const label = (run.config.name ?? "train").replace(/[^A-Za-z0-9_.-]+/g, "-");
  try {
    if (asked.name === undefined)
      return createRunFolder(
        asked.out,
        `${started.slice(0, 19).replaceAll(":", "-")}-${label}-seed${seed}`,
        fill,
      );
    const made = createNamedFolder(asked.out, asked.name, fill);
    if (made === null) throw taken(asked);
    return made;
  } catch (error) {
    engine.dispose();
    throw error;
  }
}

/** Whatever lies there: a link that leads nowhere, too. */
const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

const taken = ({ out, name = "" }: NewRun): OhmletError =>
  new OhmletError({
    code: "RUN-EXISTS",
    fact: "this is there already, and a run is never written over another",
    place: { where: join(out, name) },
    remedy: "name a new folder; openRun opens the run that is there, resumeRun goes on with it",
  });
