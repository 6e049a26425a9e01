/**
 * Whether what was found in Redis is what it should be. Texts and lists are bounded, since a stranger may
 * have written them.
 */
import type { ErrorDetails } from "../../errors";
import { isResult, type Job, type Task, type Trial } from "../../study";

/** Trials of one job. */
const MOST_TRIALS = 10_000;
const MOST_KNOBS = 1000;
const LONGEST_KEY = 100_000;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const isText = (value: unknown, longest: number): value is string =>
  typeof value === "string" && value.length <= longest;
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isList = <T>(value: unknown, most: number, each: (item: unknown) => item is T): value is readonly T[] =>
  Array.isArray(value) && value.length <= most && value.every(each);

export function isTask(value: unknown): value is Task {
  return (
    isRecord(value) &&
    isRecord(value.run) &&
    typeof value.train === "boolean" &&
    isList(value.measures, 1000, (name): name is string => isText(name, 200)) &&
    (value.expected === undefined || isRecord(value.expected)) &&
    (value.choices === undefined || isRecord(value.choices))
  );
}

export function isJob(value: unknown): value is Job {
  return isRecord(value) && isText(value.id, LONGEST_KEY) && isList(value.trials, MOST_TRIALS, isTrial);
}

function isTrial(value: unknown): value is Trial {
  if (!isRecord(value) || !isText(value.key, LONGEST_KEY) || !isRecord(value.values)) return false;
  if (![value.point, value.chip, value.seed].every(isCount)) return false;
  const entries = Object.entries(value.values);
  return (
    entries.length <= MOST_KNOBS &&
    entries.every(
      ([knob, set]) =>
        knob.length <= 1000 && (typeof set === "number" || typeof set === "boolean" || isText(set, 10_000)),
    )
  );
}

export function isDone(value: Record<string, unknown>): boolean {
  return (
    isText(value.id, LONGEST_KEY) &&
    isList(value.results, MOST_TRIALS, isResult) &&
    typeof value.seconds === "number"
  );
}

export function isError(value: unknown): value is ErrorDetails {
  if (
    !isRecord(value) ||
    !isText(value.code, 60) ||
    !/^[A-Z][A-Z-]+$/.test(value.code) ||
    !isText(value.fact, 10_000)
  )
    return false;
  if (value.remedy !== undefined && !isText(value.remedy, 10_000)) return false;
  if (value.category !== undefined && value.category !== "input" && value.category !== "run") return false;
  return value.place === undefined || isPlace(value.place);
}

function isPlace(value: unknown): boolean {
  if (!isRecord(value) || !isText(value.where, 10_000)) return false;
  return (
    [value.excerpt, value.path].every((text) => text === undefined || isText(text, 100_000)) &&
    [value.line, value.column].every((n) => n === undefined || isCount(n))
  );
}
