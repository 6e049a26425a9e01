/** Charts as they are returned: each says what it is, and a notebook shows the picture. */
import { printsItself } from "../display";
import { plainText } from "./escape";
import type { Markup } from "./markup";
import { standaloneSvg } from "./standalone";

/** Width and height of a picture in its own units; of none where it is no picture. */
export function sizeOf({ markup }: Markup): readonly [width: number, height: number] | null {
  const found = /^<svg [^>]*viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(markup);
  return found === null ? null : [Number(found[1]), Number(found[2])];
}

const titleOf = ({ markup }: Markup): string => plainText(/aria-label="([^"]*)"/.exec(markup)?.[1] ?? "");

export const asChart = printsItself<Markup>(
  (chart) => [
    `picture "${titleOf(chart)}", ${(sizeOf(chart) ?? []).join(" × ")}`,
    "  an SVG element in its  markup;  standaloneSvg makes a file of it",
  ],
  (chart) => ({ "image/svg+xml": standaloneSvg(chart) }),
);
