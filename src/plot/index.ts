/**
 * Pictures: what `import … from "ohmlet/plot"` gives. Charts from plain data as SVG, drawn by Observable Plot
 * without a browser: no script, nothing from the network, the same bytes when drawn twice. Plot is loaded with
 * this entry, and with nothing else.
 */
export { ranking, tornado } from "./bars";
export { heatMap } from "./heat-map";
export { histogram } from "./histogram";
export { lineChart } from "./line-chart";
export type { Markup } from "./markup";
export { panels, type Panel } from "./panels";
export { reportHtml } from "./report";
export type * from "./report-types";
export { standaloneSvg } from "./standalone";
