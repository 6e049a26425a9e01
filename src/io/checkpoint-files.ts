/**
 * A checkpoint in a run folder: checkpoint.json tells what it is and which of two archives of arrays belongs
 * to it, with its length and its checksum. A new archive goes into the place that checkpoint.json does not
 * name, and is flushed before checkpoint.json is replaced: at every moment there is a whole checkpoint, the
 * new one or the one before.
 */
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { OhmletError } from "../errors";
import { readBounded, readBoundedJson } from "./bounded";
import type { NpyArray } from "./npy";
import { readNpz, writeNpz } from "./npz";
import type { RunFolder } from "./run-folder";

const INDEX = "checkpoint.json";
const ARCHIVES = ["checkpoint-a.npz", "checkpoint-b.npz"] as const;
const FORMAT = 1;
const LARGEST_INDEX = 2 ** 20;
const LARGEST_ARCHIVE = 2 ** 30;

export interface StoredCheckpoint {
  /** Plain data; its reader checks it. */
  readonly about: Readonly<Record<string, unknown>>;
  readonly arrays: ReadonlyMap<string, NpyArray>;
}

interface Index {
  readonly format: number;
  readonly archive: (typeof ARCHIVES)[number];
  readonly bytes: number;
  readonly crc32: number;
  readonly about: Readonly<Record<string, unknown>>;
}

/** Keeps a checkpoint in place of the one before. @throws OhmletError IO-WRITE, NPZ-SIZE */
export function keepCheckpoint(
  folder: RunFolder,
  about: Readonly<Record<string, unknown>>,
  arrays: Iterable<readonly [string, NpyArray]>,
): void {
  const bytes = writeNpz(arrays);
  const archive = currentArchive(folder.path) === ARCHIVES[0] ? ARCHIVES[1] : ARCHIVES[0];
  folder.bytes(archive, bytes);
  folder.json(INDEX, {
    format: FORMAT,
    archive,
    bytes: bytes.length,
    crc32: crc32(bytes),
    about,
  } satisfies Index);
}

/** Removes the checkpoint of a run that is over. */
export function dropCheckpoint(folder: RunFolder): void {
  for (const file of [INDEX, ...ARCHIVES]) folder.remove(file);
}

/**
 * The checkpoint of a folder; null where there is none.
 * @param most bytes of all arrays, unpacked: what the training that is gone on with can have written
 * @throws OhmletError RUN-FILE, CHECKPOINT-FORMAT, CHECKPOINT-DAMAGED, and those of readNpz
 */
export function readCheckpoint(path: string, most = LARGEST_ARCHIVE): StoredCheckpoint | null {
  const index = readIndex(path);
  if (index === null) return null;
  const where = join(path, index.archive);
  const bytes = readBounded(where, Math.min(LARGEST_ARCHIVE, most));
  if (bytes === null || bytes.length !== index.bytes || crc32(bytes) !== index.crc32) {
    throw new OhmletError({
      code: "CHECKPOINT-DAMAGED",
      fact:
        bytes === null
          ? "the arrays of the checkpoint are missing"
          : "these are not the bytes that were written",
      place: { where },
      remedy: "copy the folder again; without a checkpoint (remove checkpoint.json) the run starts anew",
    });
  }
  return { about: index.about, arrays: readNpz(bytes, where, most) };
}

function currentArchive(path: string): string | null {
  try {
    return readIndex(path)?.archive ?? null;
  } catch (error) {
    if (error instanceof OhmletError) return null; // it could not be resumed from either
    throw error;
  }
}

function readIndex(path: string): Index | null {
  const where = join(path, INDEX);
  const found = readBoundedJson(where, LARGEST_INDEX);
  if (found === null) return null;
  if (!isIndex(found))
    throw new OhmletError({
      code: "CHECKPOINT-FORMAT",
      fact: "this is not a checkpoint that this version of Ohmlet reads",
      place: { where },
      remedy:
        "resume with the version that wrote it; without a checkpoint (remove checkpoint.json) the run " +
        "starts anew",
    });
  return found;
}

function isIndex(value: unknown): value is Index {
  if (typeof value !== "object" || value === null) return false;
  const { format, archive, bytes, crc32: checksum, about } = value as Record<keyof Index, unknown>;
  return (
    format === FORMAT &&
    ARCHIVES.some((name) => name === archive) &&
    Number.isSafeInteger(bytes) &&
    Number.isSafeInteger(checksum) &&
    typeof about === "object" &&
    about !== null &&
    !Array.isArray(about)
  );
}
