/**
 * Arrays as NumPy's .npy, version 1.0: float64 or float32, little endian, C order; sets of data also as other
 * numbers. Just that much of the format, and strictly: the reader takes nothing on trust and allocates
 * nothing before the lengths agree. Format: NEP 1, https://numpy.org/neps/nep-0001-npy-format.html
 */
import { OhmletError } from "../errors";

/** An array in C order: `data` has as many values as the product of `shape`. */
export interface NpyArray {
  /** Extents, slowest first; [] for a scalar. */
  readonly shape: readonly number[];
  readonly data: Float64Array | Float32Array;
}

/** "\x93NUMPY", version 1.0. */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0];
const PREAMBLE = MAGIC.length + 2;
/** NumPy wants its values to begin at a multiple of this. */
const ALIGNMENT = 64;
const HIGHEST_RANK = 32;
/** The form in which NumPy itself writes the header. */
const HEADER = /^\{'descr': '([^']{1,20})', 'fortran_order': (True|False), 'shape': \(([\d, ]*)\),? *\} *\n$/;

/**
 * The bytes of a .npy file.
 * @throws OhmletError NPY-SHAPE where values and shape disagree
 */
export function writeNpy({ shape, data }: NpyArray): Uint8Array {
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (count !== data.length)
    fail(
      "array",
      "NPY-SHAPE",
      `${data.length} values do not make an array of shape (${shape.join(", ")})`,
      "give as many values as the shape says",
    );
  const width = data.BYTES_PER_ELEMENT;
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '<f${width}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const start = Math.ceil((PREAMBLE + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(start + width * count);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint16(MAGIC.length, start - PREAMBLE, true);
  bytes.set(new TextEncoder().encode(`${text.padEnd(start - PREAMBLE - 1)}\n`), PREAMBLE);
  if (width === 8) data.forEach((value, i) => view.setFloat64(start + 8 * i, value, true));
  else data.forEach((value, i) => view.setFloat32(start + 4 * i, value, true));
  return bytes;
}

/**
 * Reads a .npy file.
 * @param where names the bytes in errors: the file
 * @throws OhmletError NPY-MAGIC, NPY-HEADER, NPY-TYPE, NPY-TRUNCATED, NPY-TRAILING
 */
export function readNpy(bytes: Uint8Array, where: string): NpyArray {
  const { shape, data } = readAs(bytes, where, FLOATS);
  return { shape, data: data as Float64Array | Float32Array };
}

/** The same of any type of numbers: bytes as they are, what float32 holds as float32, others as float64. */
export const readNpyNumbers = (bytes: Uint8Array, where: string): NpyNumbers => readAs(bytes, where, NUMBERS);

export interface NpyNumbers {
  readonly shape: readonly number[];
  readonly data: Uint8Array | Float32Array | Float64Array;
}

interface NumberType {
  readonly width: number;
  readonly make: (count: number) => Uint8Array | Float32Array | Float64Array;
  readonly get: (view: DataView, at: number, little: boolean) => number;
}

const bytes = (count: number): Uint8Array => new Uint8Array(count);
const float32 = (count: number): Float32Array => new Float32Array(count);
const float64 = (count: number): Float64Array => new Float64Array(count);

/** By the name that NumPy gives them, without the order of their bytes. */
const FLOATS: Readonly<Record<string, NumberType>> = {
  f8: { width: 8, make: float64, get: (view, at, little) => view.getFloat64(at, little) },
  f4: { width: 4, make: float32, get: (view, at, little) => view.getFloat32(at, little) },
};
const NUMBERS: Readonly<Record<string, NumberType>> = {
  ...FLOATS,
  b1: { width: 1, make: bytes, get: (view, at) => view.getUint8(at) },
  u1: { width: 1, make: bytes, get: (view, at) => view.getUint8(at) },
  i1: { width: 1, make: float32, get: (view, at) => view.getInt8(at) },
  u2: { width: 2, make: float32, get: (view, at, little) => view.getUint16(at, little) },
  i2: { width: 2, make: float32, get: (view, at, little) => view.getInt16(at, little) },
  u4: { width: 4, make: float64, get: (view, at, little) => view.getUint32(at, little) },
  i4: { width: 4, make: float64, get: (view, at, little) => view.getInt32(at, little) },
  u8: { width: 8, make: float64, get: (view, at, little) => Number(view.getBigUint64(at, little)) },
  i8: { width: 8, make: float64, get: (view, at, little) => Number(view.getBigInt64(at, little)) },
};

function readAs(bytes: Uint8Array, where: string, types: Readonly<Record<string, NumberType>>): NpyNumbers {
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) {
    fail(where, "NPY-MAGIC", "this is not a .npy file of version 1.0", "write it with numpy.save");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = bytes.length < PREAMBLE ? PREAMBLE : PREAMBLE + view.getUint16(MAGIC.length, true);
  if (bytes.length < start) truncated(where, start, bytes.length);
  const {
    type: { width, make, get },
    little,
    shape,
  } = readHeader(String.fromCharCode(...bytes.subarray(PREAMBLE, start)), where, types);
  const count = shape.reduce((product, extent) => product * extent, 1);
  const expected = start + width * count;
  if (bytes.length < expected) truncated(where, expected, bytes.length);
  if (bytes.length > expected)
    fail(
      where,
      "NPY-TRAILING",
      `there should be ${expected} bytes, there are ${bytes.length}`,
      "check what was appended: header and length disagree",
    );
  const data = make(count);
  for (let i = 0; i < count; i++) data[i] = get(view, start + width * i, little);
  return { shape, data };
}

function readHeader(
  header: string,
  where: string,
  types: Readonly<Record<string, NumberType>>,
): { type: NumberType; little: boolean; shape: number[] } {
  const match = HEADER.exec(header);
  if (!match)
    return fail(
      where,
      "NPY-HEADER",
      "the header is not as NumPy writes it",
      "write the file with numpy.save",
    );
  const [, type, fortran, tuple] = match;
  const [order, name] = [type[0], type.slice(1)];
  const known = Object.hasOwn(types, name) ? types[name] : undefined;
  if (known === undefined || (types === FLOATS ? order !== "<" : !"<>|".includes(order)))
    return fail(
      where,
      "NPY-TYPE",
      `the values are of type ${JSON.stringify(type)}`,
      "convert them with astype('<f8') or astype('<f4')",
    );
  if (fortran === "True")
    return fail(
      where,
      "NPY-TYPE",
      "the values are in Fortran order",
      "convert them with numpy.ascontiguousarray",
    );
  const extents = tuple
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const shape = extents.map(Number);
  if (shape.length > HIGHEST_RANK || !shape.every((extent) => Number.isSafeInteger(extent))) {
    return fail(
      where,
      "NPY-HEADER",
      `a shape of (${tuple.slice(0, 60)}) is not a shape`,
      "write the file with numpy.save",
    );
  }
  return { type: known, little: order !== ">", shape };
}

function truncated(where: string, expected: number, found: number): never {
  return fail(
    where,
    "NPY-TRUNCATED",
    `there should be ${expected} bytes, there are ${found}`,
    "copy the file again: its end is missing",
  );
}

function fail(where: string, code: string, fact: string, remedy: string): never {
  throw new OhmletError({ code, fact, place: { where }, remedy });
}
