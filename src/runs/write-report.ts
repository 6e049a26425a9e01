/** A report as files: the page, and each of its pictures for a paper or a slide. */
import type { RunFolder } from "../io/run-folder";
import { figureFiles } from "../plot/figure";
import { reportHtml } from "../plot/report";
import type { Report } from "../plot/report-types";

/**
 * Writes report.html and figures/*.svg: all of them, or none where a link lies in the place of one. @throws
 * OhmletError IO-…
 */
export function writeReport(folder: RunFolder, report: Report): void {
  const pictures = figureFiles(report.figures).map(({ name, svg }) => [`figures/${name}`, svg] as const);
  folder.expectPlain(["report.html", ...pictures.map(([file]) => file)]);
  folder.text("report.html", reportHtml(report));
  for (const [file, svg] of pictures) folder.text(file, svg);
}
