/** A new training run: from its config to a run folder that can be resumed from its first moment. */
import { resolve } from "node:path";
import { resolvedConfig, writeConfig, type Run } from "../../config";
import { fingerprintOf } from "../../io/datasets/fingerprint";
import { createRunFolder } from "../../io/run-folder";
import { heldLock, lockOfThisProcess } from "../../io/run-lock";
import { sayData } from "./data-summary";
import { commandLine } from "../../cli/command-line";
import type { Io } from "../../cli/io";
import { version } from "../version";
import { digestOf, type RunAbout } from "./about";
import { carryOut } from "./train-into";
import { prepare } from "./context";
import { dataFolderOf, makeData, readsFiles } from "./data";
import { aboutChip } from "./report";

/** Where a run's data are and its folder goes, where the user says so. */
export interface Places {
  readonly data?: string;
  readonly out: string;
}

/**
 * @returns the exit code; @throws OhmletError of the config, the data, the circuit, the engine or a run that
 *   diverged
 */
export async function runTraining(given: Run, places: Places, io: Io): Promise<number> {
  const sets = await makeData(given, places.data);
  sayData(sets, io);
  const context = await prepare(given, sets, { stop: io.stop });
  const dataFolder = await dataFolderOf(given, places.data);
  const { chip, data, estimator, rule, engine, dt, solver } = context;
  const { circuit } = chip;
  const { config } = given;
  const { seed, outputs } = config;
  const resolved = resolvedConfig(given, circuit, {
    chipSeed: chip.seed,
    dt,
    rule: rule.name,
    solver,
    engine: engine.info.name,
    train: data.train.samples,
    test: data.test.samples,
  });
  const yaml = writeConfig(resolved, [
    "Everything that was decided for this run: `ohmlet train` on this file runs it again.",
    ...(readsFiles(given) ? [`The data were ${data.train.name}; name their folder with --data.`] : []),
  ]);
  const about: RunAbout = {
    ohmlet: await version(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    command: commandLine(io.program),
    started: new Date().toISOString(),
    seed,
    circuit: circuit.name,
    chip: aboutChip(given, circuit.name),
    data: {
      train: { name: data.train.name, samples: data.train.samples },
      test: { name: data.test.name, samples: data.test.samples },
      ...(data.warnings !== undefined && { notes: data.notes, warnings: data.warnings }),
    },
    ...(readsFiles(given) && { fingerprint: fingerprintOf(data) }),
    ...(dataFolder !== undefined && { dataFolder: resolve(dataFolder) }),
    estimator: { name: estimator.name, ...estimator.settings },
    rule: rule.name,
    engine: engine.info,
    ...(dt !== undefined && { dt }),
    outputs: { report: outputs?.report !== false, weights: outputs?.weights !== false },
    config: digestOf(yaml),
  };
  const label = (config.name ?? "train").replace(/[^A-Za-z0-9_.-]+/g, "-");
  const folder = createRunFolder(
    places.out,
    `${about.started.slice(0, 19).replaceAll(":", "-")}-${label}-seed${seed}`,
    (made) => {
      const lock = lockOfThisProcess();
      made.json(lock.file, lock.content);
      made.json("config.json", { ...config, design: circuit.spec });
      made.text("config.yaml", yaml);
      made.json("run.json", { ...about, outcome: "running" });
    },
  );
  const lock = heldLock(folder.path);
  return carryOut({ context, folder: folder.heldBy(lock), lock, about, data: dataFolder }, io);
}
