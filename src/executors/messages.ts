/** What an executor and its worker processes say to each other: plain JSON. */
import { OhmletError, type ErrorDetails } from "../errors";
import { isResult, type Job, type Task, type TrialResult } from "../study";

export type ToWorker =
  | { readonly kind: "task"; readonly task: Task }
  | { readonly kind: "job"; readonly job: Job };

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

/**
 * Whether an answer tells of every trial of a job, in their order: all that was to be measured, or why there
 * is nothing.
 */
export const isAnswerTo = (job: Job, { measures: wanted }: Task, answer: FromWorker): answer is Done =>
  answer.kind === "done" &&
  answer.id === job.id &&
  answer.results.length === job.trials.length &&
  answer.results.every(
    (result, i) =>
      isResult(result) &&
      result.key === job.trials[i].key &&
      (result.fault === undefined
        ? wanted.every((name) => Object.hasOwn(result.measures, name))
        : Object.keys(result.measures).length === 0),
  );

/** What to say of a job that nobody waits for any longer. @param where the job, and who had it */
export const tooLong = (where: string, seconds: number): OhmletError =>
  new OhmletError({
    code: "STUDY-TIME",
    fact: `this job has not come to its end in ${seconds} s`,
    place: { where: where.slice(0, 300) },
    remedy:
      "see what hangs there; if chips need so long, give them more  (typed, with  --job-limit SECONDS;  " +
      "in a program, the executor's  jobLimit).  What was measured is kept",
    category: "run",
  });
