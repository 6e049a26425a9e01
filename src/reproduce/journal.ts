/**
 * The journal of a reproduction: a line of JSON for each part and seed that has ended. What does not fit is
 * refused.
 */
import { OhmletError } from "../errors";
import { journalLines, type JournalLine } from "../journal-lines";
import { printableJson } from "../printable";
import { isRecord } from "../runs/training/checks";
import type { Ended } from "./quantities";

/** A part with a seed, as it is to be run. */
export interface Task {
  readonly part: string;
  readonly seed: number;
}

export const journalLine = (ended: Ended): string => `${printableJson(ended)}\n`;

export interface Journal {
  readonly ended: readonly Ended[];
  /** Length of the text up to its last whole line. */
  readonly whole: number;
}

/** @param where the file is. @throws OhmletError REPRODUCE-JOURNAL */
export function readJournal(text: string, tasks: readonly Task[], where: string): Journal {
  const ended: Ended[] = [];
  const { lines, whole } = journalLines(text);
  for (const { line, found } of lines) {
    const refuse = (fact: string): never => {
      throw new OhmletError({
        code: "REPRODUCE-JOURNAL",
        fact,
        place: { where, line },
        remedy: "give the folder as the command wrote it, or begin in another:  --out FOLDER",
      });
    };
    const one = endedOf(found) ?? refuse("this is not what this version of Ohmlet writes there");
    const same = ({ part, seed }: Task): boolean => part === one.part && seed === one.seed;
    if (!tasks.some(same)) refuse("this result belongs to no part of this experiment");
    if (!ended.some(same)) ended.push(one);
  }
  return { ended, whole };
}

function endedOf(found: JournalLine["found"]): Ended | null {
  if (found === null) return null;
  const { part, seed, seconds, engine, finding, fault } = found;
  const known = typeof part === "string" && typeof engine === "string";
  if (!known || !isNumber(seed) || !isNumber(seconds)) return null;
  if (fault === undefined) return isFinding(finding) ? (found as unknown as Ended) : null;
  return isRecord(fault) && typeof fault.code === "string" && typeof fault.fact === "string"
    ? (found as unknown as Ended)
    : null;
}

function isFinding(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { values, curves = {}, engine, unsettled, aliasing, cautions = [] } = value;
  return (
    isRecord(values) &&
    Object.values(values).every((one) => one === null || isNumber(one)) &&
    isRecord(curves) &&
    Object.values(curves).every((one) => Array.isArray(one) && one.every((x) => x === null || isNumber(x))) &&
    (engine === undefined || typeof engine === "string") &&
    [unsettled, aliasing].every((one) => one === undefined || isNumber(one)) &&
    Array.isArray(cautions) &&
    cautions.every((one) => typeof one === "string")
  );
}

const isNumber = (value: unknown): value is number => typeof value === "number";
