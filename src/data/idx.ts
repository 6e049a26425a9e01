/**
 * The IDX format of MNIST and its kin: a magic number that tells the type of the values, the extents as
 * big-endian 32-bit numbers, then the values. Works on bytes that somebody else has read; believes nothing
 * that they say about themselves until it has been checked.
 */
import { shapeOf } from "./assemble";
import type { Stored } from "./range";
import { refuse } from "./refuse";

/** Images as stored: values [count, rows, columns]. */
export interface IdxImages {
  readonly count: number;
  readonly shape: readonly [number, number];
  readonly values: Stored;
}

interface ValueType {
  readonly name: string;
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
}

/** By the third byte of the magic number. */
const TYPES: Readonly<Record<number, ValueType>> = {
  0x08: { name: "unsigned bytes", bytes: 1, read: (view, at) => view.getUint8(at) },
  0x09: { name: "signed bytes", bytes: 1, read: (view, at) => view.getInt8(at) },
  0x0b: { name: "16-bit integers", bytes: 2, read: (view, at) => view.getInt16(at) },
  0x0c: { name: "32-bit integers", bytes: 4, read: (view, at) => view.getInt32(at) },
  0x0d: { name: "floats", bytes: 4, read: (view, at) => view.getFloat32(at) },
  0x0e: { name: "doubles", bytes: 8, read: (view, at) => view.getFloat64(at) },
};
const UNSIGNED_BYTE = 0x08;
/** Bytes of values in the largest file that is read: five times MNIST. */
export const LARGEST_IDX = 2 ** 28;

/**
 * Reads images: [count, rows, columns], or [count, values], which are taken for square images where they can
 * be. Bytes are not copied.
 * @param where names the bytes in errors: the file
 * @throws OhmletError DATA-MAGIC, DATA-TRUNCATED, DATA-TRAILING, DATA-SIZE
 */
export function readIdxImages(bytes: Uint8Array, where: string): IdxImages {
  const {
    type,
    extents: [count, ...extents],
    values,
  } = readIdx(bytes, [3, 2], "images", where);
  const shape = extents.length === 2 ? ([extents[0], extents[1]] as const) : shapeOf(extents[0]);
  return {
    count,
    shape,
    values: type === UNSIGNED_BYTE ? values : converted(values, type, (length) => new Float32Array(length)),
  };
}

/**
 * Reads labels, rank 1, as numbers.
 * @throws OhmletError DATA-MAGIC, DATA-TRUNCATED, DATA-TRAILING, DATA-SIZE
 */
export function readIdxLabels(bytes: Uint8Array, where: string): Uint8Array | Float64Array {
  const { type, values } = readIdx(bytes, [1], "labels", where);
  return type === UNSIGNED_BYTE ? values : converted(values, type, (length) => new Float64Array(length));
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

/** Values that are no bytes, big-endian. */
function converted<T extends Float32Array | Float64Array>(
  values: Uint8Array,
  type: number,
  make: (length: number) => T,
): T {
  const { bytes, read } = TYPES[type];
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  const out = make(values.length / bytes);
  for (let i = 0; i < out.length; i++) out[i] = read(view, i * bytes);
  return out;
}

function readIdx(
  bytes: Uint8Array,
  ranks: readonly number[],
  what: string,
  where: string,
): { type: number; extents: number[]; values: Uint8Array } {
  const [zero, second, type, rank] = bytes;
  const known = TYPES[type];
  if (zero !== 0 || second !== 0 || known === undefined || !ranks.includes(rank)) {
    // A file that ends within its magic number is cut short, not another one.
    if (bytes.length < 4 && bytes.every((byte, i) => (i < 2 ? byte === 0 : TYPES[byte] !== undefined)))
      truncated(where, 4 + 4 * ranks[0], bytes.length);
    return refuse(
      where,
      "DATA-MAGIC",
      `the file begins with ${hex(bytes.subarray(0, 4))}; IDX ${what} begin with ` +
        `${hex([0, 0, UNSIGNED_BYTE, ranks[0]])}`,
      `give an uncompressed or gzipped IDX file of ${what}: 08 stands for bytes, 09 to 0e for other ` +
        `numbers, ${ranks.join(" or ")} for the number of extents`,
    );
  }
  const header = 4 + 4 * rank;
  if (bytes.length < header) truncated(where, header, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const extents = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = extents.reduce((product, extent) => product * extent, known.bytes);
  if (size === 0 || size > LARGEST_IDX) {
    refuse(
      where,
      "DATA-SIZE",
      `the file says that it holds ${extents.join(" x ")} ${known.name}`,
      `give a file of 1 to ${LARGEST_IDX} bytes of values`,
    );
  }
  if (bytes.length < header + size) truncated(where, header + size, bytes.length);
  if (bytes.length > header + size) {
    refuse(
      where,
      "DATA-TRAILING",
      `the file should have ${header + size} bytes and has ${bytes.length}`,
      "check what was appended: its header and its length disagree",
    );
  }
  return { type, extents, values: bytes.subarray(header) };
}

function truncated(where: string, expected: number, found: number): never {
  return refuse(
    where,
    "DATA-TRUNCATED",
    `the file should have ${expected} bytes and has ${found}`,
    "fetch or copy the file again: its end is missing",
  );
}

const hex = (bytes: ArrayLike<number>): string =>
  bytes.length === 0 ? "nothing" : Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
