/** A study's report from its folder alone: nothing is measured. */
import { join } from "node:path";
import { OhmletError } from "../../errors";
import { readBoundedText } from "../../io/bounded";
import { openRunFolder } from "../../io/run-folder";
import { readJournal, summaryOf, type TrialResult } from "../../study";
import { waysOn } from "../shell";
import { LARGEST_JOURNAL, workInFolder, type StudyWork } from "./folder";
import { writePage } from "./results";

/** A report that was written. */
export interface RebuiltStudy {
  /** The page. */
  readonly report: string;
  /** Trials that are known, of all. */
  readonly trials: number;
  readonly of: number;
}

/** @throws OhmletError RUN-EMPTY, STUDY-…, and those of configs */
export async function rebuildStudyReport(path: string): Promise<RebuiltStudy> {
  const work = await workInFolder(path);
  const { trials, asked } = work;
  const results = expectResults(resultsIn(path, work), path);
  const summary = summaryOf(asked.study, asked.plan, trials, results);
  await writePage(openRunFolder(path), work, results, summary);
  return { report: join(path, "report.html"), trials: results.size, of: trials.length };
}

/** What is known of the trials, by their keys. @throws OhmletError RUN-FILE, STUDY-JOURNAL */
export function resultsIn(path: string, { trials }: StudyWork): ReadonlyMap<string, TrialResult> {
  const journal = join(path, "journal.jsonl");
  return readJournal(readBoundedText(journal, LARGEST_JOURNAL) ?? "", trials, journal).results;
}

/** @throws OhmletError RUN-EMPTY */
export function expectResults(
  results: ReadonlyMap<string, TrialResult>,
  path: string,
): ReadonlyMap<string, TrialResult> {
  if (results.size > 0) return results;
  throw new OhmletError({
    code: "RUN-EMPTY",
    fact: "no trial of this study is known yet",
    place: { where: path },
    remedy: `go on with it:  ${waysOn("study", path)}`,
  });
}
