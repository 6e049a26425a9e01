/**
 * Puts checksums right again after a file was spoilt: what a stranger would do, and what brings faults to the
 * code behind them.
 */
import { crc32 } from "node:zlib";

/** The checksums of the chunks of a PNG, as far as chunks can be followed. */
export function repairPng(bytes: Uint8Array): Uint8Array {
  const out = Buffer.from(bytes);
  for (let at = 8; at + 12 <= out.length;) {
    const end = at + 8 + out.readUInt32BE(at);
    if (end + 4 > out.length) break;
    out.writeUInt32BE(crc32(out.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return new Uint8Array(out);
}

/** The checksums of the stored members of a zip archive, as far as its directory can be followed. */
export function repairZip(bytes: Uint8Array): Uint8Array {
  const out = Buffer.from(bytes);
  for (let at = 0; (at = out.indexOf("PK\u0001\u0002", at, "latin1")) >= 0; at += 4) {
    if (at + 46 > out.length) break;
    const [length, local] = [out.readUInt32LE(at + 20), out.readUInt32LE(at + 42)];
    if (local + 30 > out.length) continue;
    const start = local + 30 + out.readUInt16LE(local + 26) + out.readUInt16LE(local + 28);
    if (start + length <= out.length) out.writeUInt32LE(crc32(out.subarray(start, start + length)), at + 16);
  }
  return new Uint8Array(out);
}
