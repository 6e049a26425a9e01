/**
 * The journal of a study: a line of JSON for every trial, in order of arrival. What does not fit the plan is
 * refused.
 */
import { OhmletError } from "../errors";
import { journalLines, type JournalLine } from "../journal-lines";
import { printableJson } from "../printable";
import type { JournalRecord, Measures, Trial, TrialResult } from "./types";

/** One line, with its end. Keys come in a fixed order, measures sorted by name. */
export function journalLine(
  { key, point, chip, seed, values }: Trial,
  { measures, fault, warnings }: TrialResult,
): string {
  const record: JournalRecord = {
    key,
    point,
    chip,
    seed,
    values,
    measures: sorted(measures),
    ...(fault !== undefined && { fault }),
    ...(warnings !== undefined && { warnings }),
  };
  return `${printableJson(record)}\n`;
}

const sorted = (measures: Measures): Measures =>
  Object.fromEntries(
    Object.entries(measures)
      .map(([name, value]): [string, number | null] => [
        name,
        value !== null && Number.isFinite(value) ? value : null,
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

export interface Journal {
  /** By key; of a trial that is told of twice, the first word. */
  readonly results: Map<string, TrialResult>;
  /** Length of the text up to its last whole line. */
  readonly whole: number;
}

/**
 * @param trials of the plan
 * @param where the file is
 * @throws OhmletError STUDY-JOURNAL
 */
export function readJournal(text: string, trials: readonly Trial[], where: string): Journal {
  const known = new Map(trials.map((trial) => [trial.key, trial]));
  const results = new Map<string, TrialResult>();
  const { lines, whole } = journalLines(text);
  for (const { line, found } of lines) {
    const refuse = (fact: string): never => {
      throw new OhmletError({
        code: "STUDY-JOURNAL",
        fact,
        place: { where, line },
        remedy: "give the folder as the study wrote it, or start in a new one",
      });
    };
    const result = resultOf(found) ?? refuse("this is not a result as this version of Ohmlet writes it");
    const trial = known.get(result.key) ?? refuse("this result belongs to no trial of this study");
    if (result.seed !== trial.seed) refuse("this result was drawn from another seed");
    if (!results.has(result.key))
      results.set(result.key, {
        key: result.key,
        measures: result.measures,
        ...(result.fault !== undefined && { fault: result.fault }),
        ...(result.warnings !== undefined && { warnings: result.warnings }),
      });
  }
  return { results, whole };
}

function resultOf(found: JournalLine["found"]): JournalRecord | null {
  return isResult(found) && typeof found?.seed === "number" ? (found as unknown as JournalRecord) : null;
}

/** Codes of one chip. */
const MOST_WARNINGS = 50;
const isCode = (value: unknown): value is string =>
  typeof value === "string" && /^[A-Z][A-Z-]{1,60}$/.test(value);

/** Whether a value from outside (a file, another process) is a result. */
export function isResult(found: unknown): found is TrialResult {
  if (typeof found !== "object" || found === null) return false;
  const { key, measures, fault, warnings } = found as Record<string, unknown>;
  if (typeof key !== "string" || typeof measures !== "object" || measures === null || Array.isArray(measures))
    return false;
  if (fault !== undefined && !isCode(fault)) return false;
  if (
    warnings !== undefined &&
    !(Array.isArray(warnings) && warnings.length <= MOST_WARNINGS && warnings.every(isCode))
  )
    return false;
  const entries = Object.entries(measures);
  return (
    entries.length <= 1000 &&
    entries.every(([name, value]) => name.length <= 200 && (value === null || typeof value === "number"))
  );
}
