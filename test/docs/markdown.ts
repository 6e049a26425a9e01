/** The documents, and what tests want to know of them: code blocks with their lines, links, texts. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const ROOT = resolve(__dirname, "../..");

/** Every document that users read, by its path from the root. */
export const DOCUMENTS: readonly string[] = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
];

export const textOf = (document: string): string => readFileSync(join(ROOT, document), "utf8");

export interface CodeBlock {
  readonly document: string;
  /** Line of the first line of code, from 1. */
  readonly line: number;
  /** What follows the fence: "ts", "ts run", "text". */
  readonly info: string;
  readonly code: string;
}

export function codeBlocks(document: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { info: string; line: number; lines: string[] } | null = null;
  textOf(document)
    .split("\n")
    .forEach((text, i) => {
      const fence = /^```(.*)$/.exec(text);
      if (fence === null) open?.lines.push(text);
      else if (open === null) open = { info: fence[1].trim(), line: i + 2, lines: [] };
      else {
        blocks.push({ document, line: open.line, info: open.info, code: `${open.lines.join("\n")}\n` });
        open = null;
      }
    });
  return blocks;
}
