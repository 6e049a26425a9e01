/**
 * Whether a file holds what it should: unpacked in pieces, never more than expected, and held against its
 * SHA-256.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import type { Content } from "../../data/catalogue";

/** The bytes of a file, unpacked; ends quietly where they are damaged, since a checksum will tell. */
export async function* unpacked(path: string, most: number): AsyncGenerator<Buffer, void, void> {
  const source = createReadStream(path);
  const gunzip = createGunzip();
  source.on("error", (error) => gunzip.destroy(error));
  let bytes = 0;
  try {
    for await (const piece of source.pipe(gunzip)) {
      yield piece as Buffer;
      bytes += (piece as Buffer).length;
      if (bytes > most) return;
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error && String(error.code).startsWith("Z_"))) throw error;
  } finally {
    source.destroy();
  }
}

/** @param packed whether the file is gzipped */
export async function holds(path: string, { bytes, sha256 }: Content, packed: boolean): Promise<boolean> {
  const hash = createHash("sha256");
  let seen = 0;
  for await (const piece of packed ? unpacked(path, bytes) : createReadStream(path)) {
    hash.update(piece as Buffer);
    seen += (piece as Buffer).length;
    if (seen > bytes) return false;
  }
  return seen === bytes && hash.digest("hex") === sha256;
}
