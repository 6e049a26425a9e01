/**
 * Text made safe for markup: for element content and for quoted attributes, in XML and in HTML. Whatever a
 * name or a caption holds, it is shown and never read as markup.
 */

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * What XML 1.0 cannot hold even escaped (most control characters, lone surrogates, two non-characters); the
 * controls that a terminal would obey when the file is printed; and what turns letters around, so that a
 * command would read as another.
 */
const ILLEGAL =
  /[^\t\n\r\u{20}-\u{7E}\u{A0}-\u{2029}\u{202F}-\u{2065}\u{206A}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** `text` with the five special characters as entities, and what no page should hold as U+FFFD. */
export function escapeText(text: string): string {
  return text.replace(ILLEGAL, "\uFFFD").replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

/** What `escapeText` made of a text, read again. */
export const plainText = (escaped: string): string =>
  Object.entries(ENTITIES).reduceRight(
    (text, [character, entity]) => text.replaceAll(entity, character),
    escaped,
  );
