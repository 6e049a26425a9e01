/**
 * Colours and type for charts, as CSS variables with a light and a dark set. Series differ in colour and in
 * dash, so that a grey print tells them apart. `--ink-filter` turns ink on paper into light on dark.
 */
import { trusted, type Markup } from "./markup";

const LIGHT = ["#1f5fbf", "#d2500f", "#137a4f", "#8a3db0", "#b3243a", "#0b7c8c", "#806300", "#58626e"];
const DARK = ["#6ea8fe", "#ff9f5a", "#5fd39a", "#cf9bf0", "#ff8593", "#5fd0df", "#e0bf4d", "#a9b3bf"];
export const DASHES = ["none", "7 3", "2 2.5", "9 3 2 3", "none", "7 3", "2 2.5", "9 3 2 3"];

/** Of the k-th series; after eight the colours start over. */
export const seriesColour = (index: number): string => `var(--series-${index % LIGHT.length})`;

const variables = (series: readonly string[], others: string): string =>
  `${others} ${series.map((colour, index) => `--series-${index}: ${colour};`).join(" ")}`;

/** The variables alone; the page's own style sheet uses them too. */
export const PALETTE_CSS = `
:root { color-scheme: light dark; ${variables(
  LIGHT,
  "--paper: #ffffff; --panel: #f5f6f8; --ink: #1a1d21; --soft: #5a636e; --line: #dde1e6; --bad: #b3243a; --warn: #8a5a00; --warn-panel: #fdf3dc; --ink-filter: none; --heat: #1f5fbf;",
)} }
@media screen and (prefers-color-scheme: dark) { :root { ${variables(
  DARK,
  "--paper: #14171a; --panel: #1d2125; --ink: #e8eaed; --soft: #a0a9b3; --line: #343a41; --bad: #ff8593; --warn: #f0c060; --warn-panel: #2e2614; --ink-filter: invert(1); --heat: #2f6fd6;",
)} } }`;

/** What charts look like; needs the palette. */
export const PLOT_CSS = `
.plot { display: block; width: 100%; height: auto; font: 13px/1.3 system-ui, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; fill: var(--soft); }
.plot .strong { fill: var(--ink); }
.plot .title { font-weight: 600; font-size: 15px; }
.plot .paper { fill: var(--paper); }
.plot .end { text-anchor: end; }
.plot .middle { text-anchor: middle; }
.plot .mark { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 4 3; }
.plot .pixels { image-rendering: pixelated; filter: var(--ink-filter); }
.plot .photo { image-rendering: pixelated; }
.plot .frame { fill: none; stroke: var(--line); stroke-width: 1; }
.plot .wrong .frame { stroke: var(--bad); stroke-width: 2.5; }
.plot .wrong text { fill: var(--bad); }`;

/** A style element; our own text, without anything that XML would read as markup. */
export function styleSheet(css: string): Markup {
  return trusted(`<style>${css}\n</style>`);
}
