/** A report as files: the page, and each of its pictures for a paper or a slide. */
import type { RunFolder } from "../io/run-folder";
import type { Report } from "../plot/report-types";

/** What writes reports; what draws is loaded with it. */
export async function reportWriter(): Promise<(folder: RunFolder, report: Report) => void> {
  const [{ figureFiles }, { reportHtml }] = await Promise.all([
    import("../plot/figure"),
    import("../plot/report"),
  ]);
  return (folder, report) => {
    const pictures = figureFiles(report.figures).map(({ name, svg }) => [`figures/${name}`, svg] as const);
    folder.expectPlain(["report.html", ...pictures.map(([file]) => file)]);
    folder.text("report.html", reportHtml(report));
    for (const [file, svg] of pictures) folder.text(file, svg);
  };
}

/**
 * Writes report.html and figures/*.svg: all of them, or none where a link lies in the place of one.
 * @throws OhmletError IO-…
 */
export async function writeReport(folder: RunFolder, report: Report): Promise<void> {
  const write = await reportWriter();
  write(folder, report);
}
