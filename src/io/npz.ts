/**
 * Named arrays as NumPy's .npz: a zip of .npy files. Written without compression and without dates, so that
 * equal arrays are equal bytes; read with or without compression, within bounds, checksums verified. Format:
 * PKWARE APPNOTE 6.3.3, sections 4.3.7, 4.3.12 and 4.3.16; no zip64, no encryption, no archive comment.
 */
import { crc32, inflateRawSync } from "node:zlib";
import { OhmletError } from "../errors";
import { type NpyArray, readNpy, writeNpy } from "./npy";

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const [LOCAL_LENGTH, CENTRAL_LENGTH, END_LENGTH] = [30, 46, 22];
const VERSION = 20;
const UTF8_NAMES = 0x0800;
const ENCRYPTED = 0x0001;
/** 1 January 1980, the zero of DOS dates. */
const NO_DATE = 0x0021;
const [STORED, DEFLATED] = [0, 8];
const SUFFIX = ".npy";
/** Bytes of the largest archive, unpacked; below what zip can say without zip64. */
const LARGEST = 2 ** 30;
const MOST_ENTRIES = 10_000;
/** Bytes for the header of an array and what the archive says of it; and for the archive itself. */
const [ROOM_OF_ONE, ROOM] = [1024, 2 ** 16];

/**
 * The bytes of an .npz file; `numpy.load(file)[name]` gives each array.
 * @param arrays a Map, or Object.entries of a record
 * @throws OhmletError NPZ-NAME, NPZ-SIZE, NPY-SHAPE
 */
export function writeNpz(arrays: Iterable<readonly [string, NpyArray]>): Uint8Array {
  const [members, directory]: [Buffer[], Buffer[]] = [[], []];
  const names = new Set<string>();
  let offset = 0;
  for (const [name, array] of arrays) {
    checkName(name, names, "npz");
    const [file, data] = [Buffer.from(name + SUFFIX), writeNpy(array)];
    const local = Buffer.alloc(LOCAL_LENGTH);
    local.writeUInt32LE(LOCAL, 0);
    writeCommon(local, 4, file.length, data);
    const central = Buffer.alloc(CENTRAL_LENGTH);
    central.writeUInt32LE(CENTRAL, 0);
    central.writeUInt16LE(VERSION, 4);
    writeCommon(central, 6, file.length, data);
    central.writeUInt32LE(offset, 42);
    members.push(local, file, Buffer.from(data.buffer));
    directory.push(central, file);
    offset += LOCAL_LENGTH + file.length + data.length;
    if (offset > LARGEST || names.size > MOST_ENTRIES)
      fail("npz", "NPZ-SIZE", "the arrays are too many or too large for one file", "write several files");
  }
  const end = Buffer.alloc(END_LENGTH);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(names.size, 8);
  end.writeUInt16LE(names.size, 10);
  end.writeUInt32LE(
    directory.reduce((sum, part) => sum + part.length, 0),
    12,
  );
  end.writeUInt32LE(offset, 16);
  return new Uint8Array(Buffer.concat([...members, ...directory, end]));
}

/** The thirteen words that the local and the central header share. */
function writeCommon(header: Buffer, at: number, nameLength: number, data: Uint8Array): void {
  header.writeUInt16LE(VERSION, at);
  header.writeUInt16LE(UTF8_NAMES, at + 2);
  header.writeUInt16LE(STORED, at + 4);
  header.writeUInt16LE(NO_DATE, at + 8);
  header.writeUInt32LE(crc32(data), at + 10);
  header.writeUInt32LE(data.length, at + 14);
  header.writeUInt32LE(data.length, at + 18);
  header.writeUInt16LE(nameLength, at + 22);
}

/**
 * Bytes of the largest archive of arrays of so many values each, unpacked: a reader that knows what to expect
 * allows no more.
 * @param lengths values of each array
 */
export function largestNpz(lengths: Iterable<number>): number {
  let bytes = ROOM;
  for (const length of lengths) bytes += 8 * length + ROOM_OF_ONE;
  return Math.min(LARGEST, bytes);
}

/** What the directory says of an array, held against the rest of the archive. */
interface Member {
  readonly name: string;
  readonly method: number;
  readonly checksum: number;
  /** Bytes in the archive, and unpacked. */
  readonly packed: Buffer;
  readonly unpacked: number;
}

/**
 * Reads an .npz file; names come without ".npy". Nothing is unpacked before the whole directory is known to
 * be right and to promise no more than `most`, and nothing unpacks to more than the directory promised.
 * @param where names the bytes in errors: the file
 * @param most bytes of all arrays, unpacked
 * @throws OhmletError NPZ-FORMAT, NPZ-SIZE, NPZ-NAME, NPZ-CHECKSUM, and those of readNpy
 */
export const readNpz = (bytes: Uint8Array, where: string, most = LARGEST): Map<string, NpyArray> =>
  readNpzAs(bytes, where, most, readNpy);

/** The same, its members read by another reader. */
export function readNpzAs<T>(
  bytes: Uint8Array,
  where: string,
  most: number,
  read: (bytes: Uint8Array, where: string) => T,
): Map<string, T> {
  const members = membersOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), where, most);
  return new Map(
    members.map((member) => {
      const place = `${where}, ${member.name}`;
      return [member.name, read(unpack(member, place), place)];
    }),
  );
}

function membersOf(archive: Buffer, where: string, most: number): Member[] {
  const end = archive.length - END_LENGTH;
  if (end < 0 || archive.readUInt32LE(end) !== END) damaged(where, "it does not end as a zip archive does");
  const [entries, length, start] = [
    archive.readUInt16LE(end + 10),
    archive.readUInt32LE(end + 12),
    archive.readUInt32LE(end + 16),
  ];
  if (entries > MOST_ENTRIES)
    fail(where, "NPZ-SIZE", `there are ${entries} arrays`, `give a file of ${MOST_ENTRIES} at most`);
  if (start + length !== end) damaged(where, "its directory is not where its end says");
  const members: Member[] = [];
  const names = new Set<string>();
  const taken: { readonly from: number; readonly to: number }[] = [];
  let total = 0;
  let at = start;
  for (let entry = 0; entry < entries; entry++) {
    if (at + CENTRAL_LENGTH > end || archive.readUInt32LE(at) !== CENTRAL)
      damaged(where, "its directory is damaged");
    const [flags, method, checksum] = [
      archive.readUInt16LE(at + 8),
      archive.readUInt16LE(at + 10),
      archive.readUInt32LE(at + 16),
    ];
    const [packed, unpacked, local] = [
      archive.readUInt32LE(at + 20),
      archive.readUInt32LE(at + 24),
      archive.readUInt32LE(at + 42),
    ];
    total += unpacked;
    if (total > most)
      fail(
        where,
        "NPZ-SIZE",
        `unpacked, the arrays would take more than the ${most} bytes that belong here`,
        "give the file as it was written, or a smaller one",
      );
    const nameLength = archive.readUInt16LE(at + 28);
    const next =
      at + CENTRAL_LENGTH + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    if (next > end) damaged(where, "its directory is damaged");
    const file = archive.subarray(at + CENTRAL_LENGTH, at + CENTRAL_LENGTH + nameLength);
    const name = nameOf(file.toString("utf8"));
    checkName(name, names, where);
    const own = `${where}, ${name}`;
    if ((flags & ENCRYPTED) !== 0 || (method !== STORED && method !== DEFLATED))
      damaged(own, "it is encrypted, or packed in a way that NumPy does not use");
    if (local + LOCAL_LENGTH > start || archive.readUInt32LE(local) !== LOCAL)
      damaged(own, "it is not where the directory says");
    const title = local + LOCAL_LENGTH;
    const data = title + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    if (!archive.subarray(title, title + archive.readUInt16LE(local + 26)).equals(file))
      damaged(own, "it has another name than the directory says");
    if (data + packed > start || (method === STORED && packed !== unpacked))
      damaged(own, "its length is not what the directory says");
    members.push({ name, method, checksum, packed: archive.subarray(data, data + packed), unpacked });
    taken.push({ from: local, to: data + packed });
    at = next;
  }
  if (at !== end) damaged(where, "its directory is longer than its entries");
  taken.sort((a, b) => a.from - b.from);
  // The bytes of one array in place of many would unpack many times.
  if (taken.some(({ from }, i) => i > 0 && from < taken[i - 1].to))
    damaged(where, "two of its arrays lie over each other");
  return members;
}

const nameOf = (file: string): string => (file.endsWith(SUFFIX) ? file.slice(0, -SUFFIX.length) : file);

function unpack({ method, packed, unpacked, checksum }: Member, where: string): Uint8Array {
  const data = method === STORED ? packed : inflate(packed, unpacked, where);
  if (data.length !== unpacked || crc32(data) !== checksum)
    fail(
      where,
      "NPZ-CHECKSUM",
      "the bytes are not those that were written",
      "copy the file again: it is damaged",
    );
  return data;
}

function inflate(packed: Buffer, length: number, where: string): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, length) });
  } catch {
    return damaged(where, "it does not unpack to the length that the directory says");
  }
}

/** Names become paths where an archive is unpacked: none may leave the folder. */
function checkName(name: string, names: Set<string>, where: string): void {
  const parts = name.split("/");
  const safe =
    name.length <= 200 &&
    !/[\p{Cc}\\]/u.test(name) &&
    parts.every((part) => part !== "" && part !== "." && part !== "..");
  if (!safe || names.has(name))
    fail(
      where,
      "NPZ-NAME",
      `${JSON.stringify(name.slice(0, 60))} is ${safe ? "there twice" : "not a name for an array"}`,
      "give each array a name of its own: letters, digits, dots, dashes",
    );
  names.add(name);
}

function damaged(where: string, why: string): never {
  return fail(where, "NPZ-FORMAT", `this cannot be read as .npz: ${why}`, "write the file with numpy.savez");
}

function fail(where: string, code: string, fact: string, remedy: string): never {
  throw new OhmletError({ code, fact, place: { where }, remedy });
}
