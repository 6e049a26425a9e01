/** Reports of runs and studies, written anew from their folders alone. */
import { check, expectValue, optionsOf } from "../options";
import { isStudyFolder } from "./studying/folder";
import { rebuildStudyReport } from "./studying/rebuild";
import { refuseIdleData } from "./training/data";
import { rebuildRunReport } from "./training/rebuild";

/** What a report is drawn again with. */
export interface RebuildOptions {
  /**
   * Folder of the data of a run on files: its chip is tried on them, where it was stopped before it looked at
   * what it gets wrong.
   */
  readonly data?: string;
}

const readOptions = optionsOf<RebuildOptions>("rebuildReport", { takes: { data: check.text } });

/**
 * Writes report.html and figures/*.svg of a run or a study.
 * @returns where the page is
 * @throws OhmletError RUN-EMPTY before there is anything to tell; RUN-…, STUDY-…, DATA-CHANGED, IO-…
 */
export async function rebuildReport(folder: string, options: RebuildOptions = {}): Promise<string> {
  expectValue("rebuildReport", "folder", folder, check.text);
  const { data } = readOptions(options);
  const rebuilt = isStudyFolder(folder)
    ? await rebuildStudyReport(folder)
    : await rebuildRunReport(folder, data, (reads) => refuseIdleData(reads, data, "rebuildReport"));
  return rebuilt.report;
}
