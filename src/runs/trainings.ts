/** Trainings in folders for programs: what `ohmlet train` and `ohmlet resume` do, as functions. */
import { basename, dirname } from "node:path";
import type { Run, RunConfig } from "../config";
import { OhmletError, type Stop } from "../errors";
import type { EpochReport } from "../learning/train";
import { check, expectValue, optionsOf } from "../options";
import { expectNotStopped, listenerOf, readListener, type Telling } from "./listener";
import { runIn, thisScript } from "./source";
import { dataFolderOf, readsFiles, refuseIdleData } from "./training/data";
import { newRun } from "./training/new-run";
import { openRun, type OpenedRun } from "./training/open";
import { readRecord, runOfRecord } from "./training/record";
import { resumeTraining } from "./training/resume";

export interface ResumeOptions {
  /** Folder of the data, for runs on files. It may lie anywhere. */
  readonly data?: string;
  /** Hears what is told on the way, as lines for people. Default: nobody does. */
  readonly listener?: Partial<Telling>;
  /**
   * Stops after the phase in progress, with a checkpoint: an AbortSignal, or whatever says that it was
   * aborted. The run is then "interrupted", and `resumeRun` goes on to the same numbers, to the bit.
   */
  readonly signal?: Stop;
  /** Called after every epoch, once the folder has it, and waited for. */
  readonly onEpoch?: (epoch: EpochReport) => void | Promise<void>;
}

export interface TrainIntoOptions extends ResumeOptions {
  /** What the report says was typed. Default: the name of the script that runs. */
  readonly command?: string;
}

const SHARED = {
  data: check.text,
  listener: check.part(readListener),
  signal: check.signal,
  onEpoch: check.callback,
};
const readTrainOptions = optionsOf<TrainIntoOptions>("trainInto", {
  takes: { ...SHARED, command: check.text },
});
const readResumeOptions = optionsOf<ResumeOptions>("resumeRun", { takes: SHARED });

/**
 * Trains a chip in a folder, which gets what `ohmlet train` writes: run.json, config.yaml, events.jsonl,
 * curves.csv, weights.npz, report.html, and checkpoints until it is done.
 *
 * @param folder is made, under this very name; folders above it, too
 * @param run a config (docs/config.md): the path of a .yaml or .json file, its text, or the same as plain
 *   data. Quantities are texts with a unit ("10 us"), or numbers in SI
 * @returns the run, opened, once it is done or stopped
 * @throws OhmletError RUN-EXISTS where something is there already; RUN-STOPPED where the signal has aborted before; CONFIG-…, DATA-…, and those of the circuit
 *   and the engine before the folder is made; DYN-DIVERGED, IO-…, RUN-LOST later: the folder then says so,
 *   and can be resumed
 */
export async function trainInto(
  folder: string,
  run: string | RunConfig,
  options: TrainIntoOptions = {},
): Promise<OpenedRun> {
  const { data, listener, signal, onEpoch, command = thisScript() } = readTrainOptions(options);
  expectValue("trainInto", "folder", folder, check.text);
  const given = runIn(run, "trainInto");
  expectNotStopped(signal, "trainInto");
  refuseIdleData(readsFiles(given), data, "trainInto");
  await expectDataNamed(given, data, "trainInto");
  const asked = { data, out: dirname(folder), name: basename(folder), command, onEpoch };
  await newRun(given, asked, listenerOf(listener, signal));
  return openRun(folder);
}

/**
 * Goes on with a run that was stopped, killed or failed, and comes to the numbers of one that never was.
 *
 * @param folder of a run, of this version of Ohmlet
 * @returns the run, opened, once it is done or stopped again
 * @throws OhmletError RUN-COMPLETE, RUN-VERSION, RUN-BUSY, CONFIG-DATA where data are files and `data` is
 *   left out: what the folder says of where they are is shown and not followed; DATA-CHANGED, CHECKPOINT-…,
 *   and those of a training
 */
export async function resumeRun(folder: string, options: ResumeOptions = {}): Promise<OpenedRun> {
  const { data, listener, signal, onEpoch } = readResumeOptions(options);
  expectValue("resumeRun", "folder", folder, check.text);
  refuseIdleData(readsFiles(await runOfRecord(readRecord(folder))), data, "resumeRun");
  await resumeTraining(folder, { data, onEpoch }, listenerOf(listener, signal));
  return openRun(folder);
}

/** @throws OhmletError CONFIG-DATA where neither the caller nor the config says where the data are */
async function expectDataNamed(run: Run, data: string | undefined, where: string): Promise<void> {
  if (!readsFiles(run) || (await dataFolderOf(run, data)) !== undefined) return;
  throw new OhmletError({
    code: "CONFIG-DATA",
    fact: "this config leaves it to you where the data are",
    place: { where },
    remedy: 'give their folder as an option:  { data: "FOLDER" }',
  });
}
