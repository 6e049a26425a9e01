/**
 * Trains in a run's folder, from the beginning or from a checkpoint, and keeps the folder up to date on the
 * way.
 */
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { OhmletError } from "../../errors";
import { dropCheckpoint } from "../../io/checkpoint-files";
import type { RunFolder } from "../../io/run-folder";
import type { RunLock } from "../../io/run-lock";
import type { Checkpoint } from "../../learning/checkpoint/checkpoint";
import { train, type BatchProgress, type EpochReport } from "../../learning/train";
import { linesWithin } from "../../printable";
import { countedIn, energyOfRun, ledgerOfRun } from "../ledger";
import type { RunEnergy } from "../ledger-record";
import type { Listener, Progress } from "../listener";
import { resumeCommand } from "../shell";
import type { RunAbout } from "./about";
import type { RunContext } from "./context";
import { line } from "./curves";
import { mistakesOf } from "./mistakes";
import { FORWARD_WEIGHTS } from "./forward-weights";
import { loadWeights } from "./open";
import { RunFiles, type FailedReport } from "./run-files";
import { trainOptionsOf } from "./train-options";

/** Milliseconds between looks whether the folder is still there and ours. */
const LOOK = 1000;
/** Faults after which nothing more is written: the folder is another's, is gone, or leads somewhere else. */
const NO_LONGER_OURS = ["RUN-BUSY", "RUN-LOST", "IO-GONE", "IO-LINK"];

export interface Undertaking {
  readonly context: RunContext;
  readonly folder: RunFolder;
  readonly lock: RunLock;
  /** What run.json says of the run as a whole. */
  readonly about: RunAbout;
  /** Folder of the data that this command read, for the command that goes on. */
  readonly data?: string;
  /** Where to go on, the epochs before, and what is done to the folder once the checkpoint is restored. */
  readonly from?: {
    readonly checkpoint: Checkpoint | null;
    readonly epochs: readonly EpochReport[];
    readonly begin: () => void;
  };
  /** Called after every epoch, once it is kept, and waited for. */
  readonly onEpoch?: (epoch: EpochReport) => void | Promise<void>;
}

/** What a training came to. */
export interface TrainingEnd {
  readonly folder: string;
  readonly outcome: "done" | "interrupted";
  /** What run.json says. */
  readonly record: object;
}

/** @throws OhmletError of a run that diverged, a disk that is full, … */
export async function trainInFolder(undertaking: Undertaking, listener: Listener): Promise<TrainingEnd> {
  const { context, folder, lock, about, from, onEpoch } = undertaking;
  const passes = context.run.config.epochs;
  const epochs: EpochReport[] = [...(from?.epochs ?? [])];
  const files = new RunFiles(folder, context, about, epochs);
  announce(context, listener);
  const progress = listener.progress();
  listener.interruption();
  let begun = from === undefined;
  try {
    progress.update(0, "first batch");
    const steps = epochsOf(undertaking, files, progress, listener, () => {
      from?.begin();
      begun = true;
    });
    for await (const report of steps) {
      files.epoch(report);
      listener.print(line(report, passes));
      await onEpoch?.(report);
    }
    progress.end();
    return await end(undertaking, files, epochs, listener);
  } catch (error) {
    progress.end();
    const untouched = !begun; // the checkpoint was refused: what is in the folder stays as it is
    const lost = error instanceof OhmletError && NO_LONGER_OURS.includes(error.code);
    if (!untouched && !lost) tellReport(await files.failed(error), listener);
    throw error;
  } finally {
    lock.release();
    context.engine.dispose();
  }
}

function announce({ chip, data, estimator, engine }: RunContext, listener: Listener): void {
  listener.print(
    `${chip.circuit.name} on ${data.train.name}: ${data.train.samples} training and ` +
      `${data.test.samples} test samples, ${estimator.name}${estimator.nudgeless ? "" : " nudges"}, ${engine.info.name}`,
  );
  if (engine.info.fallbackReason !== undefined)
    listener.note(`${engine.info.name}, since ${engine.info.fallbackReason}`);
}

/** The epochs of the training, as they end. */
function epochsOf(
  { context, lock, from }: Undertaking,
  files: RunFiles,
  progress: Progress,
  listener: Listener,
  onStart: () => void,
): AsyncIterable<EpochReport> {
  const { config } = context.run;
  const passes = config.epochs;
  let looked = performance.now();
  const onBatch = async ({ epoch, batch, batches, cost }: BatchProgress): Promise<void> => {
    // Of a folder that was removed or taken, a long epoch should not end in vain.
    if (performance.now() - looked > LOOK) {
      lock.check();
      looked = performance.now();
    }
    progress.update(
      (epoch - 1 + batch / batches) / passes,
      `epoch ${epoch} of ${passes}, batch ${batch} of ${batches}, cost ${cost.toPrecision(3)}`,
    );
    await setImmediate(); // lets a signal come through
  };
  return train(context.chip, context.data, {
    ...trainOptionsOf(context),
    signal: listener.stop,
    checkpointEvery: config.checkpointEvery,
    resume: from?.checkpoint ?? undefined,
    onStart,
    onCheckpoint: (checkpoint) => files.checkpoint(checkpoint),
    onBatch,
  });
}

/** The last files of a training that came to its end or was stopped, and what is said of it. */
async function end(
  { context, folder, data }: Undertaking,
  files: RunFiles,
  epochs: readonly EpochReport[],
  listener: Listener,
): Promise<TrainingEnd> {
  const last = epochs.at(-1);
  const stopped = last?.stopped;
  const over = epochs.length === context.run.config.epochs || stopped !== undefined;
  const outcome = over ? "done" : "interrupted";
  const mistakes = over && files.reports ? await mistakesOf(context) : null;
  if (mistakes !== null) folder.json("mistakes.json", mistakes);
  // The page tells of the chip that the folder keeps: after the last whole epoch, and not yet older by its test.
  loadWeights(context.chip, join(folder.path, "weights.npz"));
  if (context.initialized !== undefined)
    loadWeights(context.initialized.chip, join(folder.path, FORWARD_WEIGHTS));
  const energy = over ? await energyIn(context, epochs) : null;
  if (energy !== null) folder.json("ledger.json", energy);
  const page = await files.page({ trained: true, outcome, mistakes, energy });
  const record = files.record(outcome, undefined, energy);
  if (over) dropCheckpoint(folder);
  listener.warn(...(last?.warnings ?? []));
  if (stopped !== undefined) {
    const why = stopped === "target" ? "the target is reached" : "the test accuracy no longer grows";
    listener.note(`stopped after epoch ${epochs.length}: ${why}`);
  }
  if (!over) listener.note(`to go on:  ${resumeCommand(listener.program, folder.path, data)}`);
  listener.print(page ?? folder.path);
  return { folder: folder.path, outcome, record };
}

/** What the training came to in joules; null where the chip does not say. */
async function energyIn(context: RunContext, epochs: readonly EpochReport[]): Promise<RunEnergy | null> {
  const last = epochs.at(-1);
  if (last === undefined) return null;
  const { samples } = context.data.train;
  const ledger = await ledgerOfRun(context, context.chip, countedIn(last, epochs.length * samples));
  return ledger && energyOfRun(ledger, epochs, samples);
}

function tellReport(report: FailedReport | null, listener: Listener): void {
  if (report === null) return;
  const said =
    "page" in report ? `what it came to:  ${report.page}` : `and its report was not written: ${report.fault}`;
  listener.note(...linesWithin(said));
}
