/** How much room a text takes, before anybody draws it. */

/** Of a letter at 13 units: digits and small letters are close to this in all the fonts we name. */
const LETTER = 7.3;

export function textWidth(text: string): number {
  return Array.from(text).length * LETTER;
}

/** The widest of `texts`. */
export const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(textWidth));

/** `text` in one line, or as much of it as fits, with an ellipsis. */
export function fit(text: string, width: number): string {
  const letters = Array.from(text.replace(/\s/g, " "));
  const room = Math.max(1, Math.floor(width / LETTER));
  return letters.length <= room ? letters.join("") : `${letters.slice(0, room - 1).join("")}…`;
}

/** `text` in lines that fit, at most so many. What is too long for its line is cut. */
export function wrap(text: string, width: number, most = Infinity): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s/)) {
    const longer = lines.length === 0 ? word : `${lines[lines.length - 1]} ${word}`;
    if (lines.length > 0 && (textWidth(longer) <= width || lines.length === most))
      lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.map((line) => fit(line, width));
}
