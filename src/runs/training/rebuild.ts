/**
 * A run's report from its folder alone: nothing is trained, and data are read only where the user names them.
 */
import { join } from "node:path";
import type { Chip } from "../../circuit/chip-types";
import type { Run } from "../../config";
import { expectSameData, fingerprintOf } from "../../io/datasets/fingerprint";
import { openRunFolder } from "../../io/run-folder";
import { writeReport } from "../write-report";
import { prepare } from "./context";
import { expectDataRead, makeData, readsFiles } from "./data";
import { mistakesOf, type Mistakes } from "./mistakes";
import { keptMistakes, openedRun, reportOf } from "./open";
import { expectEpochs, readEpochs, readRecord, runOfRecord, type RunRecord } from "./record";

/** A report that was written. */
export interface Rebuilt {
  /** The page. */
  readonly report: string;
  /** Epochs that it tells of. */
  readonly epochs: number;
}

/**
 * @param data folder of the data: the chip of a run that came to no mistakes.json is then tried on them
 * @param expectRead refuses data that are named where no files are read
 * @throws OhmletError RUN-…, and those of configs, of .npz files and of data
 */
export async function rebuildRunReport(
  path: string,
  data: string | undefined,
  expectRead = (reads: boolean): void => expectDataRead(data, reads),
): Promise<Rebuilt> {
  const record = readRecord(path);
  const run = await runOfRecord(record);
  expectRead(readsFiles(run));
  const epochs = expectEpochs(readEpochs(path), path);
  const { chip, trained } = openedRun(record, run, epochs);
  const kept = keptMistakes(path);
  const mistakes =
    data === undefined ? kept : await mistakesOn(data, record, run, trained ? chip : null, kept);
  await writeReport(openRunFolder(path), reportOf({ record, run, chip, trained, mistakes }, epochs));
  return { report: join(path, "report.html"), epochs: epochs.length };
}

/**
 * The mistakes that the run kept, or those that its trained chip makes on the data. @throws OhmletError
 * DATA-CHANGED, …
 */
async function mistakesOn(
  folder: string,
  { about }: RunRecord,
  run: Run,
  chip: Chip | null,
  kept: Mistakes | null,
): Promise<Mistakes | null> {
  const sets = await makeData(run, folder);
  if (about.fingerprint !== undefined) expectSameData(about.fingerprint, fingerprintOf(sets), folder, "run");
  if (kept !== null || chip === null) return kept;
  const context = await prepare(run, sets);
  try {
    return await mistakesOf({ ...context, chip });
  } finally {
    context.engine.dispose();
  }
}
