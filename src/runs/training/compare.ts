/** Runs side by side, from their folders alone: results, what differs in their configs, and a page of their curves. */
import { basename, dirname, join, resolve } from "node:path";
import { createRunFolder, openRunFolder } from "../../io/run-folder";
import { reportHtml, type Report } from "../../plot";
import { writeReport } from "../write-report";
import type { Compared } from "./compared";
import { comparisonReport } from "./comparison-report";
import { differences, type Difference } from "./differences";
import { expectEpochs, readEpochs, readRecord, runOfRecord } from "./record";
import { firstAngles } from "./report";

/** Runs beside each other. */
export interface Comparison {
  /** In the order in which they were named. */
  readonly runs: readonly Compared[];
  /** Settings in which their configs differ. */
  readonly differences: readonly Difference[];
}

/** @throws OhmletError RUN-…, IO-…, and those of configs */
export async function compareFolders(paths: readonly string[]): Promise<Comparison> {
  const { circuitOf } = await import("../../config");
  const runs: Compared[] = [];
  for (const path of paths) {
    const record = readRecord(path);
    const epochs = expectEpochs(readEpochs(path), path);
    const run = await runOfRecord(record);
    const { config } = run;
    const taken = runs.map(({ label }) => label);
    const first = firstAngles(circuitOf(run), config.chip?.seed ?? config.seed);
    runs.push({ label: labelOf(path, taken), record, epochs, config, first });
  }
  return { runs, differences: differences(runs.map(({ config }) => config)) };
}

/**
 * @param out folder in which that of the comparison is made; or a file, by its name
 * @param command what was typed
 * @returns where the page is
 * @throws OhmletError IO-…
 */
export const writeComparison = ({ runs, differences: found }: Comparison, out: string, command: string): string =>
  write(out, comparisonReport(runs, found, command));

function write(out: string, report: Report): string {
  if (out.endsWith(".html")) {
    openRunFolder(dirname(resolve(out))).text(basename(out), reportHtml(report));
    return out;
  }
  const name = `${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}-compare`;
  const folder = createRunFolder(out, name, (made) => writeReport(made, report));
  return join(folder.path, "report.html");
}

function labelOf(path: string, taken: readonly string[]): string {
  const name = basename(resolve(path));
  return taken.includes(name) ? `${name} (${taken.length + 1})` : name;
}
