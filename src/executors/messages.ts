/** What the local executor and its worker processes say to each other: plain JSON. */
import type { ErrorDetails } from "../errors";
import type { Job, Task, TrialResult } from "../study";

export type ToWorker = { readonly kind: "task"; readonly task: Task } | { readonly kind: "job"; readonly job: Job };

export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly id: string; readonly results: readonly TrialResult[]; readonly seconds: number }
  | { readonly kind: "refused"; readonly error: ErrorDetails }
  | { readonly kind: "broke"; readonly message: string };
