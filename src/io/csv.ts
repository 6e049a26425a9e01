/** Lines of comma-separated values as RFC 4180 quotes them. */

/** What a cell may hold. `null` and `undefined` give an empty cell, numbers their shortest exact decimal form. */
export type Cell = string | number | boolean | null | undefined;

/** One line, with its line end (CRLF, as the RFC asks). */
export function csvLine(cells: readonly Cell[]): string {
  const line = cells.map(quote).join(",");
  return `${line === "" ? '""' : line}\r\n`; // a bare line end would read as no line at all
}

function quote(cell: Cell): string {
  const text = cell === null || cell === undefined ? "" : String(cell);
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}
