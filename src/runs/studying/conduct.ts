/** Carries a study out: what is not yet known goes to an executor, what comes back into the folder. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { OhmletError } from "../../errors";
import { expectSameData } from "../../io/datasets/fingerprint";
import { areMeasures } from "../../config/measures";
import { jobsOf, type Executor, type JobResult, type Summary, type Task, type Trial } from "../../study";
import type { Listener, Progress } from "../listener";
import { resumeCommand } from "../shell";
import { version } from "../version";
import { dataUnnamed } from "../training/data";
import { expectedOf, fingerprintOfStudy, studyReadsFiles } from "./data";
import { checkWork } from "./check-knobs";
import { openStudyFolder, type StudyFolder, type StudyWork } from "./folder";
import { writeResults } from "./results";
import { describeSummary, warningsIn } from "./describe";

/**
 * Chips that a worker takes together: so few that a kill costs little, and so many that it pays to measure
 * them side by side.
 */
const CHIPS_A_JOB = { trained: 4, asFabricated: 16 };
/** Jobs that there should be at least, so that all workers have some. */
const LEAST_JOBS = 64;
/** Faults after which the folder is not ours to go on with. */
const LOST = ["RUN-LOST", "IO-GONE"];

/** @param left trials to do */
export function chipsAJob({ asked: { config } }: StudyWork, left: number): number {
  return Math.min(
    config.train ? CHIPS_A_JOB.trained : CHIPS_A_JOB.asFabricated,
    Math.max(CHIPS_A_JOB.trained, Math.ceil(left / LEAST_JOBS)),
  );
}

export function taskOf(work: StudyWork): Task {
  const {
    asked: { run, study, config },
    data,
    fingerprint,
  } = work;
  return {
    run: run.config,
    ...(run.choices && { choices: run.choices }),
    measures: study.measures,
    train: config.train,
    ...(data !== undefined && { data }),
    ...(fingerprint !== undefined && { expected: expectedOf(work, fingerprint) }),
  };
}

/** Commands that a study tells of. */
export interface StudyCommands {
  /** What was typed, for about.json. */
  readonly typed: string;
  /** The same with the data of a folder, for whoever named none. */
  readonly withData: (data: string) => string;
}

/** What a study came to. */
export type StudyEnd =
  | { readonly outcome: "done"; readonly folder: string; readonly summary: Summary }
  /** With as many trials as are kept, of all. */
  | {
      readonly outcome: "interrupted";
      readonly folder: string;
      readonly trials: number;
      readonly of: number;
    };

/**
 * @param path of the study's folder; made where it is not there, gone on with where it is
 * @throws OhmletError CONFIG-DATA where data are files that nobody named: what the folder says of them is not
 *   followed
 */
export async function conduct(
  work: StudyWork,
  path: string,
  executor: Executor,
  { typed, withData }: StudyCommands,
  listener: Listener,
): Promise<StudyEnd> {
  // A folder that is there was made after this check; it is held against what was asked instead, at once.
  const begins = !existsSync(path);
  const unnamed = work.data === undefined && studyReadsFiles(work.asked);
  const expectNamed = (then = ""): void => {
    if (unnamed) throw dataUnnamed(path, "study", withData(then));
  };
  if (begins) expectNamed(work.dataThen);
  if (begins) await checkWork(work);
  const now = begins ? await fingerprintOfStudy(work) : undefined;
  const folder = await openStudyFolder(path, { ...work, fingerprint: now });
  const { results, lock, files, fingerprint } = folder;
  const [signal, progress] = [listener.interruption(), listener.progress()];
  const { trials } = work;
  const again = resumeCommand(listener.program, path, work.data);
  try {
    const left = trials.filter(({ key }) => !results.has(key));
    if (left.length > 0) expectNamed(folder.dataThen);
    if (left.length > 0 && fingerprint !== undefined) {
      const have = now ?? (await fingerprintOfStudy(work));
      if (have !== undefined) expectSameData(fingerprint, have, work.data ?? "data", "study");
    }
    files.json("about.json", {
      ohmlet: await version(),
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      command: typed,
      started: new Date().toISOString(),
      executor: executor.name,
    });
    if (left.length < trials.length)
      listener.note(`${trials.length - left.length} of ${trials.length} trials are known already`);
    if (left.length > 0)
      await measure({ ...work, fingerprint }, left, folder, executor, { signal, progress });
    if (results.size < trials.length) {
      listener.note(`stopped after ${results.size} of ${trials.length} trials; go on with:  ${again}`);
      return { outcome: "interrupted", folder: path, trials: results.size, of: trials.length };
    }
    const summary = await writeResults(files, work, results);
    tell(summary, path, work, listener);
    return { outcome: "done", folder: path, summary };
  } catch (error) {
    progress.end();
    if (error instanceof OhmletError && error.category === "run" && !LOST.includes(error.code))
      listener.note(`${results.size} of ${trials.length} trials are kept; go on with:  ${again}`);
    throw error;
  } finally {
    lock.release();
  }
}

/** Has the trials done that are left, and keeps what comes back. */
async function measure(
  work: StudyWork,
  left: readonly Trial[],
  folder: StudyFolder,
  executor: Executor,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: Progress },
): Promise<void> {
  const { trials, asked } = work;
  const { results, lock } = folder;
  const byKey = new Map<string, Trial>(trials.map((trial) => [trial.key, trial]));
  const before = trials.length - left.length;
  progress.update(0, `${left.length} trials`);
  const keep = (result: JobResult): void => {
    lock.check();
    expectMeasures(result, asked.study.measures);
    folder.keep(byKey, result);
    progress.update((results.size - before) / left.length, `${results.size} of ${trials.length} trials`);
  };
  await executor.run(taskOf(work), jobsOf(left, chipsAJob(work, left.length)), keep, signal);
  progress.end();
}

function tell(summary: Summary, path: string, { shard, asked }: StudyWork, listener: Listener): void {
  listener.print(...describeSummary(summary, asked.study.measures));
  for (const warning of warningsIn(summary)) listener.note(warning);
  listener.print(
    shard.of > 1
      ? `shard ${shard.number} of ${shard.of} is in ${path}; join all with:  ${listener.program} merge FOLDER…`
      : `results: ${join(path, "report.html")}`,
  );
}

/** Whoever did the job: what it sent is held against what was asked. @throws OhmletError STUDY-ANSWER */
function expectMeasures({ results, worker }: JobResult, wanted: readonly string[]): void {
  const odd = results.find(({ measures, fault }) => fault === undefined && !areMeasures(measures, wanted));
  if (odd === undefined) return;
  throw new OhmletError({
    code: "STUDY-ANSWER",
    fact: "what came back is not what was to be measured, and is not kept",
    place: { where: `worker ${worker}: ${odd.key}`.slice(0, 300) },
    remedy: "end this worker, and give the same command again: what was measured before is kept",
    category: "run",
  });
}
