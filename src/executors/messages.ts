/** What an executor and its worker processes say to each other: plain JSON. */
import type { ErrorDetails } from "../errors";
import { isResult, type Job, type Task, type TrialResult } from "../study";

export type ToWorker = { readonly kind: "task"; readonly task: Task } | { readonly kind: "job"; readonly job: Job };

export interface Done {
  readonly kind: "done";
  readonly id: string;
  readonly results: readonly TrialResult[];
  readonly seconds: number;
}

export type FromWorker =
  | { readonly kind: "ready" }
  | Done
  | { readonly kind: "refused"; readonly error: ErrorDetails }
  | { readonly kind: "broke"; readonly message: string };

/** Whether an answer tells of every trial of a job, in their order. */
export const isAnswerTo = (job: Job, answer: FromWorker): answer is Done =>
  answer.kind === "done" && answer.id === job.id && answer.results.length === job.trials.length && answer.results.every((result, i) => isResult(result) && result.key === job.trials[i].key);
