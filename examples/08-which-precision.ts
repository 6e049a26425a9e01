/**
 * 08. Which synapse precision do I need? 200 chips at each number of conductance levels, each fabricated,
 *     trained and tested: accuracy and yield against bits. Run it with npm run --silent example 08 [CHIPS]
 *     [FOLDER]
 *
 * With Ohmlet installed, it is  ohmlet study precision.yaml;  what it writes is read here.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { PointSummary, Share, Summary } from "../src/index";

const ROOT = resolve(__dirname, "..");
const STUDY = "configs/studies/precision.yaml";
/** What a design should reach. */
const WANTED = 0.95;

const given = process.argv.slice(2);
const chips = given.find((argument) => /^\d{1,6}$/.test(argument) && argument !== "08") ?? "200";
const folder = resolve(
  given.find((argument) => !/^\d+$/.test(argument)) ?? join(ROOT, `runs/precision-${chips}`),
);

console.log(`$ ohmlet study ${STUDY} --chips ${chips}\n`);
const { status } = spawnSync(
  process.execPath,
  ["-r", "ts-node/register", "src/cli/main.ts", "study", STUDY, "--chips", chips, "--out", folder],
  { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] },
);
if (status !== 0) process.exit(status ?? 1);
const { points } = JSON.parse(readFileSync(join(folder, "summary.json"), "utf8")) as Summary;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const bitsOf = ({ values }: PointSummary): number => Math.log2(Number(values["circuit.levels"]));
const yieldOf = (point: PointSummary): Share => point.yield as Share;
const yieldText = (point: PointSummary): string =>
  `${percent(yieldOf(point).share)} (Wilson ${percent(yieldOf(point).low)} to ` +
  `${percent(yieldOf(point).high)})`;

console.log("bits  levels  median accuracy (5th to 95th percentile)  yield at an accuracy of 85 %");
for (const point of points) {
  const { median, q05, q95 } = point.measures.accuracy;
  console.log(
    `${String(bitsOf(point)).padStart(4)}  ${String(point.values["circuit.levels"]).padStart(6)}  ` +
      `${`${percent(median)} (${percent(q05)} to ${percent(q95)})`.padEnd(42)}${yieldText(point)}`,
  );
}

// Enough is what reaches the yield, and all above it too.
const enough = points.findIndex((_, k) => points.slice(k).every((point) => yieldOf(point).share >= WANTED));
if (enough < 0) console.log(`\nNo precision that was tried gives a yield of ${percent(WANTED)}.`);
else {
  const [fewer, point] = [points[enough - 1] as PointSummary | undefined, points[enough]];
  console.log(
    `\n${bitsOf(point)} bits are enough: they give a yield of ` +
      `${yieldText(point)}${fewer === undefined ? "" : `, ${bitsOf(fewer)} bits only ${yieldText(fewer)}`}.`,
  );
}
console.log(`The pictures: ${join(folder, "report.html")}`);
