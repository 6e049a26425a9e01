/** The results of a study as files. Their bytes depend on the study and its results, and on nothing else. */
import { circuitOf, describePath, writeStudy, type Run } from "../../config";
import type { RunFolder } from "../../io/run-folder";
import { csvLine } from "../../io/csv";
import type { Report } from "../../plot/report-types";
import { writeReport } from "../write-report";
import { summaryOf, tableOf, type Summary, type TrialResult } from "../../study";
import { version } from "../version";
import { studyReadsFiles } from "./data";
import type { StudyWork } from "./folder";
import { studyReport } from "./report";

/** Writes results.csv, results.parquet, summary.json, study.yaml, report.html and its pictures. */
export async function writeResults(
  folder: RunFolder,
  work: StudyWork,
  results: ReadonlyMap<string, TrialResult>,
): Promise<Summary> {
  const { asked, trials } = work;
  const { study, plan, config } = asked;
  const columns = tableOf(study, trials, results);
  const rows = columns[0].values.length;
  const lines = [csvLine(columns.map(({ name }) => name))];
  for (let row = 0; row < rows; row++) lines.push(csvLine(columns.map(({ values }) => values[row])));
  folder.text("results.csv", lines.join(""));
  const { parquetOf } = await import("../../io/parquet");
  folder.bytes("results.parquet", parquetOf(columns));
  const summary = summaryOf(study, plan, trials, results);
  folder.json("summary.json", summary);
  folder.text(
    "study.yaml",
    writeStudy(config, [
      "This study, complete:  ohmlet study  on this file measures it again.",
      ...(studyReadsFiles(asked) ? ["Its data lay in a folder; name it with --data."] : []),
    ]),
  );
  await writePage(folder, work, results, summary);
  return summary;
}

/** Writes report.html and its pictures; also of a study that is not done. */
export async function writePage(
  folder: RunFolder,
  work: StudyWork,
  results: ReadonlyMap<string, TrialResult>,
  summary: Summary,
): Promise<void> {
  await writeReport(folder, reportOf(work, results, summary, await version()));
}

/** @param ohmlet the version that measured */
export function reportOf(
  { asked, trials, shard }: StudyWork,
  results: ReadonlyMap<string, TrialResult>,
  summary: Summary,
  ohmlet: string,
): Report {
  const { study, run, config } = asked;
  return studyReport(
    {
      study,
      trials,
      results,
      engine: run.config.engine,
      circuit: circuitText(run),
      ohmlet,
      train: config.train,
      data: studyReadsFiles(asked),
      ...(shard.of > 1 && { shard: `${shard.number} of ${shard.of}` }),
      about: (knob) => describePath("run", knob, run.config),
    },
    summary,
  );
}

/** The circuit as the run has it: a knob may make another of it. */
function circuitText(run: Run): string {
  const { name, units } = circuitOf(run);
  return `${name}, ${units} neurons`;
}
