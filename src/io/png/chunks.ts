/** A PNG file taken apart (W3C PNG, third edition): its header, palette and compressed rows, each checked before it is believed. */
import { crc32 } from "node:zlib";
import { OhmletError } from "../../errors";

/** What IHDR says. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** 0 grey, 2 colour, 3 palette, 4 grey with alpha, 6 colour with alpha. */
  readonly type: number;
}

export interface PngParts {
  readonly header: PngHeader;
  /** [entries, 3]; empty without one. */
  readonly palette: Uint8Array;
  /** Opacity of the first entries of the palette. */
  readonly opacity: Uint8Array;
  /** The IDAT chunks, joined: a zlib stream. */
  readonly stream: Uint8Array;
}

/** Most pixels of an image: 1024 x 1024. A pixel is an input of a chip; no chip has more. */
export const MOST_PIXELS = 2 ** 20;

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
/** Depths that each type may have. */
const DEPTHS: Readonly<Record<number, readonly number[]>> = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] };

/** @throws OhmletError PNG-SIGNATURE, PNG-TRUNCATED, PNG-CHECKSUM, PNG-HEADER, PNG-SIZE, PNG-KIND */
export function readChunks(bytes: Uint8Array, where: string): PngParts {
  if (SIGNATURE.some((byte, i) => bytes[i] !== byte)) fail(where, "PNG-SIGNATURE", "this is not a PNG file, whatever its name says", "save the image as PNG");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: PngHeader | undefined;
  let [palette, opacity] = [new Uint8Array(), new Uint8Array()];
  const data: Uint8Array[] = [];
  for (let at = SIGNATURE.length; ; ) {
    if (at + 12 > bytes.length) return fail(where, "PNG-TRUNCATED", "the file ends before its end mark", "copy the file again: its end is missing");
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const end = at + 8 + length;
    if (end + 4 > bytes.length) return fail(where, "PNG-TRUNCATED", `the file ends inside its chunk ${printable(type)}`, "copy the file again: its end is missing");
    if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) fail(where, "PNG-CHECKSUM", `the checksum of its chunk ${printable(type)} is wrong`, "copy the file again: it is damaged");
    const body = bytes.subarray(at + 8, end);
    if (header === undefined) header = readHeader(type, body, where);
    else if (type === "PLTE") palette = paletteOf(body, where);
    else if (type === "tRNS" && header.type === 3) opacity = body.slice();
    else if (type === "IDAT") data.push(body);
    else if (type === "IEND") return { header, palette, opacity, stream: Buffer.concat(data) };
    at = end + 4;
  }
}

function readHeader(type: string, body: Uint8Array, where: string): PngHeader {
  if (type !== "IHDR" || body.length !== 13) return fail(where, "PNG-HEADER", "the file does not begin with its header", "save the image again");
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colour, compression, filter, interlace] = body.subarray(8);
  if (width === 0 || height === 0 || width * height > MOST_PIXELS) fail(where, "PNG-SIZE", `the image says that it is ${width} x ${height} pixels`, `scale it: an image has 1 to ${MOST_PIXELS} pixels`);
  if (!DEPTHS[colour]?.includes(depth) || compression !== 0 || filter !== 0 || interlace > 1) fail(where, "PNG-HEADER", "its header holds a combination that PNG does not have", "save the image again");
  if (interlace === 1) fail(where, "PNG-KIND", "the image is interlaced", "save it without interlacing");
  return { width, height, depth, type: colour };
}

function paletteOf(body: Uint8Array, where: string): Uint8Array<ArrayBuffer> {
  if (body.length === 0 || body.length % 3 !== 0 || body.length > 768) fail(where, "PNG-HEADER", `its palette has ${body.length} bytes`, "save the image again");
  return body.slice();
}

/** A chunk's name, which a hostile file may fill with anything. */
const printable = (type: string): string => (/^[A-Za-z]{4}$/.test(type) ? type : "without a name");

/** Throws the error of a PNG file. */
export function fail(where: string, code: string, fact: string, remedy: string): never {
  throw new OhmletError({ code, fact, place: { where }, remedy });
}
