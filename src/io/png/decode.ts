/**
 * Pixels of a PNG file as planes of bytes. What it unpacks is bounded by what the header says, and that is checked
 * first, so a small file cannot fill the memory. Sixteen bits are read as their upper eight; what is transparent lies on white.
 */
import { inflateSync } from "node:zlib";
import { fail, type PngHeader, type PngParts, readChunks } from "./chunks";

/** Planes one after the other: [channels, height, width], 0…255. */
export interface PngImage {
  readonly width: number;
  readonly height: number;
  /** 1 for grey, 3 for red, green and blue. */
  readonly channels: 1 | 3;
  readonly bytes: Uint8Array;
}

const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/**
 * @param where names the file in errors
 * @throws OhmletError PNG-SIGNATURE, PNG-TRUNCATED, PNG-CHECKSUM, PNG-HEADER, PNG-SIZE, PNG-KIND, PNG-DATA
 */
export function decodePng(bytes: Uint8Array, where: string): PngImage {
  const parts = readChunks(bytes, where);
  const { header } = parts;
  const rowBytes = Math.ceil((header.width * SAMPLES[header.type] * header.depth) / 8);
  const rows = inflate(parts.stream, header.height * (1 + rowBytes), where);
  unfilter(rows, header.height, rowBytes, Math.max(1, (SAMPLES[header.type] * header.depth) >> 3), where);
  return planes(parts, (row) => rows.subarray(row * (1 + rowBytes) + 1, (row + 1) * (1 + rowBytes)), where);
}

function inflate(stream: Uint8Array, expected: number, where: string): Uint8Array {
  let rows: Uint8Array;
  try {
    rows = inflateSync(stream, { maxOutputLength: expected });
  } catch (error) {
    if (error instanceof RangeError) return fail(where, "PNG-DATA", "the image unpacks to more than its header says", "save the image again");
    return fail(where, "PNG-DATA", `its pixels cannot be unpacked (${error instanceof Error ? error.message : String(error)})`, "copy the file again: it is damaged");
  }
  if (rows.length < expected) fail(where, "PNG-DATA", `the image unpacks to ${rows.length} bytes and should have ${expected}`, "copy the file again: it is damaged");
  return rows;
}

/** Undoes the filters of the rows in place (section 9.2). `step` is the distance in bytes to the pixel on the left. */
function unfilter(rows: Uint8Array, height: number, rowBytes: number, step: number, where: string): void {
  for (let row = 0; row < height; row++) {
    const start = row * (1 + rowBytes) + 1;
    const filter = rows[start - 1];
    if (filter > 4) fail(where, "PNG-DATA", `row ${row} has filter ${filter}, there are five`, "save the image again");
    if (filter === 0) continue;
    for (let i = 0; i < rowBytes; i++) {
      const at = start + i;
      const left = i < step ? 0 : rows[at - step];
      const up = row === 0 ? 0 : rows[at - rowBytes - 1];
      const corner = i < step || row === 0 ? 0 : rows[at - rowBytes - 1 - step];
      rows[at] += filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : paeth(left, up, corner);
    }
  }
}

/** The neighbour nearest to left + up - corner. */
function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function planes({ header, palette, opacity }: PngParts, rowOf: (row: number) => Uint8Array, where: string): PngImage {
  const { width, height, type } = header;
  const channels = type === 0 || type === 4 ? 1 : 3;
  const bytes = new Uint8Array(channels * width * height);
  const read = sampler(header);
  for (let row = 0; row < height; row++) {
    const line = rowOf(row);
    for (let column = 0; column < width; column++) {
      const at = row * width + column;
      const first = column * SAMPLES[type];
      if (type === 3) {
        const entry = read(line, first);
        if (3 * entry >= palette.length) fail(where, "PNG-DATA", `a pixel asks for entry ${entry} of a palette of ${palette.length / 3}`, "save the image again");
        for (let c = 0; c < 3; c++) bytes[c * width * height + at] = onWhite(palette[3 * entry + c], opacity[entry] ?? 255);
        continue;
      }
      const alpha = type >= 4 ? read(line, first + channels) : 255;
      for (let c = 0; c < channels; c++) bytes[c * width * height + at] = onWhite(read(line, first + c), alpha);
    }
  }
  return { width, height, channels, bytes };
}

const onWhite = (value: number, alpha: number): number => (alpha === 255 ? value : Math.round(255 + ((value - 255) * alpha) / 255));

/** Reads sample i of a row as 0…255; as it is, where it is an entry of the palette. */
function sampler({ depth, type }: PngHeader): (line: Uint8Array, i: number) => number {
  if (depth === 16) return (line, i) => line[2 * i];
  if (depth === 8) return (line, i) => line[i];
  const [perByte, mask] = [8 / depth, 2 ** depth - 1];
  const scale = type === 3 ? 1 : 255 / mask;
  return (line, i) => ((line[Math.floor(i / perByte)] >> (8 - depth * (1 + (i % perByte)))) & mask) * scale;
}
