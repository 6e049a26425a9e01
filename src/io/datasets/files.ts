/**
 * Files of sets of data, read and unpacked within bounds: only real files, never longer than said, whatever
 * they hold.
 */
import { readFileSync, readdirSync, type Stats, statSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { LARGEST_IDX } from "../../data/idx";
import { refuse } from "../../data/refuse";

/** Longest file, packed or not: the largest set with room for its header. */
const LONGEST_FILE = LARGEST_IDX + 64;
/** Most entries of a folder that is looked through. */
const MOST_ENTRIES = 1_000_000;

/** What there is at a path; nothing where the path is absent, or is no path at all. */
function stat(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

export const isFile = (path: string): boolean => stat(path)?.isFile() === true;
export const isFolder = (path: string): boolean => stat(path)?.isDirectory() === true;

/** What archives and desktops leave in folders, besides names that begin with a dot. */
const LEFT_BEHIND = /^(\..*|__MACOSX|Thumbs\.db|desktop\.ini)$/i;

/**
 * The names in a folder, without what systems leave there; numbers in them count as numbers: "9" before "10".
 * @throws OhmletError DATA-FOLDER, DATA-SIZE
 */
export function namesIn(folder: string): string[] {
  if (!isFolder(folder))
    refuse(folder, "DATA-FOLDER", "this is not a folder", "give a folder that holds a set of data");
  const names = attempt(
    () => readdirSync(folder),
    folder,
    "DATA-FOLDER",
    "the folder cannot be read",
    "check that it may be read",
  ).filter((name) => !LEFT_BEHIND.test(name));
  if (names.length > MOST_ENTRIES)
    refuse(
      folder,
      "DATA-SIZE",
      `the folder holds ${names.length} entries`,
      `give one of at most ${MOST_ENTRIES}`,
    );
  return names.sort(new Intl.Collator("en", { numeric: true }).compare);
}

/**
 * The bytes of a file, unpacked if it is gzipped (whatever its name says).
 * @param longest bytes, packed or not
 * @throws OhmletError DATA-FILE, DATA-GZIP, DATA-SIZE
 */
export function readBytes(path: string, longest = LONGEST_FILE): Uint8Array {
  const found = stat(path);
  if (found !== undefined && !found.isFile()) refuse(path, "DATA-FILE", "this is not a file", "give a file");
  if ((found?.size ?? 0) > longest) tooLong(path, longest);
  const bytes = attempt(
    () => readFileSync(path),
    path,
    "DATA-FILE",
    "the file cannot be read",
    "check that it may be read",
  );
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const { buffer, byteOffset, length } = packed ? unpack(bytes, path, longest) : bytes;
  return new Uint8Array(buffer, byteOffset, length);
}

function unpack(bytes: Buffer, path: string, longest: number): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: longest });
  } catch (error) {
    if (error instanceof RangeError) return tooLong(path, longest);
    return refuse(
      path,
      "DATA-GZIP",
      `the file cannot be unpacked (${reasonOf(error)})`,
      "fetch or copy the file again: it is damaged or its end is missing",
    );
  }
}

/** Runs what the system may refuse and turns its refusal into an error with a code. */
function attempt<T>(action: () => T, path: string, code: string, fact: string, remedy: string): T {
  try {
    return action();
  } catch (error) {
    return refuse(path, code, `${fact} (${reasonOf(error)})`, remedy);
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function tooLong(path: string, longest: number): never {
  return refuse(path, "DATA-SIZE", `the file holds more than ${longest} bytes`, "give a smaller set");
}
