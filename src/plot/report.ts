/**
 * A report as one HTML page that needs nothing else: no network, no script. The first screen says what was
 * asked and what came out; what to be wary of comes before what is nice to look at; the rest is there for
 * whoever scrolls.
 */
import { drawFigure } from "./figure";
import { element, type Child, type Markup } from "./markup";
import { readReport } from "./read-report";
import { REPORT_CSS } from "./report-style";
import type { Command, Figure, Headline, Note, Report, Table } from "./report-types";
import { PALETTE_CSS, PLOT_CSS, styleSheet } from "./theme";

/** The page, as text. The same report gives the same bytes. */
export function reportHtml(given: Report): string {
  const report = readReport(given);
  const page = element(
    "html",
    { lang: "en" },
    head(report),
    element("body", {}, element("main", {}, body(report))),
  );
  return `<!DOCTYPE html>\n${page.markup}\n`;
}

function head({ title, question }: Report): Markup {
  return element(
    "head",
    {},
    element("meta", { charset: "utf-8" }),
    element("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    // Even if something slipped through, a browser would neither run nor fetch it.
    element("meta", {
      "http-equiv": "Content-Security-Policy",
      content:
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'",
    }),
    element("title", {}, question === undefined ? title : `${title}: ${question}`),
    styleSheet(PALETTE_CSS + PLOT_CSS + REPORT_CSS),
  );
}

function body(report: Report): Child[] {
  const { title, question, summary, headline, commands, facts, notes } = report;
  const warnings = notes.filter(({ kind }) => kind === "warning");
  const remarks = notes.filter(({ kind }) => kind === "note");
  const tables = report.tables ?? [];
  return [
    element(
      "header",
      {},
      question !== undefined && element("p", { class: "kind" }, title),
      element("h1", {}, question ?? title),
      element("p", { class: "summary" }, summary),
      headline.length > 0 && element("dl", { class: "headline" }, headline.map(figureOfMerit)),
    ),
    warnings.length > 0 && noteList("warnings", "Warnings", warnings),
    tables.filter(({ last }) => last !== true).map(table),
    groupsOf(report.figures).map(figureGroup),
    tables.filter(({ last }) => last === true).map(table),
    facts.length > 0 && element("section", {}, element("h2", {}, "What ran"), factTable(facts)),
    commands.length > 0 &&
      element("section", {}, element("h2", {}, "To do it again"), commands.map(commandLine)),
    remarks.length > 0 && noteList("notes", "Notes", remarks),
  ];
}

/** Neighbours of one group, and of one width: sheets of images take the whole page. */
function groupsOf(figures: readonly Figure[]): Figure[][] {
  const groups: Figure[][] = [];
  for (const figure of figures) {
    const last = groups.at(-1);
    if (last !== undefined && last[0].group === figure.group && isSheet(last[0]) === isSheet(figure))
      last.push(figure);
    else groups.push([figure]);
  }
  return groups;
}

const isSheet = ({ kind }: Figure): boolean => kind === "images";

function figureGroup(figures: readonly Figure[]): Markup {
  const [{ group }] = figures;
  const drawn = figures.map((figure) => {
    const { title, caption } = figure;
    return element(
      "figure",
      {},
      element(group === undefined ? "h2" : "h3", {}, title),
      caption !== "" && element("figcaption", {}, caption),
      drawFigure(figure),
    );
  });
  return element(
    "section",
    {},
    group !== undefined && element("h2", { class: "group" }, group),
    element("div", { class: isSheet(figures[0]) ? "sheet" : "charts" }, drawn),
  );
}

function commandLine({ command, what }: Command): Child[] {
  return [
    element("p", { class: "caption" }, what),
    element("pre", { class: "command" }, element("code", {}, command)),
  ];
}

function factTable(facts: Report["facts"]): Markup {
  const rows = facts.map(([label, value]) =>
    element("tr", {}, element("th", { scope: "row" }, label), element("td", {}, value)),
  );
  return element("table", {}, element("tbody", {}, rows));
}

function table({ title, caption, columns, names = 1, prose = false, rows }: Table): Markup {
  const head = element(
    "thead",
    {},
    element(
      "tr",
      {},
      columns.map((column) => element("th", { scope: "col" }, column)),
    ),
  );
  const lines = rows.map((cells) =>
    element(
      "tr",
      {},
      cells.map((cell, k) => (k < names ? element("th", { scope: "row" }, cell) : element("td", {}, cell))),
    ),
  );
  return element(
    "section",
    {},
    element("h2", {}, title),
    caption !== "" && element("p", { class: "caption" }, caption),
    // Reached by the keyboard too, where it is wider than the page.
    element(
      "div",
      { class: "wide", tabindex: 0, role: "region", "aria-label": title },
      element("table", { class: prose ? "cells prose" : "cells" }, head, element("tbody", {}, lines)),
    ),
  );
}

function figureOfMerit({ label, value, detail }: Headline): Markup {
  return element(
    "div",
    {},
    element("dt", {}, label),
    element("dd", {}, value),
    detail !== undefined && element("dd", { class: "detail" }, detail),
  );
}

function noteList(kind: string, title: string, notes: readonly Note[]): Markup {
  const items = notes.map(({ text }) => element("li", {}, text));
  return element("section", { class: kind }, element("h2", {}, title), element("ul", {}, items));
}
