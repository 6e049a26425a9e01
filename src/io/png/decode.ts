/**
 * Pixels of a PNG file as planes of bytes, decoded by pngjs. That trusts what a file says of itself, so all
 * of it is checked before: the size from the header, and that the pixels unpack to exactly as many bytes as
 * that size asks for. Sixteen bits are rounded to eight; what is transparent lies on white.
 */
import { inflateSync } from "node:zlib";
import { PNG } from "pngjs";
import { refuse } from "../../data/refuse";
import { bytesOf, minimal, readChunks } from "./chunks";

/** Planes one after the other: [channels, height, width], 0…255. */
export interface PngImage {
  readonly width: number;
  readonly height: number;
  /** 1 for grey, 3 for red, green and blue. */
  readonly channels: 1 | 3;
  readonly bytes: Uint8Array;
}

/**
 * @param where names the file in errors
 * @throws OhmletError PNG-SIGNATURE, PNG-TRUNCATED, PNG-CHECKSUM, PNG-HEADER, PNG-SIZE, PNG-DATA
 */
export function decodePng(bytes: Uint8Array, where: string): PngImage {
  const parts = readChunks(bytes, where);
  const { width, height, type } = parts.header;
  expectLength(parts.stream, bytesOf(parts.header), where);
  const pixels = decoded(minimal(parts), where);
  const channels = type === 0 || type === 4 ? 1 : 3;
  const planes = new Uint8Array(channels * width * height);
  for (let at = 0; at < width * height; at++) {
    for (let c = 0; c < channels; c++)
      planes[c * width * height + at] = onWhite(pixels[4 * at + c], pixels[4 * at + 3]);
  }
  return { width, height, channels, bytes: planes };
}

/** pngjs unpacks interlaced images without a bound, and leaves out what is too much in others. */
function expectLength(stream: Uint8Array, expected: number, where: string): void {
  let length: number;
  try {
    ({ length } = inflateSync(stream, { maxOutputLength: expected }));
  } catch (error) {
    if (error instanceof RangeError)
      return refuse(
        where,
        "PNG-DATA",
        "the image unpacks to more than its header says",
        "save the image again",
      );
    return refuse(
      where,
      "PNG-DATA",
      `its pixels cannot be unpacked (${error instanceof Error ? error.message : String(error)})`,
      "copy the file again: it is damaged",
    );
  }
  if (length < expected)
    refuse(
      where,
      "PNG-DATA",
      `the image unpacks to ${length} bytes and should have ${expected}`,
      "copy the file again: it is damaged",
    );
}

/** [height, width, 4]: red, green, blue and opacity, whatever the kind of the picture. */
function decoded(file: Buffer, where: string): Uint8Array {
  try {
    return PNG.sync.read(file, { checkCRC: false }).data;
  } catch (error) {
    return refuse(
      where,
      "PNG-DATA",
      `its pixels cannot be read (${error instanceof Error ? error.message : String(error)})`,
      "save the image again",
    );
  }
}

const onWhite = (value: number, alpha: number): number =>
  alpha === 255 ? value : Math.round(255 + ((value - 255) * alpha) / 255);
