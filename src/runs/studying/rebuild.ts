/** A study's report from its folder alone: nothing is measured. */
import { join } from "node:path";
import { OhmletError } from "../../errors";
import { readBoundedText } from "../../io/bounded";
import { openRunFolder } from "../../io/run-folder";
import { readJournal, summaryOf } from "../../study";
import type { Io } from "../../cli/io";
import { resumeCommand } from "../shell";
import { LARGEST_JOURNAL, workInFolder } from "./folder";
import { writePage } from "./results";

/** @throws OhmletError RUN-EMPTY, STUDY-…, and those of configs */
export async function rebuildStudyReport(path: string, io: Io): Promise<number> {
  const work = await workInFolder(path);
  const {
    trials,
    asked: { study, plan },
  } = work;
  const journal = join(path, "journal.jsonl");
  const { results } = readJournal(readBoundedText(journal, LARGEST_JOURNAL) ?? "", trials, journal);
  if (results.size === 0)
    throw new OhmletError({
      code: "RUN-EMPTY",
      fact: "no trial of this study is known yet",
      place: { where: path },
      remedy: `go on with it:  ${resumeCommand("ohmlet", path)}`,
    });
  await writePage(openRunFolder(path), work, results, summaryOf(study, plan, trials, results));
  io.print(join(path, "report.html"));
  io.emit({ folder: path, report: join(path, "report.html"), trials: results.size, of: trials.length });
  return 0;
}
