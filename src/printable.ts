/**
 * Text for people. Names, questions and messages come from files and from other machines, and a terminal
 * obeys what it is sent: what could move its cursor, change its colours or title, or turn the order of
 * letters is shown as \u001b and not sent. Whatever is printed is made of lines from here. Not here: markup,
 * which has an escaping of its own (src/plot).
 */

/**
 * Controls (C0, DEL, C1), what turns the direction of writing, separators of lines and paragraphs, halves of
 * surrogate pairs.
 */
const OBEYED = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** The same where JSON leaves them as they are. */
const OBEYED_IN_JSON = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const shown = (character: string): string =>
  character === "\t" ? " " : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/**
 * `text` as one line that a terminal shows and does not obey. A line break within it is shown, too; a tab is
 * a space.
 */
export const oneLine = (text: string): string => text.replace(OBEYED, shown);

/** The same of lines that are one text. */
export const manyLines = (lines: readonly string[]): string => lines.map(oneLine).join("\n");

/** The lines of a text that is not ours, all but the first indented: none passes for a line of ours. */
export const linesWithin = (text: string): string[] =>
  text.split("\n").map((line, i) => (i === 0 ? line : `  ${line.trimStart()}`));

/** JSON whose text, too, is harmless on a terminal; it reads as the same value. Undefined is null. */
export function printableJson(
  value: unknown,
  replacer?: (key: string, value: unknown) => unknown,
  indent?: number,
): string {
  return escapedQuotes(JSON.stringify(value, replacer, indent) ?? "null");
}

/** Text in which all that a terminal obeys stands between double quotes, as JSON and YAML write them. */
export const escapedQuotes = (text: string): string => text.replace(OBEYED_IN_JSON, shown);
/** Whether such text has to stand between double quotes. */
export const needsQuotes = (text: string): boolean => text.search(OBEYED_IN_JSON) >= 0;

/** Marks that stand on the letter before them, and what is not seen. */
const NARROW = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
/** Two columns wide: the letters of East Asia, their full-width forms, and pictures. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]$|^\p{Emoji_Presentation}$/u;

const columnsOf = (character: string): number =>
  character <= "\u007e" ? 1 : NARROW.test(character) ? 0 : WIDE.test(character) ? 2 : 1;

/** How many columns of a terminal a line takes. */
export function widthOf(line: string): number {
  let width = 0;
  for (const character of line) width += columnsOf(character);
  return width;
}

/** As much of a line as fits into `most` columns. */
export function cutTo(line: string, most: number): string {
  let [width, end] = [0, 0];
  for (const character of line) {
    width += columnsOf(character);
    if (width > most) break;
    end += character.length;
  }
  return line.slice(0, end);
}

/** A line filled up with spaces. */
export const padTo = (line: string, columns: number): string =>
  line + " ".repeat(Math.max(0, columns - widthOf(line)));

/** Rows as columns of equal width, two spaces between. */
export function columns(rows: readonly (readonly string[])[], indent = "  "): string[] {
  const clean = rows.map((row) => row.map(oneLine));
  const widths: number[] = [];
  for (const row of clean) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, widthOf(cell))));
  return clean.map((row) => `${indent}${row.map((cell, i) => padTo(cell, widths[i])).join("  ")}`.trimEnd());
}
