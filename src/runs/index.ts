/**
 * Trainings, studies and their folders, for programs: what `import … from "ohmlet/runs"` gives. In Node only:
 * a page trains with `train` of "ohmlet". Nothing here knows a terminal.
 */
export { trainInto, resumeRun, type ResumeOptions, type TrainIntoOptions } from "./trainings";
export { openRun, type OpenedRun } from "./training/open";
export { exportDigitalCopy, type ExportedCopy } from "./training/export-copy";
export type { CompleteRunConfig, CompleteStudyConfig, RunConfig, StudyConfig } from "../config";
export type { RunAbout } from "./training/about";
export { studyInto, openStudy, type OpenedStudy, type StudyIntoOptions } from "./studies";
export { compareRuns, type Comparison } from "./training/compare";
export type { Compared } from "./training/compared";
export type { Difference } from "./training/differences";
export { rebuildReport, type RebuildOptions } from "./rebuild-report";
export type { RunOutcome, RunRecord } from "./training/record";
export type { DataFingerprint, SetFingerprint } from "../io/datasets/fingerprint";
export type { Findings } from "../data/refuse";
export type * from "../plot/report-types";
export type { Caution, Progress, Telling } from "./listener";
