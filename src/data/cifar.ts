/**
 * The binary version of CIFAR-10 (Krizhevsky 2009): records of one label and 32x32 bytes each of red, green
 * and blue, row by row. Works on bytes that somebody else has read.
 */
import { OhmletError } from "../errors";

/** [rows, columns] of an image. */
export const CIFAR_SHAPE = [32, 32] as const;
const PIXELS = 3 * 32 * 32;
const RECORD = 1 + PIXELS;

/** By label. */
export const CIFAR_CLASSES: readonly string[] = [
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck",
];

/** Records taken apart: labels [samples], bytes [samples, 3, 32, 32]. */
export interface CifarRecords {
  readonly labels: Uint8Array;
  readonly bytes: Uint8Array;
}

/**
 * Reads the records of one or more files, joined in their order.
 * @param files with names for errors
 * @throws OhmletError DATA-TRUNCATED where a file is no whole number of records, DATA-LABEL
 */
export function readCifar(
  files: readonly { readonly where: string; readonly bytes: Uint8Array }[],
): CifarRecords {
  const samples = files.reduce((sum, { where, bytes }) => sum + countOf(bytes, where), 0);
  const records = { labels: new Uint8Array(samples), bytes: new Uint8Array(samples * PIXELS) };
  let sample = 0;
  for (const { where, bytes } of files) {
    for (let at = 0; at < bytes.length; at += RECORD, sample++) {
      const label = bytes[at];
      if (label >= CIFAR_CLASSES.length) {
        throw new OhmletError({
          code: "DATA-LABEL",
          fact: `the label of record ${at / RECORD} is ${label}, the classes are 0…9`,
          place: { where },
          remedy:
            "give the binary version of CIFAR-10 (CIFAR-100 and the versions for Python and Matlab " +
            "are others)",
        });
      }
      records.labels[sample] = label;
      records.bytes.set(bytes.subarray(at + 1, at + RECORD), sample * PIXELS);
    }
  }
  return records;
}

function countOf({ length }: Uint8Array, where: string): number {
  if (length > 0 && length % RECORD === 0) return length / RECORD;
  throw new OhmletError({
    code: "DATA-TRUNCATED",
    fact: `the file has ${length} bytes, no whole number of records of ${RECORD}`,
    place: { where },
    remedy: "fetch or copy the file again; it must be the binary version of CIFAR-10",
  });
}
