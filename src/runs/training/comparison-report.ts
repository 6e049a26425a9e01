/** Runs side by side as a page: results, what differs, and the curves over each other. */
import type { EpochReport } from "../../learning/train";
import { asReport } from "../../plot/print-report";
import type { LineChart, Report, Table } from "../../plot/report-types";
import type { Difference } from "./differences";
import { bestOf, percent, resultOf, RESULTS, type Compared } from "./compared";
import { fewPhasesOf, phasesOf } from "./phases";

/** Settings that are told in full. */
export const MOST_DIFFERENCES = 40;

/** @param command what was typed */
export function comparisonReport(
  compared: readonly Compared[],
  found: readonly Difference[],
  command: string,
): Report {
  const results = compared.map(resultOf);
  const names = shortened(compared.map(({ label }) => label));
  const runs = compared.map((run, k) => ({ ...run, label: names[k] }));
  const told = found.slice(0, MOST_DIFFERENCES);
  const more = found.length - told.length;
  const caption = more > 0 ? `And ${more} more settings.` : "All settings in which the configs differ.";
  const settings: Table = {
    title: "What differs",
    prose: true,
    caption,
    columns: ["setting", ...names],
    rows: told.map(({ path, values }) => [path, ...values]),
  };
  return asReport({
    title: "Comparison of runs",
    question: `What sets ${runs.length} runs apart?`,
    summary: `${ranking(runs)}. ${settingsText(found)}`,
    headline: [],
    facts: [],
    commands: [{ command, what: "What was typed." }],
    tables: [
      {
        title: "Results",
        caption: "Seconds are those of training and testing on the machine that each ran on.",
        columns: RESULTS,
        rows: results,
      },
      ...(told.length === 0 ? [] : [settings]),
    ],
    figures: chartsOf(runs).map((chart) => ({ kind: "curves", ...chart })),
    notes: [],
  });
}

/** Settings that the summary names. */
const MOST_NAMED = 4;

function settingsText(found: readonly Difference[]): string {
  if (found.length === 0) return "Their configs are the same.";
  const some = found.slice(0, MOST_NAMED).map(({ path }) => path);
  const more = found.length - some.length;
  return `Their configs differ in ${some.join(", ")}${more > 0 ? ` and ${more} more` : ""}.`;
}

/** Names without the words that all begin with: on a page with curves there is little room. */
function shortened(labels: readonly string[]): string[] {
  const words = labels.map((label) => label.split("-"));
  const same = words[0].findIndex((word, k) =>
    words.some((other) => other[k] !== word || k >= other.length - 1),
  );
  return same < 1 ? [...labels] : words.map((own) => `…${own.slice(same).join("-")}`);
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
