/** Joins the shards of a study into one folder, as if it had run in one piece. */
import { lstatSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { OhmletError } from "../../errors";
import { dataDifference } from "../../io/datasets/fingerprint";
import { readBoundedText } from "../../io/bounded";
import { createRunFolder } from "../../io/run-folder";
import { journalLine, readJournal, trialsOf, type TrialResult } from "../../study";
import type { Listener } from "../listener";
import { version } from "../version";
import type { StudyEnd } from "./conduct";
import { describeSummary } from "./describe";
import { LARGEST_JOURNAL, recordOfWork, WHOLE, workInFolder, type StudyWork } from "./folder";
import { writeResults } from "./results";

/** A folder of a study and what it is to hold. */
interface Part {
  readonly folder: string;
  readonly work: StudyWork;
}

/**
 * @param out a folder that is not there yet
 * @throws OhmletError MERGE-STUDY, MERGE-DATA, MERGE-CONFLICT, MERGE-MISSING, MERGE-FOLDER and those of the
 *   folders
 */
export async function mergeStudies(
  folders: readonly string[],
  out: string,
  listener: Listener,
): Promise<StudyEnd> {
  if (lstatSync(out, { throwIfNoEntry: false }) !== undefined)
    throw new OhmletError({
      code: "MERGE-FOLDER",
      fact: "this is there already",
      place: { where: out },
      remedy: "name a new folder with  --out",
    });
  const parts = await Promise.all(
    folders.map(async (folder): Promise<Part> => ({ folder, work: await workInFolder(folder) })),
  );
  expectOneStudy(parts);
  expectOneSetOfData(parts);
  const [first] = parts;
  const { study, plan } = first.work.asked;
  const work: StudyWork = { ...first.work, shard: WHOLE, trials: trialsOf(study, plan) };
  const results = resultsOf(parts);
  expectAll(work, results, parts);
  const lines = work.trials
    .map((trial) => journalLine(trial, results.get(trial.key) as TrialResult))
    .join("");
  const ohmlet = await version();
  const folder = createRunFolder(dirname(out), basename(out), (made) => {
    made.json("study.json", recordOfWork(work, ohmlet));
    made.text("journal.jsonl", lines);
  });
  const summary = await writeResults(folder, work, results);
  listener.print(...describeSummary(summary, study.measures));
  listener.print(`results: ${folder.path}`);
  return { outcome: "done", folder: folder.path, summary };
}

function expectOneStudy([first, ...others]: readonly Part[]): void {
  const other = others.find(({ work }) => work.digest !== first.work.digest);
  if (other === undefined) return;
  throw new OhmletError({
    code: "MERGE-STUDY",
    fact: `this is another study than that of ${first.folder}`,
    place: { where: other.folder },
    remedy: "join the shards of one study file, unchanged",
  });
}

function expectOneSetOfData(parts: readonly Part[]): void {
  const [first] = parts;
  const then = first.work.fingerprint;
  for (const { folder, work } of parts) {
    const now = work.fingerprint;
    const difference = now === undefined || then === undefined ? null : dataDifference(then, now);
    if (difference === null) continue;
    throw new OhmletError({
      code: "MERGE-DATA",
      fact: `this was measured on other data than ${first.folder}: ${difference}`,
      place: { where: folder },
      remedy: "run the shards again on the same data",
    });
  }
}

/** What all folders tell, by trial. */
function resultsOf(parts: readonly Part[]): Map<string, TrialResult> {
  const all = new Map<string, TrialResult>();
  for (const { folder, work } of parts) {
    const where = join(folder, "journal.jsonl");
    const text = readBoundedText(where, LARGEST_JOURNAL) ?? "";
    for (const [key, result] of readJournal(text, work.trials, where).results) {
      const known = all.get(key);
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(result))
        throw new OhmletError({
          code: "MERGE-CONFLICT",
          fact: `the trial ${key} came to other numbers than in another folder`,
          place: { where },
          remedy: "equal versions and engines give equal numbers: run the shards again with the same",
        });
      all.set(key, result);
    }
  }
  return all;
}

/** Shards that an error names. */
const MOST_NAMED = 20;

function expectAll(
  { trials }: StudyWork,
  results: ReadonlyMap<string, TrialResult>,
  parts: readonly Part[],
): void {
  const missing = trials.length - results.size;
  if (missing <= 0) return;
  const { of } = parts[0].work.shard;
  const given = new Set(parts.map(({ work }) => work.shard.number));
  const absent = Array.from({ length: of }, (_, i) => i + 1).filter((number) => !given.has(number));
  throw new OhmletError({
    code: "MERGE-MISSING",
    fact: `${missing} of ${trials.length} trials are in none of these folders`,
    place: {
      where: parts
        .map(({ folder }) => folder)
        .join(", ")
        .slice(0, 200),
    },
    remedy:
      absent.length > 0
        ? `shards that are not named: ${absent.slice(0, MOST_NAMED).join(", ")} of ${of}`
        : "a shard has not ended: resume it",
  });
}
