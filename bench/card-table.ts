/** The table of docs/performance.md that `bench gpu` writes: between two marks, whatever stood there. */
import { readFileSync, writeFileSync } from "node:fs";
import { OhmletError } from "../src/index";
import type { CardRow } from "./card";

const BEGINS = "<!-- bench gpu: written by the command above -->";
const ENDS = "<!-- bench gpu ends -->";

/** What PyTorch took for a row, or why there is none. */
export interface Beside {
  readonly ms: number | null;
  readonly why?: string;
}

const inKb = (bytes: number): string => (bytes / 1e3).toFixed(bytes < 1e4 ? 1 : 0);

export function tableOf(
  about: { readonly engine: string; readonly on: string; readonly torch: string },
  rows: readonly { readonly row: CardRow; readonly beside: Beside }[],
): string {
  const lines = rows.map(({ row: { row, ms, worst, crossings }, beside }) => {
    const theirs =
      beside.ms === null ? (beside.why ?? "") : `${beside.ms} ms, ${(beside.ms / ms).toFixed(2)}`;
    const crossed =
      crossings === null
        ? ""
        : `${crossings.calls.toFixed(2)}, ${inKb(crossings.bytesUp)}, ${inKb(crossings.bytesDown)}`;
    return `| ${row} | ${ms} ms | ${theirs} | ${worst.toExponential(1)} | ${crossed} |`;
  });
  return [
    `${about.engine} on ${about.on}; ${about.torch}. PyTorch's time over ours beside it; differences are from \`reference\`, relative, on a sample.`,
    "",
    "| work | ours | PyTorch, ratio | differs by | calls, kB up, kB down |",
    "|---|---|---|---|---|",
    ...lines,
  ].join("\n");
}

/** @throws OhmletError CLI-FILE where the document has no place for it */
export function writeTable(path: string, table: string): void {
  const text = readFileSync(path, "utf8");
  const [from, to] = [text.indexOf(BEGINS), text.indexOf(ENDS)];
  if (from < 0 || to < from)
    throw new OhmletError({
      code: "CLI-CHOICE",
      fact: `"${path}" has no place for the table`,
      place: { where: "bench gpu, --document" },
      remedy: `put two lines where it shall stand:  ${BEGINS}  and  ${ENDS}`,
    });
  writeFileSync(path, `${text.slice(0, from + BEGINS.length)}\n${table}\n${text.slice(to)}`);
}
