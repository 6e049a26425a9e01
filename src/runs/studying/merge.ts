/** Joins the shards of a study into one folder, as if it had run in one piece. */
import { lstatSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { OhmletError } from "../../errors";
import { dataDifference } from "../../io/datasets/fingerprint";
import { readBoundedText } from "../../io/bounded";
import { createRunFolder } from "../../io/run-folder";
import { journalLine, readJournal, trialsOf, type TrialResult } from "../../study";
import { DONE, FAILED } from "../../cli/report-error";
import type { Io } from "../../cli/io";
import { version } from "../version";
import { describeSummary, nothingMeasured } from "./describe";
import { LARGEST_JOURNAL, recordOfWork, WHOLE, workInFolder, type StudyWork } from "./folder";
import { writeResults } from "./results";

/**
 * @throws OhmletError MERGE-STUDY, MERGE-DATA, MERGE-CONFLICT, MERGE-MISSING, MERGE-FOLDER and those of the
 *   folders
 */
export async function mergeStudies(folders: readonly string[], out: string, io: Io): Promise<number> {
  if (lstatSync(out, { throwIfNoEntry: false }) !== undefined)
    throw new OhmletError({
      code: "MERGE-FOLDER",
      fact: "this is there already",
      place: { where: out },
      remedy: "name a new folder with  --out",
    });
  const parts = await Promise.all(
    folders.map(async (folder) => ({ folder, work: await workInFolder(folder) })),
  );
  const [first] = parts;
  const other = parts.find(({ work }) => work.digest !== first.work.digest);
  if (other !== undefined)
    throw new OhmletError({
      code: "MERGE-STUDY",
      fact: `this is another study than that of ${first.folder}`,
      place: { where: other.folder },
      remedy: "join the shards of one study file, unchanged",
    });
  for (const {
    folder,
    work: { fingerprint },
  } of parts) {
    const difference =
      fingerprint === undefined || first.work.fingerprint === undefined
        ? null
        : dataDifference(first.work.fingerprint, fingerprint);
    if (difference !== null)
      throw new OhmletError({
        code: "MERGE-DATA",
        fact: `this was measured on other data than ${first.folder}: ${difference}`,
        place: { where: folder },
        remedy: "run the shards again on the same data",
      });
  }
  const { study, plan } = first.work.asked;
  const work: StudyWork = { ...first.work, shard: WHOLE, trials: trialsOf(study, plan) };
  const results = new Map<string, TrialResult>();
  for (const { folder, work: part } of parts) {
    const where = join(folder, "journal.jsonl");
    for (const [key, result] of readJournal(readBoundedText(where, LARGEST_JOURNAL) ?? "", part.trials, where)
      .results) {
      const known = results.get(key);
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(result))
        throw new OhmletError({
          code: "MERGE-CONFLICT",
          fact: `the trial ${key} came to other numbers than in another folder`,
          place: { where },
          remedy: "equal versions and engines give equal numbers: run the shards again with the same",
        });
      results.set(key, result);
    }
  }
  const missing = work.trials.length - results.size;
  if (missing > 0) {
    const { of } = first.work.shard;
    const given = new Set(parts.map((part) => part.work.shard.number));
    const absent = Array.from({ length: of }, (_, i) => i + 1).filter((number) => !given.has(number));
    throw new OhmletError({
      code: "MERGE-MISSING",
      fact: `${missing} of ${work.trials.length} trials are in none of these folders`,
      place: { where: folders.join(", ").slice(0, 200) },
      remedy:
        absent.length > 0
          ? `shards that are not named: ${absent.slice(0, 20).join(", ")} of ${of}`
          : "a shard has not ended: resume it",
    });
  }
  const lines = work.trials
    .map((trial) => journalLine(trial, results.get(trial.key) as TrialResult))
    .join("");
  const ohmlet = await version();
  const folder = createRunFolder(dirname(out), basename(out), (made) => {
    made.json("study.json", recordOfWork(work, ohmlet));
    made.text("journal.jsonl", lines);
  });
  const summary = await writeResults(folder, work, results);
  io.print(...describeSummary(summary, study.measures));
  io.print(`results: ${folder.path}`);
  io.emit({ outcome: "done", folder: folder.path, summary });
  return nothingMeasured(summary) ? FAILED : DONE;
}
