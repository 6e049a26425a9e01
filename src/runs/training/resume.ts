/** Goes on with a run that was interrupted, killed or failed, where its last checkpoint was taken. */
import { OhmletError } from "../../errors";
import { readCheckpoint, type StoredCheckpoint } from "../../io/checkpoint-files";
import { toJson } from "../../io/json";
import { expectSameData, fingerprintOf } from "../../io/datasets/fingerprint";
import { takeOverRunFolder } from "../../io/run-folder";
import { lockRun } from "../../io/run-lock";
import { largestNpz } from "../../io/npz";
import { checkpointLengths, type Checkpoint, type Position } from "../../learning/checkpoint/checkpoint";
import type { EpochReport } from "../../learning/train";
import type { Listener } from "../listener";
import { resumeCommand } from "../shell";
import { version } from "../version";
import { isCount, isRecord } from "./checks";
import { prepare, type RunContext } from "./context";
import { curve } from "./curves";
import { dataUnnamed, expectDataRead, makeData, readsFiles } from "./data";
import { readEpochs, readRecord, runOfRecord } from "./record";
import { trainInFolder, type TrainingEnd, type Undertaking } from "./train-in-folder";

/** What there is to say when one goes on. */
export interface Resuming extends Pick<Undertaking, "onEpoch"> {
  /**
   * Folder of the data, where they are not drawn by Ohmlet: the one that the run's folder names is shown, and
   * not followed.
   */
  readonly data?: string;
}

/** @throws OhmletError RUN-…, CHECKPOINT-…, and those of a run */
export async function resumeTraining(
  path: string,
  { data, onEpoch }: Resuming,
  listener: Listener,
): Promise<TrainingEnd> {
  const first = readRecord(path);
  const { about, outcome } = first;
  if (outcome === "done")
    throw new OhmletError({
      code: "RUN-COMPLETE",
      fact: "this run is complete",
      place: { where: path },
      remedy: "start a new run with more epochs:  ohmlet train  (in a program,  trainInto)",
    });
  await expectVersion(about.ohmlet, path);
  const reads = readsFiles(await runOfRecord(first));
  expectDataRead(data, reads);
  if (data === undefined && reads)
    throw dataUnnamed(path, "run", resumeCommand(listener.program, path, about.dataFolder ?? ""));
  const lock = lockRun(path);
  try {
    // Read again: whoever held the folder until now may have come further.
    const record = readRecord(path);
    await expectVersion(record.about.ohmlet, path);
    const run = await runOfRecord(record);
    // Before anything is computed: whatever could not be written in the end.
    const folder = takeOverRunFolder(path).heldBy(lock);
    const sets = await makeData(run, data);
    if (about.fingerprint !== undefined)
      expectSameData(about.fingerprint, fingerprintOf(sets), data ?? sets.train.name, "run");
    const context = await prepare(run, sets, { stop: listener.stop });
    const { checkpoint, epochs } = disposing(context.engine, () => whatWasDone(context, path));
    const before = epochs.slice(0, checkpoint === null ? 0 : checkpoint.position.epoch - 1);
    const begin = (): void => {
      // What came after the checkpoint comes again.
      folder.text("events.jsonl", before.map((epoch) => `${toJson({ type: "epoch", ...epoch })}\n`).join(""));
      folder.rows("curves.csv", before.map(curve));
      folder.json("run.json", { ...record.about, outcome: "running" });
    };
    listener.note(
      checkpoint === null
        ? "there is no checkpoint: from the beginning"
        : `from epoch ${checkpoint.position.epoch}, after ${checkpoint.position.batch} of its batches`,
    );
    return await trainInFolder(
      { context, folder, lock, about, data, from: { checkpoint, epochs: before, begin }, onEpoch },
      listener,
    );
  } finally {
    lock.release();
  }
}

async function expectVersion(began: string, path: string): Promise<void> {
  const here = await version();
  if (began !== here)
    throw new OhmletError({
      code: "RUN-VERSION",
      fact: `this run was begun by version ${began.slice(0, 40)}, this is ${here}`,
      place: { where: path },
      remedy: "resume with the version that began it; other versions may come to other numbers",
    });
}

/**
 * The checkpoint, and the epochs that are told of: as many as it needs. @throws OhmletError CHECKPOINT-…,
 * RUN-EVENTS
 */
function whatWasDone(
  { run: { config }, chip, estimator, optimizer, data, initialized }: RunContext,
  path: string,
): { readonly checkpoint: Checkpoint | null; readonly epochs: readonly EpochReport[] } {
  const { samples } = data.train;
  const lengths = checkpointLengths(
    { chip, optimizer, forward: initialized },
    {
      persistent: config.persistent === true ? samples : 0,
      batches: Math.ceil(samples / config.batch),
      lasting: estimator.reading?.lasting.states ?? 0,
    },
  );
  const stored = readCheckpoint(path, largestNpz(lengths));
  const checkpoint = stored === null ? null : checkpointOf(stored, path);
  const epochs = readEpochs(path);
  const reported = checkpoint === null ? 0 : checkpoint.position.epoch - 1;
  if (epochs.length < reported)
    throw new OhmletError({
      code: "RUN-EVENTS",
      fact: `the checkpoint was taken in epoch ${reported + 1}, and only ${epochs.length} epochs are told of`,
      place: { where: `${path}/events.jsonl` },
      remedy: "give the folder as the run wrote it",
    });
  return { checkpoint, epochs };
}

/** @throws OhmletError CHECKPOINT-FORMAT */
export function checkpointOf(
  { about: { identity, position, ohmlet }, arrays }: StoredCheckpoint,
  path: string,
): Checkpoint {
  const texts = isRecord(identity) && Object.values(identity).every((text) => typeof text === "string");
  if (!texts || typeof ohmlet !== "string" || !isPosition(position)) {
    throw new OhmletError({
      code: "CHECKPOINT-FORMAT",
      fact: "this is not a checkpoint that this version of Ohmlet reads",
      place: { where: `${path}/checkpoint.json` },
      remedy:
        "resume with the version that wrote it; without a checkpoint (remove checkpoint.json) the run " +
        "starts anew",
    });
  }
  return {
    identity: identity as Record<string, string>,
    position,
    arrays: Object.fromEntries([...arrays].map(([name, { shape, data }]) => [name, { shape, values: data }])),
  };
}

/** Runs what may be refused; then the engine, whose threads would hold the process, ends. */
function disposing<T>(engine: { dispose(): void }, action: () => T): T {
  try {
    return action();
  } catch (error) {
    engine.dispose();
    throw error;
  }
}

function isClock(value: unknown): boolean {
  return (
    isRecord(value) &&
    ["training", "testing", "owed"].every((name) => typeof value[name] === "number" && value[name] >= 0) &&
    (value.sinceRefresh === undefined || (typeof value.sinceRefresh === "number" && value.sinceRefresh >= 0))
  );
}

function isPosition(value: unknown): value is Position {
  if (!isRecord(value)) return false;
  const { epoch, batch, seconds, done, best, clock } = value;
  const known = best === null || (isRecord(best) && isCount(best.epoch) && typeof best.accuracy === "number");
  return (
    isCount(epoch) &&
    epoch >= 1 &&
    isCount(batch) &&
    typeof seconds === "number" &&
    seconds >= 0 &&
    typeof done === "boolean" &&
    known &&
    (clock === null || isClock(clock))
  );
}
