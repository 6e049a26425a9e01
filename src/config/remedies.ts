/** What a run may do for feedback that is not the transpose of the forward direction, in the order of tables. */
export const REMEDIES = [
  "none",
  "homeostasis",
  "kolen-pollack",
  "weight-mirror",
] as const satisfies readonly Remedy[];

/** One of them by its name, with its usual settings. */
export type Remedy = "none" | "homeostasis" | "kolen-pollack" | "weight-mirror";
