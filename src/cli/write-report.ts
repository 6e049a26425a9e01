/** A report as files: the page, and each of its pictures for a paper or a slide. */
import type { RunFolder } from "../io/run-folder";
import { figureFiles, reportHtml, type Report } from "../plot";

/** Writes report.html and figures/*.svg. */
export function writeReport(folder: RunFolder, report: Report): void {
  folder.text("report.html", reportHtml(report));
  for (const { name, svg } of figureFiles(report.figures)) folder.text(`figures/${name}`, svg);
}
