/**
 * Journals: lines of JSON that are added one by one. A line that a kill cut short is the last one and is dropped;
 * whatever else does not read is for the journal's owner to refuse, with its number.
 */
import { parseJson } from "./json-text";

export interface JournalLine {
  /** From 1. */
  readonly line: number;
  /** The object that it holds; null where it holds none. */
  readonly found: Readonly<Record<string, unknown>> | null;
}

/** Lines that are whole, empty ones left out, and the length of the text up to the end of the last of them. */
export function journalLines(text: string): {
  readonly lines: readonly JournalLine[];
  readonly whole: number;
} {
  const whole = text.lastIndexOf("\n") + 1;
  const lines = text
    .slice(0, whole)
    .split("\n")
    .flatMap((one, i) => (one === "" ? [] : [{ line: i + 1, found: objectIn(one) }]));
  return { lines, whole };
}

function objectIn(text: string): JournalLine["found"] {
  try {
    const found = parseJson(text);
    const isObject = typeof found === "object" && found !== null && !Array.isArray(found);
    return isObject ? (found as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
