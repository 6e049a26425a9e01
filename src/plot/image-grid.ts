/**
 * Small images, grey or coloured, in rows, each with a caption; the wrong ones framed and marked, not only
 * coloured.
 */
import { fit } from "./text-width";
import { element, type Markup } from "./markup";
import { colourPng, greyPng } from "./png";
import { readImageGrid } from "./figure-options";
import type { GridImage, ImageGrid } from "./report-types";

const CELL = 80;
const GAP = 32;
const CAPTION = 22;
/** Sheets are as wide as a page. */
const SHEET_WIDTH = 1120;

/**
 * The sheet as an SVG element; about fourteen letters of a caption fit. Pixels that are missing or not
 * numbers are paper.
 */
export function imageGrid(given: ImageGrid): Markup {
  const { title, size, images } = readImageGrid(given);
  const [height, width] = size.map((side) => Math.max(1, Math.floor(side) || 1));
  const scale = CELL / Math.max(height, width);
  const columns = Math.floor((SHEET_WIDTH + GAP) / (CELL + GAP));
  const rowHeight = height * scale + CAPTION + GAP;
  const total = Math.max(1, Math.ceil(images.length / columns)) * rowHeight;
  const cells = images.map((image, index) => {
    const x = (index % columns) * (CELL + GAP) + 2;
    const y = Math.floor(index / columns) * rowHeight + 2;
    return cell(image, { x, y, height, width, scale });
  });
  return element(
    "svg",
    {
      class: "plot",
      viewBox: `0 0 ${SHEET_WIDTH + 4} ${Math.ceil(total)}`,
      role: "img",
      "aria-label": title,
    },
    cells,
  );
}

interface Spot {
  readonly x: number;
  readonly y: number;
  readonly height: number;
  readonly width: number;
  readonly scale: number;
}

function cell({ pixels, caption, wrong }: GridImage, { x, y, height, width, scale }: Spot): Markup {
  const box = { x, y, width: width * scale, height: height * scale };
  const label = wrong ? `✗ ${caption}` : caption;
  return element(
    "g",
    { class: wrong ? "wrong" : undefined },
    element("title", {}, label),
    element("image", {
      ...box,
      href: dataUri(height, width, pixels),
      preserveAspectRatio: "none",
      class: pixels.length === 3 * height * width ? "photo" : "pixels",
    }),
    element("rect", { ...box, class: "frame" }),
    element("text", { x, y: y + box.height + 17 }, fit(label, CELL + GAP - 6)),
  );
}

function dataUri(height: number, width: number, pixels: readonly number[]): string {
  const area = height * width;
  const isColour = pixels.length === 3 * area;
  const level = (index: number): number => Math.min(1, Math.max(0, pixels[index] || 0));
  const levels = Uint8Array.from({ length: isColour ? 3 * area : area }, (_, i) =>
    Math.round(255 * (isColour ? level((i % 3) * area + Math.floor(i / 3)) : 1 - level(i))),
  );
  const bytes = Array.from((isColour ? colourPng : greyPng)(height, width, levels), (byte) =>
    String.fromCharCode(byte),
  );
  return `data:image/png;base64,${btoa(bytes.join(""))}`;
}
