/** What docs/gpu.md says of the weight of a page is what a bundle weighs, give or take. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { bundleTable } from "../../bench/bundle";

/** Of the weight; more wants `npm run --silent bundle` and a new table. */
const SLACK = 0.15;

/** The figures of the rows of a table, by what is loaded. */
const figures = (text: string): (readonly [string, number[]])[] =>
  [...text.matchAll(/^\| (at once|for a `gpu` engine) \|(.*)\|$/gm)].map(
    ([, what, cells]) => [what, cells.split("|").map(Number)] as const,
  );

it("a page weighs what the document says", async () => {
  const found = figures(await bundleTable());
  const told = figures(readFileSync(resolve(__dirname, "../../docs/gpu.md"), "utf8"));
  expect(told.map(([what]) => what)).toEqual(found.map(([what]) => what));
  found.forEach(([what, weights], i) =>
    weights.forEach((weight, k) => expect(Math.abs(told[i][1][k] / weight - 1), what).toBeLessThan(SLACK)),
  );
});
