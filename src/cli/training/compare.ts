/** Runs side by side, from their folders alone: a table for the terminal and a page with the curves over each other. */
import { basename, resolve } from "node:path";
import { OhmletError } from "../../errors";
import { writeAtomically } from "../../io/atomic";
import type { EpochReport } from "../../learning/train";
import { reportHtml, type LineChart, type Report } from "../../plot";
import type { Io } from "../io";
import { resumeCommand } from "../shell";
import { columns } from "../../printable";
import { differences, type Difference } from "./differences";
import { readEpochs, readRecord, runOfRecord, type RunRecord } from "./record";

/** Settings that are told in full. */
const MOST_DIFFERENCES = 40;

interface Compared {
  readonly label: string;
  readonly record: RunRecord;
  readonly epochs: readonly EpochReport[];
  readonly config: object;
}

/** @throws OhmletError RUN-…, and those of configs */
export async function compareRuns(paths: readonly string[], out: string, io: Io): Promise<number> {
  const runs: Compared[] = [];
  for (const path of paths) {
    const record = readRecord(path);
    const epochs = readEpochs(path);
    if (epochs.length === 0) throw new OhmletError({ code: "RUN-EMPTY", fact: "this run has not come to the end of an epoch", place: { where: path }, remedy: `go on with it:  ${resumeCommand("ohmlet", path)}` });
    runs.push({ label: labelOf(path, runs.map(({ label }) => label)), record, epochs, config: (await runOfRecord(record)).config });
  }
  const found = differences(runs.map(({ config }) => config));
  const results = [RESULTS, ...runs.map(resultOf)];
  const told = found.slice(0, MOST_DIFFERENCES);
  const more = found.length - told.length;
  const names = shortened(runs.map(({ label }) => label));
  writeAtomically(out, reportHtml(pageOf(runs.map((run, k) => ({ ...run, label: names[k] })), results, told, more, [io.program, ...process.argv.slice(2)].join(" "))));
  io.print(...columns(results));
  if (found.length === 0) io.print("the configs are the same");
  else io.print("they differ in", ...columns(told.map(({ path, values }) => [path, ...values])), ...(more > 0 ? [`  and in ${more} more settings`] : []));
  io.print(out);
  io.emit({ page: out, runs: runs.map(({ label, record, epochs }) => ({ run: record.path, label, outcome: record.outcome, epochs: epochs.length, best: bestOf(epochs).accuracy, last: epochs[epochs.length - 1] })), differences: found });
  return 0;
}

/** The folder's name; with its number where another has it. */
function labelOf(path: string, taken: readonly string[]): string {
  const name = basename(resolve(path));
  return taken.includes(name) ? `${name} (${taken.length + 1})` : name;
}

/** Names without the words that all begin with: on a page with curves there is little room. */
function shortened(labels: readonly string[]): string[] {
  const words = labels.map((label) => label.split("-"));
  const same = words[0].findIndex((word, k) => words.some((other) => other[k] !== word || k >= other.length - 1));
  return same < 1 ? [...labels] : words.map((own) => `…${own.slice(same).join("-")}`);
}

const RESULTS = ["run", "outcome", "epochs", "best test", "at epoch", "last test", "training", "test cost", "seconds"] as const;

const bestOf = (epochs: readonly EpochReport[]): EpochReport => epochs.reduce((best, e) => (e.accuracy > best.accuracy ? e : best));
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function resultOf({ label, record, epochs }: Compared): readonly string[] {
  const [best, last] = [bestOf(epochs), epochs[epochs.length - 1]];
  const seconds = epochs.reduce((sum, e) => sum + e.seconds.training + e.seconds.testing, 0);
  return [label, record.outcome, String(epochs.length), percent(best.accuracy), String(best.epoch), percent(last.accuracy), percent(last.trainAccuracy), last.cost.toPrecision(4), seconds.toFixed(1)];
}

function pageOf(runs: readonly Compared[], [heads, ...rows]: readonly (readonly string[])[], told: readonly Difference[], more: number, command: string): Report {
  const best = runs.reduce((a, b) => (bestOf(b.epochs).accuracy > bestOf(a.epochs).accuracy ? b : a));
  const worst = runs.reduce((a, b) => (bestOf(b.epochs).accuracy < bestOf(a.epochs).accuracy ? b : a));
  const some = told.slice(0, 4).map(({ path }) => path);
  const settings = told.length === 0 ? "Their configs are the same." : `Their configs differ in ${some.join(", ")}${told.length + more > some.length ? ` and ${told.length + more - some.length} more` : ""}.`;
  return {
    title: "Comparison of runs",
    question: `What sets ${runs.length} runs apart?`,
    summary: `${best.label} comes highest on the test set, with ${percent(bestOf(best.epochs).accuracy)}${runs.length > 1 ? `; ${worst.label} lowest, with ${percent(bestOf(worst.epochs).accuracy)}` : ""}. ${settings}`,
    headline: [],
    facts: [],
    commands: [{ command, what: "What was typed." }],
    tables: [
      { title: "Results", caption: "Seconds are those of training and testing on the machine that each ran on.", columns: heads, rows },
      ...(told.length === 0 ? [] : [{ title: "What differs", prose: true, caption: more > 0 ? `And ${more} more settings.` : "All settings in which the configs differ.", columns: ["setting", ...runs.map(({ label }) => label)], rows: told.map(({ path, values }) => [path, ...values]) }]),
    ],
    figures: chartsOf(runs).map((chart) => ({ kind: "curves", ...chart })),
    notes: [],
  };
}

function chartsOf(runs: readonly Compared[]): LineChart[] {
  const chart = (title: string, caption: string, yLabel: string, of: (e: EpochReport) => number | null, shape: Partial<LineChart> = {}): LineChart[] => {
    const series = runs.map(({ label, epochs }) => ({ name: label, x: epochs.map((e) => e.epoch), y: epochs.map(of) })).filter(({ y }) => y.some((v) => v !== null && Number.isFinite(v)));
    return series.length === 0 ? [] : [{ title, caption, xLabel: "epoch", yLabel, series, ...shape }];
  };
  const layers = [...new Set(runs.flatMap(({ epochs }) => Object.keys(epochs[0].gradientCosine)))];
  const feedback = [...new Set(runs.flatMap(({ epochs }) => Object.keys(epochs[0].feedbackAngle)))];
  const all = runs.flatMap(({ epochs }) => [...epochs]);
  const lowest = Math.min(...all.flatMap((e) => Object.values(e.gradientCosine).map((c) => c ?? 0)));
  const steepest = Math.max(...all.flatMap((e) => Object.values(e.feedbackAngle).map((angle) => angle ?? 0)));
  return [
    ...chart("Test accuracy", "Share of test samples classified right.", "accuracy", (e) => e.accuracy, { yRange: [0, 1], percent: true }),
    ...chart("Training cost", "Mean cost in the free phase, before each update.", "cost", (e) => e.trainCost, { log: true }),
    ...layers.flatMap((name) => chart(`Cosine, ${name}`, "Between the measured and the true error vector: 1 is perfect.", "cosine", (e) => e.gradientCosine[name] ?? null, { yRange: [lowest < 0 ? -1 : 0, 1] })),
    ...chart("Residual of the first phase", "Largest rate of change left at its end, mean over batches.", "residual", (e) => e.residuals[0] ?? null, { log: true }),
    ...chart("Aliasing", "How far the mean of the nudged states is from the free state.", "relative distance", (e) => e.aliasing, { log: true }),
    ...feedback.flatMap((name) => chart(`Feedback angle, ${name}`, "To the transposed forward weights: 0 is the transpose, 90 is independent.", "degrees", (e) => e.feedbackAngle[name] ?? null, { yTicks: steepest > 90 ? [0, 45, 90, 135, 180] : [0, 30, 60, 90] })),
  ];
}
