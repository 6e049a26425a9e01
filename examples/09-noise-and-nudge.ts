/**
 * 09. How strong should the nudge be? A small nudge drowns in the noise, a large one leaves the linear
 *     regime: for each noise and each number of nudge points there is a best amplitude in between, which
 *     moves. Chips are measured as they are fabricated. Run it with npm run --silent example 09 [CHIPS]
 *     [FOLDER]
 *
 * With Ohmlet installed, it is  ohmlet study nudge.yaml;  what it writes is read here.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { PointSummary, Summary } from "../src/index";

const ROOT = resolve(__dirname, "..");
const STUDY = "configs/studies/nudge.yaml";
const [NOISE, POINTS, AMPLITUDE] = ["circuit.readNoise", "estimator.points", "estimator.amplitude"];

const given = process.argv.slice(2);
const chips = given.find((argument) => /^\d{1,6}$/.test(argument) && argument !== "09") ?? "8";
const folder = resolve(
  given.find((argument) => !/^\d+$/.test(argument)) ?? join(ROOT, `runs/nudge-${chips}`),
);

console.log(`$ ohmlet study ${STUDY} --chips ${chips}\n`);
const { status } = spawnSync(
  process.execPath,
  ["-r", "ts-node/register", "src/cli/main.ts", "study", STUDY, "--chips", chips, "--out", folder],
  { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] },
);
if (status !== 0) process.exit(status ?? 1);
const { points } = JSON.parse(readFileSync(join(folder, "summary.json"), "utf8")) as Summary;

const valuesOf = (knob: string): number[] =>
  [...new Set(points.map(({ values }) => Number(values[knob])))].sort((a, b) => a - b);
const angleAt = (point: PointSummary): number => point.measures.errorAngle.mean;
/** The point with the smallest angle, of one noise and one number of nudge points. */
const bestAt = (noise: number, count: number): PointSummary =>
  points
    .filter(({ values }) => values[NOISE] === noise && values[POINTS] === count)
    .reduce((best, point) => (angleAt(point) < angleAt(best) ? point : best));
const amplitudeAt = (noise: number, count: number): number => Number(bestAt(noise, count).values[AMPLITUDE]);

const [noises, counts] = [valuesOf(NOISE), valuesOf(POINTS)];
console.log("Best amplitude, and the angle there between estimate and true error vector\n");
console.log(
  ["read noise", ...counts.map((count) => `${count} nudge ${count === 1 ? "point" : "points"}`)]
    .map((cell) => cell.padEnd(18))
    .join("")
    .trimEnd(),
);
for (const noise of noises) {
  const cells = counts.map(
    (count) => `${amplitudeAt(noise, count)}  (${angleAt(bestAt(noise, count)).toFixed(1)} deg)`,
  );
  console.log(
    [`${100 * noise} %`, ...cells]
      .map((cell) => cell.padEnd(18))
      .join("")
      .trimEnd(),
  );
}

const [least, most] = [noises[0], noises[noises.length - 1]];
console.log("");
for (const count of counts)
  console.log(
    `With ${count} nudge ${count === 1 ? "point" : "points"} the best amplitude goes from ` +
      `${amplitudeAt(least, count)} at ${100 * least} % noise to ${amplitudeAt(most, count)} at ` +
      `${100 * most} %.`,
  );
const [few, many] = [counts[0], counts[counts.length - 1]];
console.log(
  `More points average the noise and cancel the bias: at ${100 * most} % noise, ` +
    `${angleAt(bestAt(most, few)).toFixed(1)} degrees with ${few}, ` +
    `${angleAt(bestAt(most, many)).toFixed(1)} with ${many}.`,
);
console.log(`The heat maps: ${join(folder, "report.html")}`);
