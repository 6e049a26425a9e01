/** Archives that are small and promise, or unpack to, much: as a stranger packs them. */
import { crc32, deflateRawSync } from "node:zlib";

export interface Packed {
  readonly name: string;
  /** Unpacked. */
  readonly data: Uint8Array;
  /** Bytes that the directory says it unpacks to. Default: the truth. */
  readonly promised?: number;
  /** Takes the bytes of an earlier member in place of its own. */
  readonly over?: number;
}

/** A zip of members that are compressed; its directory may lie. */
export function packedNpz(members: readonly Packed[]): Uint8Array {
  const [bodies, directory]: [Buffer[], Buffer[]] = [[], []];
  const starts: { readonly offset: number; readonly packed: Buffer }[] = [];
  let offset = 0;
  for (const { name, data, promised = data.length, over } of members) {
    const file = Buffer.from(`${name}.npy`);
    const packed = over === undefined ? deflateRawSync(data) : starts[over].packed;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(promised, 18);
    common.writeUInt16LE(file.length, 22);
    starts.push({ offset: over === undefined ? offset : starts[over].offset, packed });
    if (over === undefined) {
      bodies.push(Buffer.from("PK\x03\x04"), common, file, packed);
      offset += 30 + file.length + packed.length;
    }
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(starts[starts.length - 1].offset, 10);
    directory.push(Buffer.from("PK\x01\x02"), Buffer.from([20, 0]), common, rest, file);
  }
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  for (const at of [8, 10]) end.writeUInt16LE(members.length, at);
  end.writeUInt32LE(
    directory.reduce((sum, { length }) => sum + length, 0),
    12,
  );
  end.writeUInt32LE(offset, 16);
  return new Uint8Array(Buffer.concat([...bodies, ...directory, end]));
}
