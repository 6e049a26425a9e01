/**
 * A contact sheet: many images on one picture, as they are stored (1 is white), for a look at a set of data,
 * each row with its label.
 */
import { drawText, GLYPH_HEIGHT, GLYPH_WIDTH } from "./pixel-font";
import { colourPng, greyPng } from "./png";

export interface SheetImages {
  /** [rows, columns] of an image. */
  readonly shape: readonly [number, number];
  /** 1 or 3. */
  readonly channels: number;
  /** Rows of images; an image is [channels, rows, columns] in 0…1. */
  readonly rows: readonly (readonly ArrayLike<number>[])[];
  /** What stands before each row; capitals, sixteen letters at most. */
  readonly labels?: readonly string[];
}

/** Sides of an image on the sheet, pixels: smaller ones are magnified, larger ones thinned out. */
const [SMALLEST, LARGEST, THINNEST] = [48, 128, 8];
const GAP = 4;
/** Grey level between images: tells black from outside and white from outside. */
const GROUND = 110;
/** Grey level of letters, and how many of a label are shown. */
const [LETTERS, MOST_LETTERS] = [255, 16];

/** The bytes of a PNG. */
export function contactSheet({
  shape: [height, width],
  channels,
  rows,
  labels = [],
}: SheetImages): Uint8Array {
  const longest = Math.max(height, width);
  const zoom = longest < SMALLEST ? Math.ceil(SMALLEST / longest) : Math.min(1, LARGEST / longest);
  const [cellHeight, cellWidth] = [height, width].map((side) => Math.max(THINNEST, Math.round(side * zoom)));
  const columns = rows.reduce((most, { length }) => Math.max(most, length), 1);
  const sheetHeight = Math.max(1, rows.length) * (cellHeight + GAP) + GAP;
  const letters = labels.map((label) => [...label].slice(0, MOST_LETTERS).join(""));
  const margin =
    letters.reduce((most, { length }) => Math.max(most, length), 0) * (GLYPH_WIDTH + 1) +
    (letters.length > 0 ? GAP : 0);
  const sheetWidth = margin + columns * (cellWidth + GAP) + GAP;
  const levels = new Uint8Array(sheetHeight * sheetWidth * channels).fill(GROUND);
  letters.slice(0, rows.length).forEach((text, r) => {
    const top = GAP + r * (cellHeight + GAP) + Math.floor((cellHeight - GLYPH_HEIGHT) / 2);
    drawText(text, (x, y) =>
      levels.fill(
        LETTERS,
        ((top + y) * sheetWidth + GAP + x) * channels,
        ((top + y) * sheetWidth + GAP + x + 1) * channels,
      ),
    );
  });
  rows.forEach((images, r) =>
    images.forEach((image, c) => {
      const [top, left] = [GAP + r * (cellHeight + GAP), margin + GAP + c * (cellWidth + GAP)];
      for (let y = 0; y < cellHeight; y++) {
        const row = Math.floor((y * height) / cellHeight);
        for (let x = 0; x < cellWidth; x++) {
          const pixel = row * width + Math.floor((x * width) / cellWidth);
          const at = ((top + y) * sheetWidth + left + x) * channels;
          for (let k = 0; k < channels; k++)
            levels[at + k] = Math.round(
              255 * Math.min(1, Math.max(0, image[k * height * width + pixel] || 0)),
            );
        }
      }
    }),
  );
  return channels === 3
    ? colourPng(sheetHeight, sheetWidth, levels)
    : greyPng(sheetHeight, sheetWidth, levels);
}
