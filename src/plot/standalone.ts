/**
 * A chart as a file of its own: with the name space that a viewer asks for and the style that a page would
 * bring.
 */
import { expectValue } from "../options";
import { CHART } from "./figure-options";
import type { Markup } from "./markup";
import { PALETTE_CSS, PLOT_CSS, styleSheet } from "./theme";

/** The text of an .svg file. */
export function standaloneSvg(chart: Markup): string {
  expectValue("standaloneSvg", "chart", chart, CHART);
  const body = chart.markup.replace(
    /^<svg([^>]*)>/,
    `<svg xmlns="http://www.w3.org/2000/svg"$1>${styleSheet(PALETTE_CSS + PLOT_CSS).markup}`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${body}\n`;
}
