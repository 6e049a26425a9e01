/** How data are refused and what is said of them: one short way to throw, and the words of findings. */
import { OhmletError, type Place } from "../errors";

/** What a set says of itself besides its samples. */
export interface Findings {
  /** How it was read: the label's column, what means 1, what was left out. */
  readonly notes: readonly string[];
  /** What is probably not meant. */
  readonly warnings: readonly DataWarning[];
}

/** What was probably not meant in data that could be read all the same. */
export interface DataWarning {
  readonly code: string;
  readonly text: string;
}

/** Throws the error of data. */
export function refuse(
  place: string | Place,
  code: string,
  fact: string,
  remedy: string | readonly string[],
): never {
  throw new OhmletError({ code, fact, place: typeof place === "string" ? { where: place } : place, remedy });
}

/** The first few of a list, in words. */
export function listed(names: readonly (string | number)[], most = 5): string {
  const shown = names
    .slice(0, most)
    .map((name) => (typeof name === "number" ? String(name) : JSON.stringify(name.slice(0, 40))));
  return names.length > most ? `${shown.join(", ")}, … (${names.length})` : shown.join(", ");
}
