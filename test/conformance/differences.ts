/**
 * By how much engines differ from the reference: the largest absolute difference of any state, activity or
 * residual over random programs of each kind.
 */
import fc from "fast-check";
import { createEngine } from "../../src/engines/select";
import { contestants, differenceOf, KINDS, runsOn } from "./compare";
import { recipes } from "./recipe";

/** A line of the table. */
export interface Row {
  readonly engine: string;
  /** Programs of each kind. */
  readonly programs: number;
  /** In the order of `KINDS`. */
  readonly largest: readonly number[];
}

/** A row for each engine that runs here and is `wanted`. */
export async function largestDifferences(
  programs: number,
  wanted: (engine: string) => boolean = () => true,
): Promise<Row[]> {
  const judge = await createEngine("reference");
  const rows: Row[] = [];
  for (const name of (await contestants()).filter(wanted)) {
    const engine = await createEngine(name);
    const numRuns = runsOn(name, programs);
    const largest: number[] = [];
    for (const { fixed } of KINDS) {
      let most = 0;
      // A fixed seed: every engine, and every run of this table, sees the same programs.
      for (const recipe of fc.sample(recipes(fixed), { numRuns, seed: 1 }))
        most = Math.max(most, await differenceOf(recipe, engine, judge));
      largest.push(most);
    }
    rows.push({ engine: name, programs: numRuns, largest });
    engine.dispose();
  }
  return rows;
}

/** As a Markdown table; `where` is in which of Node and a browser each row was found. */
export function formatTable(rows: readonly (Row & { readonly where: string })[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const head = ["engine", "where", ...KINDS.map(({ kind }) => kind), "programs of each"];
  return [
    line(head),
    line(head.map(() => "---")),
    ...rows.map(({ engine, where, largest, programs }) =>
      line([`\`${engine}\``, where, ...largest.map((v) => v.toExponential(1)), String(programs)]),
    ),
  ].join("\n");
}
