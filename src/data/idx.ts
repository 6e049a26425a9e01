/**
 * The IDX format of MNIST and its kin: a magic number, the extents as big-endian 32-bit numbers, then bytes. Works on
 * bytes that somebody else has read; believes nothing that they say about themselves until it has been checked.
 */
import { OhmletError } from "../errors";
import { type Dataset, fromBytes } from "./dataset";

/** Images as stored: [count, rows, columns] bytes. */
export interface IdxImages {
  readonly count: number;
  readonly shape: readonly [number, number];
  readonly bytes: Uint8Array;
}

/** Third byte of the magic number: unsigned bytes, the only kind of value that is read. */
const UNSIGNED_BYTE = 0x08;
/** Bytes of values in the largest file that is read: five times MNIST. */
export const LARGEST_IDX = 2 ** 28;

/**
 * Reads images, rank 3. The bytes are not copied.
 * @param where names the bytes in errors: the file
 * @throws OhmletError DATA-MAGIC, DATA-TRUNCATED, DATA-TRAILING, DATA-SIZE
 */
export function readIdxImages(bytes: Uint8Array, where: string): IdxImages {
  const { extents: [count, rows, columns], values } = readIdx(bytes, 3, "images", where);
  return { count, shape: [rows, columns], bytes: values };
}

/**
 * Reads labels, rank 1. The bytes are not copied.
 * @throws OhmletError DATA-MAGIC, DATA-TRUNCATED, DATA-TRAILING, DATA-SIZE
 */
export function readIdxLabels(bytes: Uint8Array, where: string): Uint8Array {
  return readIdx(bytes, 1, "labels", where).values;
}

/**
 * Joins images and labels to a set.
 * @throws OhmletError DATA-SHAPE where they disagree, DATA-LABEL where a label is no class
 */
export function fromIdx(
  images: IdxImages,
  labels: Uint8Array,
  options: { readonly name: string; readonly fullScale?: number; readonly classes?: number },
): Dataset {
  if (images.count !== labels.length) {
    fail(options.name, "DATA-SHAPE", `there are ${images.count} images and ${labels.length} labels`, "give the labels that belong to the images");
  }
  return fromBytes({ ...options, shape: images.shape, labels, bytes: images.bytes });
}

/** The bytes of an IDX file of unsigned bytes: the reader's inverse. */
export function writeIdx(extents: readonly number[], values: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * extents.length + values.length);
  const view = new DataView(bytes.buffer);
  bytes[2] = UNSIGNED_BYTE;
  bytes[3] = extents.length;
  extents.forEach((extent, axis) => view.setUint32(4 + 4 * axis, extent));
  bytes.set(values, 4 + 4 * extents.length);
  return bytes;
}

function readIdx(bytes: Uint8Array, rank: number, what: string, where: string): { extents: number[]; values: Uint8Array } {
  const magic = [0, 0, UNSIGNED_BYTE, rank];
  const found = bytes.subarray(0, 4);
  if (found.some((byte, i) => byte !== magic[i])) {
    fail(where, "DATA-MAGIC", `the file begins with ${hex(found)}; IDX ${what} begin with ${hex(magic)}`, `give an uncompressed or gzipped IDX file of ${what}, unsigned bytes`);
  }
  const header = 4 + 4 * rank;
  const truncated = (expected: number): never =>
    fail(where, "DATA-TRUNCATED", `the file should have ${expected} bytes and has ${bytes.length}`, "fetch or copy the file again: its end is missing");
  if (bytes.length < header) truncated(header);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const extents = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = extents.reduce((product, extent) => product * extent, 1);
  if (size === 0 || size > LARGEST_IDX) {
    fail(where, "DATA-SIZE", `the file says that it holds ${extents.join(" x ")} values`, `give a file of 1 to ${LARGEST_IDX} values`);
  }
  if (bytes.length < header + size) truncated(header + size);
  if (bytes.length > header + size) {
    fail(where, "DATA-TRAILING", `the file should have ${header + size} bytes and has ${bytes.length}`, "check what was appended: its header and its length disagree");
  }
  return { extents, values: bytes.subarray(header) };
}

const hex = (bytes: ArrayLike<number>): string =>
  bytes.length === 0 ? "nothing" : Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

function fail(where: string, code: string, fact: string, remedy: string): never {
  throw new OhmletError({ code, fact, place: { where }, remedy });
}
