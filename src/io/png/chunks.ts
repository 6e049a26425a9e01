/**
 * A PNG file taken apart (W3C PNG, third edition): its header, palette and compressed rows, each checked
 * before it is believed.
 */
import { crc32 } from "node:zlib";
import { refuse } from "../../data/refuse";

/** What IHDR says. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** 0 grey, 2 colour, 3 palette, 4 grey with alpha, 6 colour with alpha. */
  readonly type: number;
  /** Whether the pixels come in the seven passes of Adam. */
  readonly interlaced: boolean;
}

export interface PngParts {
  readonly header: PngHeader;
  /** Its body as it stands. */
  readonly headerBytes: Uint8Array;
  /** [entries, 3]; empty without one. */
  readonly palette: Uint8Array;
  /** Opacity of the first entries of the palette, or the colour that is transparent; empty without one. */
  readonly transparency: Uint8Array;
  /** The IDAT chunks, joined: a zlib stream. */
  readonly stream: Uint8Array;
}

/** Most pixels of an image: 1024 x 1024. A pixel is an input of a chip; no chip has more. */
const MOST_PIXELS = 2 ** 20;

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
/** Values a pixel. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** The passes of Adam: first row, first column, and the steps from there. */
const PASSES = [
  [0, 0, 8, 8],
  [0, 4, 8, 8],
  [4, 0, 8, 4],
  [0, 2, 4, 4],
  [2, 0, 4, 2],
  [0, 1, 2, 2],
  [1, 0, 2, 1],
] as const;
/** Depths that each type may have. */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** @throws OhmletError PNG-SIGNATURE, PNG-TRUNCATED, PNG-CHECKSUM, PNG-HEADER, PNG-SIZE */
export function readChunks(bytes: Uint8Array, where: string): PngParts {
  if (SIGNATURE.some((byte, i) => bytes[i] !== byte))
    refuse(where, "PNG-SIGNATURE", "this is not a PNG file, whatever its name says", "save the image as PNG");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: PngHeader | undefined;
  let [headerBytes, palette, transparency] = [new Uint8Array(), new Uint8Array(), new Uint8Array()];
  const data: Uint8Array[] = [];
  for (let at = SIGNATURE.length; ;) {
    if (at + 12 > bytes.length)
      return refuse(
        where,
        "PNG-TRUNCATED",
        "the file ends before its end mark",
        "copy the file again: its end is missing",
      );
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const end = at + 8 + length;
    if (end + 4 > bytes.length)
      return refuse(
        where,
        "PNG-TRUNCATED",
        `the file ends inside its chunk ${printable(type)}`,
        "copy the file again: its end is missing",
      );
    if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end))
      refuse(
        where,
        "PNG-CHECKSUM",
        `the checksum of its chunk ${printable(type)} is wrong`,
        "copy the file again: it is damaged",
      );
    const body = bytes.subarray(at + 8, end);
    if (header === undefined) {
      header = readHeader(type, body, where);
      headerBytes = body.slice();
    } else if (type === "IHDR")
      refuse(where, "PNG-HEADER", "there is a second header", "save the image again");
    else if (type === "PLTE") palette = paletteOf(body, where);
    else if (type === "tRNS") transparency = transparencyOf(body, header, palette, where);
    else if (type === "IDAT") data.push(body);
    else if (type === "IEND") {
      if (header.type === 3 && palette.length === 0)
        refuse(where, "PNG-HEADER", "its palette is missing", "save the image again");
      return { header, headerBytes, palette, transparency, stream: Buffer.concat(data) };
    }
    at = end + 4;
  }
}

function readHeader(type: string, body: Uint8Array, where: string): PngHeader {
  if (type !== "IHDR" || body.length !== 13)
    return refuse(where, "PNG-HEADER", "the file does not begin with its header", "save the image again");
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colour, compression, filter, interlace] = body.subarray(8);
  if (width === 0 || height === 0 || width * height > MOST_PIXELS)
    refuse(
      where,
      "PNG-SIZE",
      `the image says that it is ${width} x ${height} pixels`,
      `scale it: an image has 1 to ${MOST_PIXELS} pixels`,
    );
  if (!DEPTHS[colour]?.includes(depth) || compression !== 0 || filter !== 0 || interlace > 1)
    refuse(
      where,
      "PNG-HEADER",
      "its header holds a combination that PNG does not have",
      "save the image again",
    );
  return { width, height, depth, type: colour, interlaced: interlace === 1 };
}

function paletteOf(body: Uint8Array, where: string): Uint8Array<ArrayBuffer> {
  if (body.length === 0 || body.length % 3 !== 0 || body.length > 768)
    refuse(where, "PNG-HEADER", `its palette has ${body.length} bytes`, "save the image again");
  return body.slice();
}

/** Nothing where a kind has opacities of its own. */
function transparencyOf(
  body: Uint8Array,
  { type }: PngHeader,
  palette: Uint8Array,
  where: string,
): Uint8Array<ArrayBuffer> {
  const fits =
    type === 3
      ? body.length <= palette.length / 3
      : type === 0
        ? body.length === 2
        : type === 2
          ? body.length === 6
          : true;
  if (!fits) refuse(where, "PNG-HEADER", `its transparency has ${body.length} bytes`, "save the image again");
  return type === 4 || type === 6 ? new Uint8Array() : body.slice();
}

/** Bytes of all rows, unpacked, each with one for its filter. */
export function bytesOf({ width, height, depth, type, interlaced }: PngHeader): number {
  const rows = (columns: number, lines: number): number =>
    columns === 0 ? 0 : lines * (1 + Math.ceil((columns * SAMPLES[type] * depth) / 8));
  if (!interlaced) return rows(width, height);
  return PASSES.reduce(
    (sum, [row, column, down, right]) =>
      sum + rows(Math.ceil(Math.max(0, width - column) / right), Math.ceil(Math.max(0, height - row) / down)),
    0,
  );
}

/** The file again with nothing in it but what was checked; without checksums. */
export function minimal({ headerBytes, palette, transparency, stream }: PngParts): Buffer {
  const chunk = (type: string, body: Uint8Array): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    return Buffer.concat([length, Buffer.from(type, "latin1"), body, Buffer.alloc(4)]);
  };
  return Buffer.concat([
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", headerBytes),
    ...(palette.length > 0 ? [chunk("PLTE", palette)] : []),
    ...(transparency.length > 0 ? [chunk("tRNS", transparency)] : []),
    chunk("IDAT", stream),
    chunk("IEND", new Uint8Array()),
  ]);
}

/** A chunk's name, which a hostile file may fill with anything. */
const printable = (type: string): string => (/^[A-Za-z]{4}$/.test(type) ? type : "without a name");
