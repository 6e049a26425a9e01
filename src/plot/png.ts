/**
 * Grey or coloured pixels as a PNG file (W3C PNG, third edition), uncompressed: the images of a report are
 * small, and so no compressor is needed. Runs anywhere, a browser too.
 */

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
/** The most a stored block of deflate holds (RFC 1951, section 3.2.4). */
const LARGEST_BLOCK = 65535;

/** The bytes of a PNG of `height` × `width` grey levels 0…255, row by row. */
export const greyPng = (height: number, width: number, levels: Uint8Array): Uint8Array =>
  png(height, width, 0, 1, levels);

/** The same of colours: red, green, blue of each pixel in turn, [height, width, 3]. */
export const colourPng = (height: number, width: number, levels: Uint8Array): Uint8Array =>
  png(height, width, 2, 3, levels);

function png(height: number, width: number, type: number, samples: number, levels: Uint8Array): Uint8Array {
  const length = samples * width;
  const rows = new Uint8Array(height * (length + 1)); // each row starts with its filter: 0, none
  for (let row = 0; row < height; row++)
    rows.set(levels.subarray(row * length, (row + 1) * length), row * (length + 1) + 1);
  const header = [...word(width), ...word(height), 8, type, 0, 0, 0]; // 8 bits, no interlace
  return joined([SIGNATURE, chunk("IHDR", header), chunk("IDAT", stored(rows)), chunk("IEND", [])]);
}

/** The zlib stream (RFC 1950) that stores `bytes` as they are. */
function stored(bytes: Uint8Array): Uint8Array {
  const parts: ArrayLike<number>[] = [[0x78, 0x01]];
  for (let at = 0; at === 0 || at < bytes.length; at += LARGEST_BLOCK) {
    const block = bytes.subarray(at, at + LARGEST_BLOCK);
    const isLast = at + LARGEST_BLOCK >= bytes.length ? 1 : 0;
    const length = block.length;
    parts.push([isLast, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255], block);
  }
  return joined([...parts, word(adler32(bytes))]);
}

function chunk(type: string, data: ArrayLike<number>): Uint8Array {
  const body = joined([Array.from(type, (letter) => letter.charCodeAt(0)), data]);
  return joined([word(data.length), body, word(crc32(body))]);
}

function joined(parts: readonly ArrayLike<number>[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function word(value: number): number[] {
  return [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
