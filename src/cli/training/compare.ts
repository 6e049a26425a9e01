/**
 * Runs side by side, from their folders alone: a table for the terminal and a page with the curves over each
 * other.
 */
import { basename, dirname, join, resolve } from "node:path";
import { OhmletError } from "../../errors";
import { createRunFolder, openRunFolder } from "../../io/run-folder";
import type { EpochReport } from "../../learning/train";
import { reportHtml } from "../../plot/report";
import type { LineChart, Report } from "../../plot/report-types";
import { commandLine } from "../command-line";
import type { Io } from "../io";
import { resumeCommand } from "../shell";
import { columns } from "../../printable";
import { writeReport } from "../write-report";
import { differences, type Difference } from "./differences";
import { fewPhasesOf, phasesOf } from "./phases";
import { firstAngles } from "./report";
import { readEpochs, readRecord, runOfRecord, type RunRecord } from "./record";

/** Settings that are told in full. */
const MOST_DIFFERENCES = 40;

interface Compared {
  readonly label: string;
  readonly record: RunRecord;
  readonly epochs: readonly EpochReport[];
  readonly config: object;
  /** Angles of its feedback before it learned anything. */
  readonly first: EpochReport["feedbackAngle"];
}

/**
 * @param out folder in which that of the comparison is made; or a file, by its name
 * @throws OhmletError RUN-…, IO-…, and those of configs
 */
export async function compareRuns(paths: readonly string[], out: string, io: Io): Promise<number> {
  const { circuitOf } = await import("../../config");
  const runs: Compared[] = [];
  for (const path of paths) {
    const record = readRecord(path);
    const epochs = readEpochs(path);
    if (epochs.length === 0)
      throw new OhmletError({
        code: "RUN-EMPTY",
        fact: "this run has not come to the end of an epoch",
        place: { where: path },
        remedy: `go on with it:  ${resumeCommand("ohmlet", path)}`,
      });
    const run = await runOfRecord(record);
    const { config } = run;
    runs.push({
      label: labelOf(
        path,
        runs.map(({ label }) => label),
      ),
      record,
      epochs,
      config,
      first: firstAngles(circuitOf(run), config.chip?.seed ?? config.seed),
    });
  }
  const found = differences(runs.map(({ config }) => config));
  const results = [RESULTS, ...runs.map(resultOf)];
  const told = found.slice(0, MOST_DIFFERENCES);
  const more = found.length - told.length;
  const names = shortened(runs.map(({ label }) => label));
  const page = write(
    out,
    pageOf(
      runs.map((run, k) => ({ ...run, label: names[k] })),
      results,
      told,
      more,
      commandLine(io.program),
    ),
  );
  io.print(...columns(results.map((row) => [...row])));
  if (found.length === 0) io.print("the configs are the same");
  else
    io.print(
      "they differ in",
      ...columns(told.map(({ path, values }) => [path, ...values])),
      ...(more > 0 ? [`  and in ${more} more settings`] : []),
    );
  io.print(page);
  io.emit({
    page,
    runs: runs.map(({ label, record, epochs }) => ({
      run: record.path,
      label,
      outcome: record.outcome,
      epochs: epochs.length,
      best: bestOf(epochs).accuracy,
      last: epochs[epochs.length - 1],
    })),
    differences: found,
  });
  return 0;
}

/** @returns where the page is */
function write(out: string, report: Report): string {
  if (out.endsWith(".html")) {
    openRunFolder(dirname(resolve(out))).text(basename(out), reportHtml(report));
    return out;
  }
  const folder = createRunFolder(
    out,
    `${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}-compare`,
    (made) => writeReport(made, report),
  );
  return join(folder.path, "report.html");
}

/** The folder's name; with its number where another has it. */
function labelOf(path: string, taken: readonly string[]): string {
  const name = basename(resolve(path));
  return taken.includes(name) ? `${name} (${taken.length + 1})` : name;
}

/** Names without the words that all begin with: on a page with curves there is little room. */
function shortened(labels: readonly string[]): string[] {
  const words = labels.map((label) => label.split("-"));
  const same = words[0].findIndex((word, k) =>
    words.some((other) => other[k] !== word || k >= other.length - 1),
  );
  return same < 1 ? [...labels] : words.map((own) => `…${own.slice(same).join("-")}`);
}

const RESULTS = [
  "run",
  "outcome",
  "epochs",
  "best test",
  "at epoch",
  "last test",
  "training",
  "test cost",
  "seconds",
] as const;

const bestOf = (epochs: readonly EpochReport[]): EpochReport =>
  epochs.reduce((best, e) => (e.accuracy > best.accuracy ? e : best));
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function resultOf({ label, record, epochs }: Compared): readonly string[] {
  const [best, last] = [bestOf(epochs), epochs[epochs.length - 1]];
  const seconds = epochs.reduce((sum, e) => sum + e.seconds.training + e.seconds.testing, 0);
  return [
    label,
    record.outcome,
    String(epochs.length),
    percent(best.accuracy),
    String(best.epoch),
    percent(last.accuracy),
    percent(last.trainAccuracy),
    last.cost.toPrecision(4),
    seconds.toFixed(1),
  ];
}

function pageOf(
  runs: readonly Compared[],
  [heads, ...rows]: readonly (readonly string[])[],
  told: readonly Difference[],
  more: number,
  command: string,
): Report {
  const some = told.slice(0, 4).map(({ path }) => path);
  const settings =
    told.length === 0
      ? "Their configs are the same."
      : "Their configs differ in " +
        `${some.join(", ")}${told.length + more > some.length ? ` and ${told.length + more - some.length} more` : ""}.`;
  return {
    title: "Comparison of runs",
    question: `What sets ${runs.length} runs apart?`,
    summary: `${ranking(runs)}. ${settings}`,
    headline: [],
    facts: [],
    commands: [{ command, what: "What was typed." }],
    tables: [
      {
        title: "Results",
        caption: "Seconds are those of training and testing on the machine that each ran on.",
        columns: heads,
        rows,
      },
      ...(told.length === 0
        ? []
        : [
            {
              title: "What differs",
              prose: true,
              caption: more > 0 ? `And ${more} more settings.` : "All settings in which the configs differ.",
              columns: ["setting", ...runs.map(({ label }) => label)],
              rows: told.map(({ path, values }) => [path, ...values]),
            },
          ]),
    ],
    figures: chartsOf(runs).map((chart) => ({ kind: "curves", ...chart })),
    notes: [],
  };
}

/** Who comes highest and who lowest; runs that come equally high are said to. */
function ranking(runs: readonly Compared[]): string {
  const of = ({ epochs }: Compared): number => bestOf(epochs).accuracy;
  const [most, least] = [Math.max(...runs.map(of)), Math.min(...runs.map(of))];
  if (most === least)
    return (
      `${runs.length === 1 ? runs[0].label : runs.length === 2 ? "Both runs" : `All ${runs.length} runs`} ` +
      `come to ${percent(most)} on the test set`
    );
  const named = (accuracy: number): string =>
    runs
      .filter((run) => of(run) === accuracy)
      .map(({ label }) => label)
      .join(" and ");
  const several = (accuracy: number): boolean => runs.filter((run) => of(run) === accuracy).length > 1;
  return (
    `${named(most)} ${several(most) ? "come equally high, and highest," : "comes highest"} on the test ` +
    `set, with ${percent(most)}; ${named(least)} lowest, with ${percent(least)}`
  );
}

function chartsOf(runs: readonly Compared[]): LineChart[] {
  const chart = (
    title: string,
    caption: string,
    yLabel: string,
    of: (e: EpochReport) => number | null,
    shape: Partial<LineChart> = {},
  ): LineChart[] => {
    const series = runs
      .map(({ label, epochs }) => ({ name: label, x: epochs.map((e) => e.epoch), y: epochs.map(of) }))
      .filter(({ y }) => y.some((v) => v !== null && Number.isFinite(v)));
    return series.length === 0 ? [] : [{ title, caption, xLabel: "epoch", yLabel, series, ...shape }];
  };
  const layers = [...new Set(runs.flatMap(({ epochs }) => Object.keys(epochs[0].gradientCosine)))];
  const feedback = [...new Set(runs.flatMap(({ epochs }) => Object.keys(epochs[0].feedbackAngle)))];
  const all = runs.flatMap(({ epochs }) => [...epochs]);
  const phases = [
    ...new Set(runs.flatMap(({ epochs }) => fewPhasesOf(epochs[0].residuals.length).map(({ name }) => name))),
  ];
  const lowest = Math.min(...all.flatMap((e) => Object.values(e.gradientCosine).map((c) => c ?? 0)));
  const steepest = Math.max(
    ...[...runs.map(({ first }) => first), ...all.map((e) => e.feedbackAngle)].flatMap((angles) =>
      Object.values(angles).map((angle) => angle ?? 0),
    ),
  );
  return [
    ...chart("Test accuracy", "Share of test samples classified right.", "accuracy", (e) => e.accuracy, {
      yRange: [0, 1],
      percent: true,
    }),
    ...chart(
      "Training cost",
      "Mean cost in the free phase, before each update.",
      "cost",
      (e) => e.trainCost,
      { log: true },
    ),
    ...layers.flatMap((name) =>
      chart(
        `Cosine, ${name}`,
        "Between the measured and the true error vector: 1 is perfect.",
        "cosine",
        (e) => e.gradientCosine[name] ?? null,
        { yRange: [lowest < 0 ? -1 : 0, 1] },
      ),
    ),
    ...phases.flatMap((name) =>
      chart(
        `Residual of the ${name}`,
        "Largest rate of change left at the end, mean over batches.",
        "residual",
        (e) => residualOf(e, name),
        { log: true },
      ),
    ),
    ...chart(
      "Aliasing",
      "Bias of the nudge, as far as fewer of its points tell.",
      "share of the estimate",
      (e) => e.aliasing,
      { log: true },
    ),
    ...feedback.map((name): LineChart => ({
      title: `Feedback angle, ${name}`,
      caption:
        "To the transposed forward weights: 0 is the transpose, 90 is independent. Epoch 0 is the " +
        "chip as fabricated.",
      xLabel: "epoch",
      yLabel: "degrees",
      yTicks: steepest > 90 ? [0, 45, 90, 135, 180] : [0, 30, 60, 90],
      series: runs.map(({ label, epochs, first }) => ({
        name: label,
        x: [0, ...epochs.map((e) => e.epoch)],
        y: [first[name] ?? null, ...epochs.map((e) => e.feedbackAngle[name] ?? null)],
      })),
    })),
  ];
}

/** Of the phase of that name, where the run has one. */
function residualOf({ residuals }: EpochReport, phase: string): number | null {
  const found = phasesOf(residuals.length).find(({ name }) => name === phase);
  return found === undefined ? null : residuals[found.index];
}
