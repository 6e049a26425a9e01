/**
 * The folder of a study: study.json (what was asked, complete), journal.jsonl (results in order of arrival),
 * timing.jsonl and about.json (what tells of the machine and is not compared), and in the end results.csv,
 * results.parquet and summary.json, whose bytes depend on study.json alone.
 */
import { existsSync, lstatSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { studyFrom, type AskedStudy, type Run, type CompleteStudyConfig } from "../../config";
import { nodeOf } from "../../config/node";
import { OhmletError } from "../../errors";
import { isDataFingerprint, type DataFingerprint } from "../../io/datasets/fingerprint";
import { readBoundedJson, readBoundedText } from "../../io/bounded";
import { createNamedFolder, takeOverRunFolder, type RunFolder } from "../../io/run-folder";
import { lockRun, type RunLock } from "../../io/run-lock";
import {
  journalLine,
  readJournal,
  shardOf,
  trialsOf,
  type JobResult,
  type Trial,
  type TrialResult,
} from "../../study";
import { resumeCommand } from "../shell";
import { digestOf } from "../training/about";
import { isCount, isRecord } from "../training/checks";
import { expectDataRead } from "../training/data";
import { version } from "../version";
import { studyReadsFiles } from "./data";

/** Which share of the trials a folder holds. */
export interface Shard {
  readonly number: number;
  readonly of: number;
}

export const WHOLE: Shard = { number: 1, of: 1 };

/** study.json. */
interface Record {
  readonly ohmlet: string;
  /** The study with its run within, as plain data. */
  readonly study: CompleteStudyConfig;
  readonly shard: Shard;
  /** SHA-256 of the study: equal for all shards of one. */
  readonly digest: string;
  /** Folder of the run's data, where the user named one. Told to whoever goes on, and never followed. */
  readonly data?: string;
  /** Of the data, where they are read from files. */
  readonly fingerprint?: DataFingerprint;
}

/** A study and the part of it that is done here. */
export interface StudyWork {
  readonly asked: AskedStudy;
  /** As it stood where it was written: for the places of faults. */
  readonly named?: Pick<AskedStudy, "config" | "context">;
  readonly shard: Shard;
  readonly trials: readonly Trial[];
  readonly digest: string;
  /** Folder of the run's data, as the user named it for this command. */
  readonly data?: string;
  /** Where they lay when the folder was made, as study.json says: for messages, and never followed. */
  readonly dataThen?: string;
  /** Of the data with which it began, where they are read from files. */
  readonly fingerprint?: DataFingerprint;
}

const [JOURNAL, TIMING] = ["journal.jsonl", "timing.jsonl"];
const LARGEST_RECORD = 2 ** 22;
/** Bytes: the longest text that a string holds, nearly. */
export const LARGEST_JOURNAL = 2 ** 29 - 2 ** 20;

/**
 * @param engine in place of the run's
 * @param files whether files are named, which may be in the place of digits that the run draws
 */
export function workOf(
  given: AskedStudy,
  shard: Shard,
  {
    data,
    files = false,
    engine,
    chips,
    seed,
  }: {
    readonly data?: string;
    readonly files?: boolean;
    readonly engine?: string;
    readonly chips?: number;
    readonly seed?: number;
  } = {},
): StudyWork {
  const { config, run } = given;
  const { $schema: _, config: __, ...rest } = config;
  const whole = {
    ...rest,
    run: { ...selfContained(run), ...(files && filesIn(given)), ...(engine !== undefined && { engine }) },
    ...(chips !== undefined && { chips }),
    ...(seed !== undefined && { seed }),
  };
  // Read again from plain data: what runs is what study.json says, and nothing else.
  const asked = studyFrom(nodeOf(JSON.parse(JSON.stringify(whole))));
  return {
    asked,
    named: given,
    shard,
    trials: shardOf(trialsOf(asked.study, asked.plan), shard.number, shard.of),
    digest: digestOf(JSON.stringify(asked.config)),
    ...(data !== undefined && { data }),
  };
}

/** Files in the place of digits that the run draws, where it allows that. */
function filesIn({ run }: AskedStudy): object {
  const { data } = run.config;
  if (data.kind === "folder" || data.orFolder !== true) return {};
  const { train, test, targets } = data;
  return { data: { kind: "folder", train, test, ...(targets && { targets }) } };
}

/**
 * The run as plain data. @throws OhmletError STUDY-FILES where it names files beside it, which a worker
 * elsewhere has not
 */
function selfContained({ config }: Run): Run["config"] {
  const { outputs: _, $schema: __, ...rest } = config;
  const { circuit } = rest;
  if (typeof circuit === "string" && /\.(ya?ml|json)$/.test(circuit)) {
    throw new OhmletError({
      code: "STUDY-FILES",
      fact: `the run takes its circuit from "${circuit}"`,
      place: { where: "circuit" },
      remedy: "write the circuit into the run: a study goes to workers as one file",
    });
  }
  return rest;
}

/**
 * A study with the folder of data that the user named, whoever begins it or goes on with it.
 * @throws OhmletError CLI-IDLE where no point of it reads files
 */
export function withData(work: StudyWork, data: string | undefined): StudyWork {
  expectDataRead(data, studyReadsFiles(work.asked));
  return data === undefined ? work : { ...work, data };
}

/** An open folder with what is known already. */
export interface StudyFolder {
  readonly path: string;
  readonly files: RunFolder;
  readonly lock: RunLock;
  readonly results: Map<string, TrialResult>;
  /** Of the data with which the study began, and where they lay. */
  readonly fingerprint?: DataFingerprint;
  readonly dataThen?: string;
  /** Appends what is new. */
  keep(trials: ReadonlyMap<string, Trial>, result: JobResult): void;
}

/**
 * Opens the folder of a study, or makes it.
 * @throws OhmletError STUDY-CHANGED, STUDY-VERSION, STUDY-FOLDER, STUDY-JOURNAL, RUN-BUSY, RUN-FILE, IO-…
 */
export async function openStudyFolder(path: string, work: StudyWork): Promise<StudyFolder> {
  const ohmlet = await version();
  if (!existsSync(path)) {
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined)
      throw new OhmletError({
        code: "IO-FOLDER",
        fact: "this is a link that leads nowhere",
        place: { where: path },
        remedy: "make the folder that it should lead to, or name another  (typed, with  --out)",
      });
    const record = recordOfWork(work, ohmlet);
    // Made under this very name or not at all: whoever was faster has the folder.
    const made = createNamedFolder(dirname(path), basename(path), (folder) =>
      folder.json("study.json", record),
    );
    if (made === null)
      throw new OhmletError({
        code: "STUDY-FOLDER",
        fact: "another study took this folder just now",
        place: { where: path },
        remedy: "give the same command again to go on in it, or name another folder",
      });
  }
  const { record, where } = recordOf(path);
  if (record.ohmlet !== ohmlet)
    throw new OhmletError({
      code: "STUDY-VERSION",
      fact: `this study was begun by version ${record.ohmlet.slice(0, 40)}, this is ${ohmlet}`,
      place: { where },
      remedy:
        "go on with the version that began it, or start in a new folder: other versions may come to " +
        "other numbers",
    });
  if (
    record.digest !== work.digest ||
    record.shard.number !== work.shard.number ||
    record.shard.of !== work.shard.of
  ) {
    const fact =
      record.digest === work.digest
        ? `the folder holds shard ${record.shard.number}/${record.shard.of}`
        : "the study has changed since this folder was begun";
    throw new OhmletError({
      code: "STUDY-CHANGED",
      fact,
      place: { where },
      remedy:
        "name another folder  (typed, with  --out),  or go on with what was asked:  " +
        `${resumeCommand("ohmlet", path)}  (in a program, give  studyInto  that study)`,
    });
  }
  const lock = lockRun(path, "study");
  try {
    // Before anything is measured: whatever could not be written in the end.
    const files = takeOverRunFolder(path).heldBy(lock);
    const journal = join(path, JOURNAL);
    const text = readBoundedText(journal, LARGEST_JOURNAL) ?? "";
    const { results, whole } = readJournal(text, work.trials, journal);
    for (const log of [JOURNAL, TIMING]) files.own(log, LARGEST_JOURNAL);
    // A line that a kill cut short is measured again.
    if (whole < text.length) files.truncate(JOURNAL, new TextEncoder().encode(text.slice(0, whole)).length);
    return {
      path,
      files,
      lock,
      results,
      fingerprint: record.fingerprint,
      dataThen: record.data,
      keep(trials, { results: found, seconds, worker }) {
        const fresh = found.filter(({ key }) => trials.has(key) && !results.has(key));
        files.append(
          JOURNAL,
          fresh.map((result) => journalLine(trials.get(result.key) as Trial, result)).join(""),
          { flush: true },
        );
        files.append(TIMING, `${JSON.stringify({ trials: found.map(({ key }) => key), seconds, worker })}\n`);
        for (const result of fresh) results.set(result.key, result);
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Whether a folder is one of a study. */
export const isStudyFolder = (path: string): boolean => existsSync(join(path, "study.json"));

/**
 * The study of a folder, as it was begun. @throws OhmletError STUDY-FOLDER, STUDY-VERSION, STUDY-CHANGED and
 * those of configs
 */
export async function workInFolder(path: string): Promise<StudyWork> {
  const { record, where } = recordOf(path);
  const here = await version();
  // Said before anything is made of it: another version may not even read it.
  if (record.ohmlet !== here)
    throw new OhmletError({
      code: "STUDY-VERSION",
      fact: `this study was begun by version ${record.ohmlet.slice(0, 40)}, this is ${here}`,
      place: { where },
      remedy: "use the version that began it: other versions may come to other numbers",
    });
  const work = workOf(studyFrom(nodeOf(record.study)), record.shard);
  if (work.digest !== record.digest)
    throw new OhmletError({
      code: "STUDY-CHANGED",
      fact: "this is not the study that the folder was begun with",
      place: { where },
      remedy: "put study.json back as it was, or start in a new folder",
    });
  return { ...work, dataThen: record.data, fingerprint: record.fingerprint };
}

/** What study.json says of a study. */
export const recordOfWork = (
  { asked, shard, digest, dataThen, data = dataThen, fingerprint }: StudyWork,
  ohmlet: string,
): Record => ({
  ohmlet,
  study: asked.config,
  shard,
  digest,
  ...(data !== undefined && { data }),
  ...(fingerprint !== undefined && { fingerprint }),
});

function recordOf(path: string): { readonly record: Record; readonly where: string } {
  const where = join(path, "study.json");
  const fail = (fact: string): never => {
    throw new OhmletError({
      code: "STUDY-FOLDER",
      fact,
      place: { where: path },
      remedy:
        "name a folder that  ohmlet study,  or  studyInto  of a program, made, or one that does not exist yet",
    });
  };
  if (!(statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false)) fail("there is no such folder");
  const found = readBoundedJson(where, LARGEST_RECORD);
  if (found === null) return fail("it holds no study.json");
  if (
    !isRecord(found) ||
    typeof found.ohmlet !== "string" ||
    typeof found.digest !== "string" ||
    !isRecord(found.study) ||
    !isShard(found.shard) ||
    (found.data !== undefined && typeof found.data !== "string") ||
    (found.fingerprint !== undefined && !isDataFingerprint(found.fingerprint))
  )
    return fail("its study.json does not say what Ohmlet writes there");
  return { record: found as unknown as Record, where };
}

const isShard = (value: unknown): value is Shard =>
  isRecord(value) &&
  isCount(value.number) &&
  isCount(value.of) &&
  value.number >= 1 &&
  value.number <= value.of &&
  value.of <= 100_000;
