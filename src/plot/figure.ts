/**
 * Any picture of a report: drawn for its page, or as a file of its own, with the words that a page would put
 * around it.
 */
import { ranking, tornado } from "./bars";
import { heatMap } from "./heat-map";
import { histogram } from "./histogram";
import { imageGrid } from "./image-grid";
import { lineChart } from "./line-chart";
import type { Markup } from "./markup";
import { panels } from "./panels";
import type { Figure } from "./report-types";
import { standaloneSvg } from "./standalone";

export function drawFigure(figure: Figure): Markup {
  switch (figure.kind) {
    case "curves":
      return lineChart(bare(figure));
    case "heat map":
      return heatMap(bare(figure));
    case "tornado":
      return tornado(bare(figure));
    case "ranking":
      return ranking(bare(figure));
    case "histogram":
      return histogram(bare(figure));
    case "images":
      return imageGrid(bare(figure));
  }
}

/** A picture without what a report says of it. */
function bare<F extends Figure>(figure: F): Omit<F, "kind" | "group"> {
  const { kind: _, group: __, ...picture } = figure;
  return picture;
}

/** A file of the figure alone. */
export interface FigureFile {
  /** "01-accuracy-by-circuit-angle.svg". */
  readonly name: string;
  readonly svg: string;
}

/** Longest name of a file, without number and ending. */
const LONGEST = 60;

export function figureFiles(figures: readonly Figure[]): FigureFile[] {
  return figures.map((figure, k) => {
    const slug =
      figure.title
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .slice(0, LONGEST)
        .replace(/^-|-$/g, "") || "figure";
    const picture = panels(
      figure.title,
      [{ title: figure.title, caption: figure.caption, chart: drawFigure(figure) }],
      1,
    );
    return { name: `${String(k + 1).padStart(2, "0")}-${slug}.svg`, svg: standaloneSvg(picture) };
  });
}
