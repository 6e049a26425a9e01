/** The bytes of a text as UTF-8 without a mark at its beginning, whatever spreadsheets saved it as. */
import { refuse } from "../refuse";

/**
 * @throws OhmletError DATA-TEXT for what is no text
 */
export function utf8Of(bytes: Uint8Array, where: string): Uint8Array {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return plain(bytes.subarray(3), where);
  const wide =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? "utf-16le"
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? "utf-16be"
        : widthOf(bytes);
  return plain(wide === null ? bytes : new TextEncoder().encode(decoded(bytes, wide, where)), where);
}

/** Latin letters as two bytes show a zero at every other place, also without a mark. */
function widthOf([a, b, c, d]: Uint8Array): "utf-16le" | "utf-16be" | null {
  if (a > 0 && b === 0 && c > 0 && d === 0) return "utf-16le";
  return a === 0 && b > 0 && c === 0 && d > 0 ? "utf-16be" : null;
}

function decoded(bytes: Uint8Array, encoding: string, where: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return refuse(
      where,
      "DATA-TEXT",
      `the file begins as ${encoding.toUpperCase()} does and is not`,
      "save it as CSV in UTF-8",
    );
  }
}

function plain(bytes: Uint8Array, where: string): Uint8Array {
  const zero = bytes.indexOf(0);
  if (zero < 0) return bytes;
  let line = 1;
  for (let at = bytes.indexOf(10); at >= 0 && at < zero; at = bytes.indexOf(10, at + 1)) line++;
  return refuse(
    { where, line },
    "DATA-TEXT",
    "there is a zero byte: this is no text",
    "give a text: a line a sample, in UTF-8",
  );
}
