/**
 * Reads files that somebody else may have written: plain files only, no larger than expected, and no links.
 */
import { basename, dirname } from "node:path";
import { OhmletError } from "../errors";
import { parseJson, whyNotJson } from "../json-text";
import { codeOf } from "./place";
import { Within } from "./within";

/**
 * The bytes of a plain file; null where there is none. Links are not followed: a folder from a stranger shows
 * nothing that lies elsewhere. The folder of the file is the one that the user named, and may be a link.
 * @throws OhmletError RUN-FILE
 */
export function readBounded(path: string, largest: number): Uint8Array | null {
  let folder: Within;
  try {
    folder = Within.open(dirname(path));
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(codeOf(error))) return null;
    throw error;
  }
  return folder.read(basename(path), largest);
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
  return text === null ? null : jsonOf(text, path);
}

/** @throws OhmletError RUN-FILE */
function jsonOf(text: string, where: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw new OhmletError({
      code: "RUN-FILE",
      fact: whyNotJson(error),
      place: { where },
      remedy: "copy the folder again: the file is damaged",
    });
  }
}
