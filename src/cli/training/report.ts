/** The report of a training run: what was asked, what came out, and the pictures that show why. */
import type { Chip } from "../../circuit/chip-types";
import type { Run } from "../../config";
import type { Estimator } from "../../learning/estimators";
import type { EpochReport } from "../../learning/train";
import { describeDimension } from "../../units/dimension";
import { formatQuantity } from "../../units/format";
import type { Dimension } from "../../units/quantity";
import type { Histogram, LineChart, Report } from "../../plot";
import { gridOf, type Mistakes } from "./mistakes";
import type { RunAbout } from "./about";

const NUMBER: Dimension = [0, 0, 0, 0, 0];

/** What a report is made of besides the epochs: all of it can be had from a run's folder. */
export interface ReportParts {
  readonly run: Run;
  readonly chip: Chip;
  /** Whether the chip's arrays are those of the end; else they are not shown. */
  readonly trained: boolean;
  readonly estimator: Estimator;
  readonly dt: number | undefined;
  readonly about: RunAbout;
  readonly mistakes: Mistakes | null;
}

const percent = (fraction: number): string => `${(100 * fraction).toFixed(1)} %`;

export function buildReport(parts: ReportParts, epochs: readonly EpochReport[]): Report {
  const { run: { config }, chip, trained, estimator, dt, about: { data, command, engine }, mistakes } = parts;
  const last = epochs[epochs.length - 1];
  const schedule = typeof config.schedule === "string" ? config.schedule : config.schedule.kind;
  const cosines = Object.entries(last.gradientCosine);
  const seconds = epochs.reduce((sum, e) => sum + e.seconds.training + e.seconds.testing, 0);
  return {
    title: `${chip.circuit.name} on ${data.test.name}`,
    summary: `${parts.about.chip} classifies ${percent(last.accuracy)} of ${data.test.samples} test samples after ${epochs.length} epochs of local updates.`,
    headline: [
      { label: "test accuracy", value: percent(last.accuracy) },
      { label: "training accuracy", value: percent(last.trainAccuracy) },
      ...cosines.map(([name, c]) => ({ label: `cosine to the true error, ${name}`, value: c === null ? "none" : c.toFixed(2) })),
    ],
    facts: [
      ["circuit", `${chip.circuit.name}, ${chip.circuit.units} neurons`],
      ["devices", chip.circuit.projections.map((p) => p.synapse.name).filter((name, i, all) => all.indexOf(name) === i).concat(chip.circuit.output.neuron?.name ?? []).join(", ")],
      ["estimator", `${estimator.name}, ${Object.entries(estimator.settings).filter(([, v]) => v !== undefined).map(([k, v]) => `${k} ${String(v)}`).join(", ")}`],
      ["optimizer", `${config.optimizer.kind}, rate ${rateText(config.optimizer.rate)}, ${schedule} schedule`],
      ["engine", `${engine.name}, ${engine.precision}${engine.executor ? `, ${engine.executor}` : ""}`],
      ...(dt === undefined ? [] : [["time step", formatQuantity({ value: dt, dimension: chip.circuit.output.neuron?.dimensions.time ?? NUMBER })] as const]),
      ["seed", String(config.seed)],
      ...(last.stopped === undefined ? [] : [["stopped early", last.stopped === "target" ? "the target accuracy was reached" : "the test accuracy no longer grew"] as const]),
      ["wall-clock time", `${seconds.toFixed(1)} s`],
    ],
    command,
    charts: charts(epochs),
    histograms: trained ? [...weights(chip), ...stored(chip)] : [],
    grids: mistakes === null ? [] : gridOf(mistakes),
    notes: [
      ...last.warnings.map(({ text }) => ({ kind: "warning" as const, text })),
      { kind: "note", text: "The cosine is between what the chip measured by nudging and the exact error vector of recurrent backpropagation, averaged over probe samples of the test set." },
    ],
  };
}

/** The default chip by its imperfections, another one by its name. */
export function aboutChip({ config: { circuit } }: Run, name: string): string {
  if (typeof circuit !== "object" || !("topology" in circuit) || circuit.topology !== "nonideal") return `A chip of ${name}`;
  const { mismatch = "5 %", angle = 20, temperature = "300 K" } = circuit;
  return `A chip with ${typeof mismatch === "number" ? percent(mismatch) : mismatch} mismatch, feedback at ${angle} degrees and thermal noise at ${temperature}`;
}

function rateText(rate: number | Readonly<Record<string, number>>): string {
  return typeof rate === "number" ? String(rate) : Object.entries(rate).map(([name, value]) => `${value} (${name})`).join(", ");
}

function charts(epochs: readonly EpochReport[]): LineChart[] {
  const x = epochs.map((e) => e.epoch);
  const series = (name: string, of: (e: EpochReport) => number | null) => ({ name, x, y: epochs.map(of) });
  const layers = Object.keys(epochs[0].gradientCosine);
  const feedback = Object.keys(epochs[0].feedbackAngle);
  const phases = epochs[0].residuals.slice(0, 2).map((_, k) => ({ name: k === 0 ? "first phase" : "second phase", k }));
  return [
    { title: "Accuracy", caption: "Share of samples classified right; training samples before each update.", xLabel: "epoch", yLabel: "accuracy", yRange: [0, 1], series: [series("test", (e) => e.accuracy), series("training", (e) => e.trainAccuracy)] },
    { title: "Cost", caption: "Mean cost in the free phase.", xLabel: "epoch", yLabel: "cost", log: true, series: [series("test", (e) => e.cost), series("training", (e) => e.trainCost)] },
    ...(layers.length === 0 ? [] : [{ title: "Do the estimates point the right way?", caption: "Cosine between the measured and the true error vector, by layer: 1 is perfect.", xLabel: "epoch", yLabel: "cosine", yRange: [-1, 1] as const, series: layers.map((name) => series(name, (e) => e.gradientCosine[name])) }]),
    { title: "Did the phases settle?", caption: "Largest rate of change left at the end of a phase, mean over batches.", xLabel: "epoch", yLabel: "residual", log: true, series: phases.map(({ name, k }) => series(name, (e) => e.residuals[k])) },
    { title: "Steps to settle", caption: "Steps of a phase, mean over batches; phases without a tolerance run all the steps they are given.", xLabel: "epoch", yLabel: "steps", series: phases.map(({ name, k }) => series(name, (e) => e.steps[k])) },
    ...(feedback.length === 0 ? [] : [{ title: "Does the feedback align?", caption: "Angle between feedback weights and transposed forward weights: 0 is the transpose, 90 is independent.", xLabel: "epoch", yLabel: "degrees", series: feedback.map((name) => series(name, (e) => e.feedbackAngle[name])) }]),
    ...(epochs[0].aliasing === null ? [] : [{ title: "Aliasing", caption: "How far the mean of the nudged states is from the free state: the bias of a large amplitude.", xLabel: "epoch", yLabel: "relative distance", log: true, series: [series("aliasing", (e) => e.aliasing)] }]),
  ];
}

function weights(chip: Chip): Histogram[] {
  return chip.circuit.projections.map((p) => ({ title: `Weights of ${p.name}`, caption: "Effective logical weights: what the circuit sees, mismatch and saturation included.", values: [...chip.weights(p.name).weights], unit: "unit drives" }));
}

/** What the devices store, such as conductances; not where that is the weight itself. */
function stored(chip: Chip): Histogram[] {
  return chip.circuit.projections.flatMap((p) => {
    const array = chip.array(p.name);
    if (array.projection !== p) return [];
    return [...array.stored].flatMap(([name, values]): Histogram[] => {
      const { dimension } = p.synapse.stored[name];
      if (dimension.every((exponent) => exponent === 0)) return [];
      const { factor, unit } = readable(values, dimension);
      return [{ title: `${name} of ${p.name}`, caption: `What the devices store (${p.synapse.name}).`, values: Array.from(values, (v) => v * factor), unit }];
    });
  });
}

/** A unit in which the largest value is from 1 to 1000, and the factor from SI to it. */
function readable(values: Float64Array, dimension: Dimension): { factor: number; unit: string } {
  const largest = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const power = largest > 0 && Number.isFinite(largest) ? 3 * Math.floor(Math.log10(largest) / 3) : 0;
  const text = formatQuantity({ value: 10 ** power, dimension });
  return text.startsWith("1 ") ? { factor: 10 ** -power, unit: text.slice(2) } : { factor: 1, unit: describeDimension(dimension) };
}
