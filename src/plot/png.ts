/**
 * Grey pixels as a PNG file (W3C PNG, third edition), uncompressed: the images of a report are small, and so no
 * compressor is needed. Runs anywhere, a browser too.
 */

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
/** The most a stored block of deflate holds (RFC 1951, section 3.2.4). */
const LARGEST_BLOCK = 65535;

/** The bytes of a PNG of `height` × `width` grey levels 0…255, row by row. */
export function greyPng(height: number, width: number, levels: Uint8Array): Uint8Array {
  const rows = new Uint8Array(height * (width + 1)); // each row starts with its filter: 0, none
  for (let row = 0; row < height; row++) rows.set(levels.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  const header = [...word(width), ...word(height), 8, 0, 0, 0, 0]; // 8 bits, grey, no interlace
  return Uint8Array.from([...SIGNATURE, ...chunk("IHDR", header), ...chunk("IDAT", stored(rows)), ...chunk("IEND", [])]);
}

/** The zlib stream (RFC 1950) that stores `bytes` as they are. */
function stored(bytes: Uint8Array): number[] {
  const stream = [0x78, 0x01];
  for (let at = 0; at === 0 || at < bytes.length; at += LARGEST_BLOCK) {
    const block = bytes.subarray(at, at + LARGEST_BLOCK);
    const isLast = at + LARGEST_BLOCK >= bytes.length ? 1 : 0;
    const length = block.length;
    stream.push(isLast, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255);
    for (const byte of block) stream.push(byte);
  }
  return stream.concat(word(adler32(bytes)));
}

function chunk(type: string, data: readonly number[]): number[] {
  const body = Array.from(type, (letter) => letter.charCodeAt(0)).concat(data);
  return [...word(data.length), ...body, ...word(crc32(body))];
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

function crc32(bytes: readonly number[]): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
