/**
 * A run's report as one HTML page that needs nothing else: no network, no script. The first screen says what was asked
 * and what came out; what to be wary of comes before what is nice to look at; the rest is there for whoever scrolls.
 */
import { heatMap } from "./heat-map";
import { histogram } from "./histogram";
import { imageGrid } from "./image-grid";
import { lineChart } from "./line-chart";
import { element, type Child, type Markup } from "./markup";
import { REPORT_CSS } from "./report-style";
import type { Headline, Note, Report, Table } from "./report-types";
import { PALETTE_CSS, PLOT_CSS, styleSheet } from "./theme";
import { tornado } from "./tornado";

/** The page, as text. The same report gives the same bytes. */
export function reportHtml(report: Report): string {
  const page = element("html", { lang: "en" }, head(report.title), element("body", {}, element("main", {}, body(report))));
  return `<!DOCTYPE html>\n${page.markup}\n`;
}

function head(title: string): Markup {
  return element(
    "head",
    {},
    element("meta", { charset: "utf-8" }),
    element("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    // Even if something slipped through, a browser would neither run nor fetch it.
    element("meta", { "http-equiv": "Content-Security-Policy", content: "default-src 'none'; style-src 'unsafe-inline'; img-src data:" }),
    element("title", {}, title),
    styleSheet(PALETTE_CSS + PLOT_CSS + REPORT_CSS),
  );
}

function body(report: Report): Child[] {
  const warnings = report.notes.filter(({ kind }) => kind === "warning");
  const tables = report.tables ?? [];
  const remarks = report.notes.filter(({ kind }) => kind === "note");
  const charts = [
    ...(report.heatMaps ?? []).map((map) => figure(map, heatMap(map))),
    ...report.charts.map((chart) => figure(chart, lineChart(chart))),
    ...(report.tornados ?? []).map((picture) => figure(picture, tornado(picture))),
    ...report.histograms.map((chart) => figure(chart, histogram(chart))),
  ];
  return [
    element("h1", {}, report.title),
    report.command !== "" && element("pre", { class: "command" }, element("code", {}, report.command)),
    element("p", { class: "summary" }, report.summary),
    report.headline.length > 0 && element("dl", { class: "headline" }, report.headline.map(figureOfMerit)),
    warnings.length > 0 && noteList("warnings", "Warnings", warnings),
    tables.filter(({ last }) => last !== true).map(table),
    charts.length > 0 && element("section", { class: "charts" }, charts),
    tables.filter(({ last }) => last === true).map(table),
    report.grids.map((grid) => figure(grid, imageGrid(grid), "sheet")),
    report.facts.length > 0 && element("section", {}, element("h2", {}, "What ran"), factTable(report.facts)),
    remarks.length > 0 && noteList("notes", "Notes", remarks),
  ];
}

function figure({ title, caption }: { title: string; caption: string }, drawing: Markup, kind?: string): Markup {
  return element("figure", { class: kind }, element("h2", {}, title), caption !== "" && element("figcaption", {}, caption), drawing);
}

function factTable(facts: Report["facts"]): Markup {
  const rows = facts.map(([label, value]) => element("tr", {}, element("th", { scope: "row" }, label), element("td", {}, value)));
  return element("table", {}, element("tbody", {}, rows));
}

function table({ title, caption, columns, rows }: Table): Markup {
  const head = element("thead", {}, element("tr", {}, columns.map((column) => element("th", { scope: "col" }, column))));
  const lines = rows.map(([name, ...cells]) => element("tr", {}, element("th", { scope: "row" }, name), cells.map((cell) => element("td", {}, cell))));
  return element("section", { class: "wide" }, element("h2", {}, title), caption !== "" && element("p", { class: "caption" }, caption), element("table", {}, head, element("tbody", {}, lines)));
}

function figureOfMerit({ label, value }: Headline): Markup {
  return element("div", {}, element("dt", {}, label), element("dd", {}, value));
}

function noteList(kind: string, title: string, notes: readonly Note[]): Markup {
  const items = notes.map(({ text }) => element("li", {}, text));
  return element("section", { class: kind }, element("h2", {}, title), element("ul", {}, items));
}
