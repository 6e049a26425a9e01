/** Reads files that somebody else may have written: plain files only, and no larger than expected. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { OhmletError } from "../errors";
import { parseJson, whyNotJson } from "../json-text";

/**
 * The bytes of a plain file; null where there is none. Links are not followed: a folder from a stranger shows nothing
 * that lies elsewhere.
 * @throws OhmletError RUN-FILE
 */
export function readBounded(path: string, largest: number): Uint8Array | null {
  const fail = (fact: string, remedy: string): never => {
    throw new OhmletError({ code: "RUN-FILE", fact, place: { where: path }, remedy });
  };
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    return fail(code === "ELOOP" ? "this is a link" : `it cannot be read (${code})`, "give the folder that a run wrote, as it wrote it");
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) return fail("this is not a plain file", "give the folder that a run wrote, as it wrote it");
    if (stat.size > largest) return fail(`the file has ${stat.size} bytes, at most ${largest} are read`, "give the folder that a run wrote, as it wrote it");
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** The same as UTF-8 text. */
export function readBoundedText(path: string, largest: number): string | null {
  const bytes = readBounded(path, largest);
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

/**
 * The same as JSON.
 * @throws OhmletError RUN-FILE
 */
export function readBoundedJson(path: string, largest: number): unknown {
  const text = readBoundedText(path, largest);
  if (text === null) return null;
  try {
    return parseJson(text);
  } catch (error) {
    throw new OhmletError({ code: "RUN-FILE", fact: whyNotJson(error), place: { where: path }, remedy: "copy the folder again: the file is damaged" });
  }
}
