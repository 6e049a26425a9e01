/**
 * What conductors and workers leave for each other in Redis: plain JSON under few names. Whatever is read
 * there is text from a stranger: it is bounded, checked, and never code.
 */
import { createHash } from "node:crypto";
import { OhmletError, type ErrorDetails } from "../../errors";
import { parseJson } from "../../json-text";
import type { Job, Task } from "../../study";
import type { Done } from "../messages";
import { isDone, isError, isJob, isRecord, isTask, isText } from "./validate";

/** Begins every name in Redis. */
export const PREFIX = "ohmlet";

/** The queue of a version: workers of another never see its jobs. */
export const queueOf = (version: string): string => `study-${version.replaceAll(":", "-")}`;

/** Holds the task of a study, and lives as long as who conducts it. */
export const taskKey = (study: string): string => `${PREFIX}:task:${study}`;

/** What a job of BullMQ carries. */
export interface Order {
  /** Names this conducting of a study, and no other. */
  readonly study: string;
  /** Digest of task and version: a worker that comes to another does not do the job. */
  readonly task: string;
  readonly job: Job;
  /** Seconds that it may take. Default: a day. */
  readonly limit?: number;
}

/** What it comes back with. A fault of the input is an outcome, so that it is not tried again. */
export type Outcome =
  | (Done & { readonly worker: string })
  | { readonly kind: "refused"; readonly error: ErrorDetails; readonly worker: string }
  | { readonly kind: "broke"; readonly message: string; readonly worker: string }
  /** Nobody waits for it any more. */
  | { readonly kind: "left" };

/** Characters of a task: as many as a study.json may have. */
export const LARGEST_TASK = 2 ** 22;
/** Bytes of an outcome. */
export const LARGEST_OUTCOME = 2 ** 24;
/** Characters of a name or a message. */
const LONGEST_NAME = 300;
const LONGEST_MESSAGE = 20_000;

export const digestOf = (version: string, task: string): string =>
  createHash("sha256").update(`${version}\n${task}`).digest("hex");

/**
 * Without a folder of data: each worker reads the one that its own user named, and holds it against what is
 * expected.
 */
export const textOfTask = ({ run, measures, train, expected }: Task): string =>
  JSON.stringify({ run, measures, train, expected });

/** Null for anything else than a task. */
export function taskFrom(text: string): Task | null {
  let found: unknown;
  try {
    found = parseJson(text);
  } catch {
    return null;
  }
  return isTask(found)
    ? {
        run: found.run,
        measures: found.measures,
        train: found.train,
        ...(found.expected !== undefined && { expected: found.expected }),
      }
    : null;
}

export function isOrder(value: unknown): value is Order {
  return (
    isRecord(value) &&
    isText(value.study, 64) &&
    /^[0-9a-f]+$/.test(value.study) &&
    isText(value.task, 64) &&
    isJob(value.job) &&
    (value.limit === undefined || (typeof value.limit === "number" && value.limit > 0))
  );
}

export function isOutcome(value: unknown): value is Outcome {
  if (!isRecord(value)) return false;
  if (value.kind === "left") return true;
  if (!isText(value.worker, LONGEST_NAME)) return false;
  switch (value.kind) {
    case "done":
      return isDone(value);
    case "refused":
      return isError(value.error);
    case "broke":
      return isText(value.message, LONGEST_MESSAGE);
    default:
      return false;
  }
}

export const broke = (error: unknown, worker: string): Outcome => ({
  kind: "broke",
  message: String(error instanceof Error ? (error.stack ?? error.message) : error).slice(0, LONGEST_MESSAGE),
  worker,
});

/** @param of the job that came back with something else than an outcome of it */
export const strangeReply = (of: string): OhmletError =>
  new OhmletError({
    code: "REDIS-REPLY",
    fact: "what Redis holds for a job is not what a worker of Ohmlet writes",
    place: { where: of.slice(0, 120) },
    remedy: "let nobody else write there, or take a database of its own:  redis://HOST:PORT/1",
    category: "run",
  });
