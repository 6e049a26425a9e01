/** Studies in folders for programs: what `ohmlet study` and `ohmlet resume` do, as functions. */
import { existsSync } from "node:fs";
import type { CompleteStudyConfig, StudyConfig } from "../config";
import { localExecutor } from "../executors";
import { count, printsItself } from "../display";
import { check, expectValue, optionsOf } from "../options";
import { asReport } from "../plot/print-report";
import type { Report } from "../plot/report-types";
import { summaryOf, type Executor, type Study, type Summary, type Trial, type TrialResult } from "../study";
import { expectNotStopped, listenerOf, readListener, type Telling } from "./listener";
import { resumeCommand } from "./shell";
import { studyIn, thisScript } from "./source";
import { conduct } from "./studying/conduct";
import { describeSummary } from "./studying/describe";
import { studyReadsFiles } from "./studying/data";
import { WHOLE, withData, workInFolder, workOf, type StudyWork } from "./studying/folder";
import { expectResults, resultsIn } from "./studying/rebuild";
import { reportOf } from "./studying/results";
import { WORKER } from "./studying/worker-file";
import { refuseIdleData } from "./training/data";
import { version } from "./version";

/** How a study runs, and who hears of it. */
export interface StudyIntoOptions {
  /** Folder of the run's data, for studies on files. It may lie anywhere. */
  readonly data?: string;
  /** Processes that work side by side. Default: as many as there are cores. */
  readonly workers?: number;
  /** Who does the jobs, in place of processes of this machine. */
  readonly executor?: Executor;
  /** Hears what is told on the way, as lines for people. Default: nobody does. */
  readonly listener?: Partial<Telling>;
  /** Stops the study: what is known is kept, and the same call goes on. */
  readonly signal?: AbortSignal;
  /** What about.json says was typed. Default: the name of the script that runs. */
  readonly command?: string;
}

const readOptions = optionsOf<StudyIntoOptions>("studyInto", {
  takes: {
    data: check.text,
    workers: check.whole(1),
    executor: check.made("an executor", "localExecutor(…)", "run"),
    listener: check.part(readListener),
    signal: check.signal,
    command: check.text,
  },
});

/** A study as its folder has it. Nothing is measured. */
export interface OpenedStudy {
  /** The folder, as it was named. */
  readonly path: string;
  /** What was asked, complete: study.json. */
  readonly config: CompleteStudyConfig;
  /** The same as the sampling sees it: axes, chips, measures, spec. */
  readonly study: Study;
  /**
   * The trials that are known, in the order of the plan: their knobs and seeds, and what was measured or
   * failed.
   */
  readonly trials: readonly (Trial & TrialResult)[];
  /** Whether all are known. */
  readonly complete: boolean;
  /** Statistics of every point. @throws OhmletError RUN-EMPTY before anything is known */
  summary(): Summary;
  /** The report as plain data, which `reportHtml` makes a page of. @throws OhmletError RUN-EMPTY */
  report(): Report;
}

/**
 * Measures a study in a folder, which gets what `ohmlet study` writes: study.json, journal.jsonl,
 * results.csv, results.parquet, summary.json, report.html.
 *
 * @param folder is made where it is not there, and gone on with where it is one of this very study
 * @param study docs/studies.md: the path of a .yaml or .json file, its text, or the same as plain data
 * @returns the study, opened, once it is complete or stopped
 * @throws OhmletError RUN-STOPPED where the signal has aborted before there is a folder; CONFIG-…, STUDY-…, RUN-BUSY, IO-…, CONFIG-DATA where data are files that nobody named
 */
export async function studyInto(
  folder: string,
  study: string | StudyConfig,
  options: StudyIntoOptions = {},
): Promise<OpenedStudy> {
  const { data, workers, listener, signal, command = thisScript(), executor } = readOptions(options);
  expectValue("studyInto", "folder", folder, check.text);
  const asked = workOf(studyIn(study, "studyInto"), WHOLE);
  refuseIdleData(studyReadsFiles(asked.asked), data, "studyInto");
  const work = withData(asked, data);
  if (!existsSync(folder)) expectNotStopped(signal, "studyInto");
  const commands = {
    typed: command,
    withData: (named: string): string => resumeCommand("ohmlet", folder, named),
  };
  const by = executor ?? localExecutor({ module: WORKER, workers });
  await conduct(work, folder, by, commands, listenerOf(listener, signal));
  return openStudy(folder);
}

/**
 * Opens the folder of a study, wherever it came from.
 * @param path a folder that `studyInto`, `ohmlet study` or `ohmlet merge` wrote, also of a study that is
 *   under way
 * @throws OhmletError STUDY-FOLDER, STUDY-VERSION, STUDY-CHANGED, STUDY-JOURNAL, RUN-FILE, and those of
 *   configs
 */
export async function openStudy(path: string): Promise<OpenedStudy> {
  expectValue("openStudy", "path", path, check.text);
  const work: StudyWork = await workInFolder(path);
  const { asked, trials } = work;
  const ohmlet = await version();
  const results = resultsIn(path, work);
  const summary = (): Summary =>
    asSummary(summaryOf(asked.study, asked.plan, trials, expectResults(results, path)));
  return asOpenedStudy({
    path,
    config: asked.config,
    study: asked.study,
    trials: trials.flatMap((trial) => {
      const result = results.get(trial.key);
      return result === undefined ? [] : [{ ...trial, ...result }];
    }),
    complete: results.size === trials.length,
    summary,
    report: () => asReport(reportOf(work, expectResults(results, path), summary(), ohmlet)),
  });
}

/** Measures that a summary tells of, in their order. */
const measuresIn = ({ points }: Summary): string[] => [
  ...new Set(points.flatMap(({ measures }) => Object.keys(measures))),
];

const asSummary = printsItself<Summary>((summary) => [
  `summary of ${summary.name}: ${count(summary.points.length, "point")}, ${count(summary.trials, "trial")}`,
  ...describeSummary(summary, measuresIn(summary)),
]);

const asOpenedStudy = printsItself<OpenedStudy>(({ path, study, trials, complete, summary }) => [
  `study ${path}: ${study.name}, ${complete ? `complete, ${count(trials.length, "trial")}` : `${count(trials.length, "trial")} so far`}`,
  ...(trials.length === 0
    ? study.axes.map(({ knob }) => `  varies ${knob}`)
    : describeSummary(summary(), study.measures)),
]);
