/**
 * Charts as SVG and reports as HTML, from plain data: no dependencies, no script, nothing from the network.
 */
export { contactSheet, type SheetImages } from "./contact-sheet";
export { figureFiles, type FigureFile } from "./figure";
export { formatValue } from "./format";
export { heatMap } from "./heat-map";
export { histogram } from "./histogram";
export { imageGrid } from "./image-grid";
export { lineChart } from "./line-chart";
export { panels, type Panel } from "./panels";
export type { Markup } from "./markup";
export { ranking } from "./ranking";
export { reportHtml } from "./report";
export type {
  Command,
  Figure,
  GridImage,
  Headline,
  HeatMap,
  Histogram,
  ImageGrid,
  LineChart,
  Note,
  Ranking,
  Report,
  Series,
  Table,
  Tornado,
  TornadoEnd,
} from "./report-types";
export { standaloneSvg } from "./standalone";
export { tornado } from "./tornado";
