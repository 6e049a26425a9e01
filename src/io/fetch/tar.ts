/**
 * Reads a tar archive (POSIX ustar) as it streams by: names, lengths, bytes. Writes nothing and follows no
 * path: what a name means is for the caller to say.
 */
import { fault } from "./fault";

/** The start of a file, then its bytes in pieces. */
export type TarEvent = { readonly name: string; readonly size: number } | Buffer;

const BLOCK = 512;

/**
 * The plain files of an archive; links, folders and extended headers are passed over.
 * @throws OhmletError FETCH-ARCHIVE
 */
export async function* readTar(
  chunks: AsyncIterable<Buffer>,
  where: string,
): AsyncGenerator<TarEvent, void, void> {
  let header = Buffer.alloc(0);
  let [left, padding, isFile] = [0, 0, false];
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      if (left > 0) {
        const piece = chunk.subarray(at, at + left);
        if (isFile) yield piece;
        left -= piece.length;
        at += piece.length;
      } else if (padding > 0) {
        const skipped = Math.min(padding, chunk.length - at);
        padding -= skipped;
        at += skipped;
      } else {
        const piece = chunk.subarray(at, at + BLOCK - header.length);
        header = Buffer.concat([header, piece]);
        at += piece.length;
        if (header.length < BLOCK) continue;
        const { name, size, type } = readHeader(header, where);
        header = Buffer.alloc(0);
        [left, padding, isFile] = [size, (BLOCK - (size % BLOCK)) % BLOCK, type === "0" || type === "\0"];
        if (isFile && name !== "") yield { name, size };
      }
    }
  }
  if (left > 0)
    throw fault(
      "FETCH-ARCHIVE",
      where,
      "the archive ends inside a file",
      "run the command again: it starts anew",
    );
}

function readHeader(header: Buffer, where: string): { name: string; size: number; type: string } {
  const text = (from: number, to: number): string =>
    header.toString("latin1", from, to).replace(/\0.*$/s, "");
  const size = text(124, 136).trim();
  if (!/^[0-7]{0,11}$/.test(size))
    throw fault("FETCH-ARCHIVE", where, "the archive is no tar archive", "give another source with --url");
  return {
    name: text(0, 100),
    size: size === "" ? 0 : parseInt(size, 8),
    type: String.fromCharCode(header[156]),
  };
}
