/**
 * Lines of comma-separated values as RFC 4180 quotes them, safe to open in a spreadsheet: a text that it
 * would take for a formula gets an apostrophe before it. Numbers stay numbers. Whoever reads texts back takes
 * it away as docs/studies.md tells; results.parquet has texts as they are.
 */

/**
 * What a cell may hold. `null` and `undefined` give an empty cell, numbers their shortest exact decimal form.
 */
export type Cell = string | number | boolean | null | undefined;

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
/**
 * Where a formula begins: spreadsheets pass over blanks, and know the full-width signs. Some split cells at
 * semicolons and tabs as well, wherever the quotes are, so that one may begin there.
 */
const FORMULA =
  /(?:^(?=[\s\p{Cc}'"]*[=+\-@＝＋－＠])|(?<=[;\t\r\n])(?=(?:(?![\t\r\n])[\s\p{Cc}'"])*[=+\-@＝＋－＠]))/gu;

/** One line, with its line end (CRLF, as the RFC asks). */
export function csvLine(cells: readonly Cell[]): string {
  const line = cells.map(quote).join(",");
  return `${line === "" ? '""' : line}\r\n`; // a bare line end would read as no line at all
}

function quote(cell: Cell): string {
  const text =
    typeof cell === "string" && !NUMBER.test(cell) ? cell.replace(FORMULA, "'") : String(cell ?? "");
  return /[",;\t\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}
