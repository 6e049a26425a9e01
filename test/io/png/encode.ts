/**
 * A PNG writer for tests: any type and depth, each row with a filter of its own, chunks that may be spoilt.
 */
import { crc32, deflateSync } from "node:zlib";

export interface Drawn {
  readonly width: number;
  readonly height: number;
  readonly type: 0 | 2 | 3 | 4 | 6;
  readonly depth: 1 | 2 | 4 | 8 | 16;
  /** Rows as packed bytes, unfiltered. */
  readonly rows: readonly Uint8Array[];
  /** Of row r: filters[r % length]; 0 by default. */
  readonly filters?: readonly number[];
  readonly palette?: readonly number[];
  /** Bytes of tRNS: opacities of the palette, or the colour that is transparent. */
  readonly opacity?: readonly number[];
  /** In the seven passes of Adam, each unfiltered. */
  readonly interlaced?: boolean;
}

export const SIGNATURE = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);
const SAMPLES = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export function chunk(type: string, body: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), body]);
  const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  crc.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, crc]);
}

export function headerChunk(
  width: number,
  height: number,
  depth: number,
  type: number,
  interlace = 0,
): Buffer {
  const body = Buffer.alloc(13);
  body.writeUInt32BE(width);
  body.writeUInt32BE(height, 4);
  body.set([depth, type, 0, 0, interlace], 8);
  return chunk("IHDR", body);
}

/** Chunks as a file. */
export const file = (...chunks: readonly Uint8Array[]): Buffer =>
  Buffer.concat([SIGNATURE, ...chunks, chunk("IEND", new Uint8Array())]);

export function encodePng({
  width,
  height,
  type,
  depth,
  rows,
  filters = [0],
  palette,
  opacity,
  interlaced = false,
}: Drawn): Buffer {
  const step = Math.max(1, (SAMPLES[type] * depth) >> 3);
  const lines = interlaced
    ? passes(rows, width, SAMPLES[type] * depth)
    : rows.map((row, r) =>
        filtered(row, r === 0 ? new Uint8Array(row.length) : rows[r - 1], filters[r % filters.length], step),
      );
  return file(
    headerChunk(width, height, depth, type, Number(interlaced)),
    chunk("tEXt", Buffer.from("Comment\0made by a test")),
    ...(palette ? [chunk("PLTE", Uint8Array.from(palette))] : []),
    ...(opacity ? [chunk("tRNS", Uint8Array.from(opacity))] : []),
    chunk("IDAT", deflateSync(Buffer.concat(lines)).subarray(0, 9)),
    chunk("IDAT", deflateSync(Buffer.concat(lines)).subarray(9)),
  );
}

/** A grey picture of bytes, [height, width]. */
export const greyFile = (width: number, height: number, levels: ArrayLike<number>): Buffer =>
  encodePng({
    width,
    height,
    type: 0,
    depth: 8,
    rows: Array.from({ length: height }, (_, r) =>
      Uint8Array.from({ length: width }, (_, c) => levels[r * width + c]),
    ),
  });

/** The rows of each pass (section 8.1), pixel by pixel as texts of bits: slow and plain. */
function passes(rows: readonly Uint8Array[], width: number, bits: number): Uint8Array[] {
  const pixels = rows.map((row) => {
    const all = Array.from(row, (byte) => byte.toString(2).padStart(8, "0")).join("");
    return Array.from({ length: width }, (_, x) => all.slice(x * bits, (x + 1) * bits));
  });
  const every = <T>(list: readonly T[], first: number, step: number): T[] =>
    list.filter((_, i) => i >= first && (i - first) % step === 0);
  return [
    [0, 0, 8, 8],
    [0, 4, 8, 8],
    [4, 0, 8, 4],
    [0, 2, 4, 4],
    [2, 0, 4, 2],
    [0, 1, 2, 2],
    [1, 0, 2, 1],
  ].flatMap(([y, x, down, right]) =>
    every(pixels, y, down)
      .map((line) => every(line, x, right).join(""))
      .filter((line) => line !== "")
      .map((line) =>
        Uint8Array.from([
          0,
          ...(line.match(/.{1,8}/g) ?? []).map((byte) => parseInt(byte.padEnd(8, "0"), 2)),
        ]),
      ),
  );
}

function filtered(row: Uint8Array, above: Uint8Array, filter: number, step: number): Uint8Array {
  const predicted = (i: number): number => {
    const [a, b, c] = [row[i - step] ?? 0, above[i], above[i - step] ?? 0];
    const p = a + b - c;
    const nearest = [a, b, c].reduce((best, v) => (Math.abs(p - v) < Math.abs(p - best) ? v : best));
    return [0, a, b, Math.floor((a + b) / 2), nearest][filter];
  };
  return Uint8Array.from([filter, ...row.map((value, i) => value - predicted(i))]);
}
