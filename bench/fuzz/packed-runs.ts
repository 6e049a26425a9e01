/**
 * Archives that are small and unpack to much, or say so: members that inflate to gigabytes, that all lie on
 * the same bytes, by the hundred thousand, or whose headers promise what is not there. Where a run folder has
 * its weights and its checkpoint.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import { command } from "./command";
import type { Dice } from "./random";
import { copied, prepared } from "./prepared";
import type { Target } from "./target";

/** Begins an entry of the directory. */
const ENTRY = "PK\u0001\u0002";

interface Member {
  readonly name: string;
  readonly packed: Uint8Array;
  /** What the directory says. */
  readonly checksum: number;
  readonly length: number;
  readonly method: 0 | 8;
}

/** A zip with its members one after the other, or all of them in the place of the first. */
function zip(
  members: readonly Member[],
  { overlapping, entries = members.length }: { readonly overlapping: boolean; readonly entries?: number },
): Buffer {
  const [bodies, directory]: [Uint8Array[], Buffer[]] = [[], []];
  let offset = 0;
  for (const [i, { name, packed, checksum, length, method }] of members.entries()) {
    const file = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(checksum, 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(length, 18);
    common.writeUInt16LE(file.length, 22);
    const at = overlapping ? 0 : offset;
    if (!overlapping || i === 0) {
      bodies.push(Buffer.from("PK\u0003\u0004", "latin1"), common, file, packed);
      offset += 30 + file.length + packed.length;
    }
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    directory.push(Buffer.from(`${ENTRY}\u0014\u0000`, "latin1"), common, tail, file);
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", "latin1");
  end.writeUInt16LE(entries & 0xffff, 8);
  end.writeUInt16LE(entries & 0xffff, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, listed, end]);
}

/** Values of an array that packs to nearly nothing; sixteen of the largest are a gigabyte. */
const VALUES = [10, 2 ** 16, 2 ** 20, 2 ** 23];

/** An array of zeros, packed; what costs time is done once. */
const ZEROS = new Map<number, Member>();
function zeros(name: string, values: number): Member {
  let known = ZEROS.get(values);
  if (known === undefined) {
    const { packed, ...rest } = promise("", `${values},`, 8 * values);
    known = { ...rest, packed: deflateRawSync(packed, { level: 1 }), method: 8 };
    ZEROS.set(values, known);
  }
  return { ...known, name: `${name}.npy` };
}

/** A header that promises `shape`, and as many bytes of zeros behind it. */
function promise(name: string, shape: string, length = 0): Member {
  const plain = `{'descr': '<f8', 'fortran_order': False, 'shape': (${shape}), }`;
  const header = `${plain.padEnd(64 * Math.ceil((plain.length + 11) / 64) - 11)}\n`;
  const file = Buffer.alloc(10 + header.length + length, 0);
  file.write("\u0093NUMPY\u0001\u0000", "latin1");
  file.writeUInt16LE(header.length, 8);
  file.write(header, 10);
  return { name: `${name}.npy`, packed: file, checksum: crc32(file), length: file.length, method: 0 };
}

/** @param names of arrays that are looked for there */
function bomb(names: readonly string[], dice: Dice): Buffer {
  const name = dice.pick(names);
  const values = dice.pick(VALUES);
  // Half of them come near to what an archive may unpack to, and to the arrays that it may have.
  const count = dice.once(2)
    ? Math.min(10_000, Math.floor(2 ** 30 / (8 * values + 128)))
    : dice.pick([1, 3, 120, 1000, 60_000]);
  const named = (i: number): string => (i < names.length ? names[i] : `${name}-${i}`);
  const many = (each: (name: string) => Member, most = count): Member[] =>
    Array.from({ length: most }, (_, i) => each(named(i)));
  switch (dice.below(8)) {
    case 0:
      return zip(
        names.map((each) => zeros(each, values)),
        { overlapping: false },
      );
    case 1:
      return zip(
        many((each) => zeros(each, values), Math.min(count, 1000)),
        { overlapping: false },
      );
    case 2:
      return zip(
        many((each) => zeros(each, values)),
        { overlapping: true },
      );
    // The directory says less, or more, than what the member unpacks to.
    case 3:
      return zip(
        many((each) => ({ ...zeros(each, values), length: dice.pick([0, 1, 100, 2 ** 31, 2 ** 32 - 1]) }), 3),
        { overlapping: dice.once(2) },
      );
    case 4:
      return zip(
        [
          promise(
            name,
            dice.pick([
              "1000000000,",
              "99999999, 99999999",
              "9007199254740991,",
              "0, 1000000000",
              "1".repeat(400),
              "1,".repeat(30_000),
            ]),
            dice.pick([0, 80]),
          ),
        ],
        { overlapping: false },
      );
    case 5:
      return zip(
        many((each) => promise(each, "0,")),
        { overlapping: dice.once(2), entries: dice.pick([count, 0xffff, 0]) },
      );
    case 6:
      return zip(
        many(
          (each) => ({
            ...zeros(each, values),
            packed: deflateRawSync(Buffer.alloc(8 * dice.pick([1, 2 ** 20]))),
          }),
          2,
        ),
        { overlapping: false },
      );
    default:
      return zip([{ ...zeros("x".repeat(dice.pick([10, 300, 60_000])), values) }], { overlapping: false });
  }
}

/** Names of the arrays of an archive, as its directory lists them. */
function namesIn(path: string): string[] {
  const entries = readFileSync(path, "latin1").split(ENTRY).slice(1);
  return entries.map((entry) => entry.slice(42, 42 + entry.charCodeAt(24)).replace(/\.npy$/, ""));
}

export const PACKED_RUNS: readonly Target[] = [
  {
    name: "packed-run",
    apart: true,
    prepare: (folder) =>
      prepared(folder, "run-stopped").then(() => VALUES.forEach((values) => zeros("", values))),
    attempt: async (dice, folder, begin) => {
      const at = await copied(folder, "run-stopped");
      const spoils = !dice.once(3);
      if (dice.once(2)) {
        const weights = join(at, "weights.npz");
        if (spoils) writeFileSync(weights, bomb(namesIn(weights), dice));
        begin();
        return command(["report", at]);
      }
      const index = JSON.parse(readFileSync(join(at, "checkpoint.json"), "utf8")) as {
        archive: string;
        bytes: number;
        crc32: number;
      };
      if (spoils) {
        const archive = bomb(namesIn(join(at, index.archive)), dice);
        writeFileSync(join(at, index.archive), archive);
        writeFileSync(
          join(at, "checkpoint.json"),
          JSON.stringify({ ...index, bytes: archive.length, crc32: crc32(archive) }),
        );
      }
      begin();
      return command(["resume", at]);
    },
  },
];
