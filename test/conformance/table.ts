/**
 * By how much each engine that runs here differs from the reference: the largest absolute difference of any state,
 * activity or residual over random programs of each kind, as a Markdown table.
 *
 *   node -r ts-node/register test/conformance/table.ts [programs of each kind]
 */
import fc from "fast-check";
import { createEngine } from "../../src/engines/select";
import { contestants, differenceOf, KINDS, STEPS } from "./compare";
import { recipes } from "./recipe";

/** Largest difference by engine (rows) and kind (columns, in the order of `KINDS`). */
export async function largestDifferences(programs: number): Promise<Map<string, number[]>> {
  const judge = await createEngine("reference");
  const table = new Map<string, number[]>();
  for (const name of await contestants()) {
    const engine = await createEngine(name);
    const row: number[] = [];
    for (const { fixed } of KINDS) {
      let largest = 0;
      // A fixed seed: every engine, and every run of this table, sees the same programs.
      for (const recipe of fc.sample(recipes(fixed), { numRuns: programs, seed: 1 })) largest = Math.max(largest, await differenceOf(recipe, engine, judge));
      row.push(largest);
    }
    table.set(name, row);
    engine.dispose();
  }
  return table;
}

export function formatTable(table: ReadonlyMap<string, readonly number[]>): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rows = [...table].map(([name, row]) => line([name, ...row.map((v) => v.toExponential(1))]));
  return [line(["engine", ...KINDS.map(({ kind }) => kind)]), line(["---", ...KINDS.map(() => "---")]), ...rows].join("\n");
}

async function main(): Promise<void> {
  const programs = Number(process.argv[2] ?? 40);
  process.stdout.write(`largest absolute difference from the reference after ${STEPS} steps, ${programs} programs of each kind\n\n${formatTable(await largestDifferences(programs))}\n`);
}

if (require.main === module) void main();
