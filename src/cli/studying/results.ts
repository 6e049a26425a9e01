/** The results of a study as files. Their bytes depend on the study and its results, and on nothing else. */
import type { RunFolder } from "../../io/run-folder";
import { csvLine } from "../../io/csv";
import { summaryOf, tableOf, type Summary, type TrialResult } from "../../study";
import type { StudyWork } from "./folder";
import { studyReport } from "./report";

/** Writes results.csv, results.parquet, summary.json, report.html and its pictures. */
export async function writeResults(folder: RunFolder, { asked: { study, plan, run }, trials }: StudyWork, results: ReadonlyMap<string, TrialResult>): Promise<Summary> {
  const columns = tableOf(study, trials, results);
  const rows = columns[0].values.length;
  const lines = [csvLine(columns.map(({ name }) => name))];
  for (let row = 0; row < rows; row++) lines.push(csvLine(columns.map(({ values }) => values[row])));
  folder.text("results.csv", lines.join(""));
  const { parquetOf } = await import("../../io/parquet");
  folder.bytes("results.parquet", parquetOf(columns));
  const summary = summaryOf(study, plan, trials, results);
  folder.json("summary.json", summary);
  const { heatMap, lineChart, reportHtml, standaloneSvg, tornado } = await import("../../plot");
  const page = studyReport({ study, engine: run.config.engine, command: `ohmlet study ${study.name}.yaml` }, summary);
  folder.text("report.html", reportHtml(page));
  const pictures = [...(page.heatMaps ?? []).map(heatMap), ...page.charts.map(lineChart), ...(page.tornados ?? []).map(tornado)];
  pictures.forEach((picture, k) => folder.text(`figures/${k + 1}.svg`, standaloneSvg(picture)));
  return summary;
}
