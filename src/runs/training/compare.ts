/**
 * Runs side by side, from their folders alone: results, what differs in their configs, and a page of their
 * curves.
 */
import { basename, dirname, join, resolve } from "node:path";
import { count, printsItself } from "../../display";
import { createRunFolder, openRunFolder } from "../../io/run-folder";
import { check, expectValue } from "../../options";
import { columns } from "../../printable";
import type { Report } from "../../plot/report-types";
import { reportWriter } from "../write-report";
import { resultOf, RESULTS, type Compared } from "./compared";
import { comparisonReport, MOST_DIFFERENCES } from "./comparison-report";
import { differences, type Difference } from "./differences";
import { expectEpochs, readEpochs, readRecord, runOfRecord } from "./record";
import { firstAngles } from "./report/chip";

/** Runs beside each other. */
export interface Comparison {
  /** In the order in which they were named. */
  readonly runs: readonly Compared[];
  /** Settings in which their configs differ. */
  readonly differences: readonly Difference[];
  /**
   * The page as plain data, which `reportHtml` makes one of.
   * @param command what was typed
   */
  report(command: string): Report;
}

/**
 * Puts runs side by side, from their folders alone.
 * @throws OhmletError RUN-EMPTY for one without a whole epoch; RUN-…, and those of configs
 */
export async function compareRuns(paths: readonly string[]): Promise<Comparison> {
  expectValue("compareRuns", "paths", paths, check.list(check.text));
  const { circuitOf } = await import("../../config");
  const runs: Compared[] = [];
  for (const path of paths) {
    const record = readRecord(path);
    const epochs = expectEpochs(readEpochs(path), path);
    const run = await runOfRecord(record);
    const { config } = run;
    const taken = runs.map(({ label }) => label);
    const first = firstAngles(circuitOf(run), config.chip?.seed ?? config.seed);
    runs.push(asCompared({ label: labelOf(path, taken), record, epochs, config, first }));
  }
  const found = differences(runs.map(({ config }) => config));
  return asComparison({
    runs,
    differences: found,
    report: (command) => comparisonReport(runs, found, command),
  });
}

/** The table of results, and the settings in which the configs differ. */
export function comparisonLines({ runs, differences: found }: Comparison): string[] {
  const told = found.slice(0, MOST_DIFFERENCES);
  const more = found.length - told.length;
  return [
    ...columns([RESULTS, ...runs.map(resultOf)].map((row) => [...row])),
    ...(told.length === 0 ? ["the configs are the same"] : ["they differ in"]),
    ...columns(told.map(({ path, values }) => [path, ...values])),
    ...(more > 0 ? [`  and in ${more} more settings`] : []),
  ];
}

const asComparison = printsItself<Comparison>((comparison) => [
  `comparison of ${count(comparison.runs.length, "run")}`,
  ...comparisonLines(comparison),
]);

const asCompared = printsItself<Compared>((one) => [
  `run ${one.record.path}, compared as ${one.label}`,
  ...columns(
    resultOf(one)
      .slice(1)
      .map((value, i) => [RESULTS[i + 1], value]),
  ),
]);

/**
 * @param out folder in which that of the comparison is made; or a file, by its name
 * @returns where the page is
 * @throws OhmletError IO-…
 */
export async function writeComparison(report: Report, out: string): Promise<string> {
  if (out.endsWith(".html")) {
    const { reportHtml } = await import("../../plot/report");
    openRunFolder(dirname(resolve(out))).text(basename(out), reportHtml(report));
    return out;
  }
  const name = `${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}-compare`;
  const write = await reportWriter();
  const folder = createRunFolder(out, name, (made) => write(made, report));
  return join(folder.path, "report.html");
}

function labelOf(path: string, taken: readonly string[]): string {
  const name = basename(resolve(path));
  return taken.includes(name) ? `${name} (${taken.length + 1})` : name;
}
