/** The report of a training run: what was asked, what came out, and the pictures that show why. */
import type { Engine } from "../../engines/engine";
import { Simulator } from "../../dynamics/simulator";
import { labelledBatches } from "../../learning/batches";
import { evaluateChip } from "../../learning/evaluate";
import type { EpochReport } from "../../learning/train";
import { formatQuantity } from "../../units/format";
import type { Dimension } from "../../units/quantity";
import type { GridImage, LineChart, Report } from "../../plot";
import type { RunContext } from "./context";

const NUMBER: Dimension = [0, 0, 0, 0, 0];
/** Test samples that are looked through for mistakes, and mistakes that are shown. */
const LOOKED_THROUGH = 500;
const MOST_SHOWN = 24;

const percent = (fraction: number): string => `${(100 * fraction).toFixed(1)} %`;

export async function buildReport(context: RunContext, epochs: readonly EpochReport[], engine: Engine): Promise<Report> {
  const { run: { config }, chip, data, command, estimator, dt } = context;
  const last = epochs[epochs.length - 1];
  const schedule = typeof config.schedule === "string" ? config.schedule : config.schedule.kind;
  const cosines = Object.entries(last.gradientCosine);
  const seconds = epochs.reduce((sum, e) => sum + e.seconds.training + e.seconds.testing, 0);
  return {
    title: `${chip.circuit.name} on ${data.test.name}`,
    summary: `${aboutChip(context)} classifies ${percent(last.accuracy)} of ${data.test.samples} test samples after ${epochs.length} epochs of local updates.`,
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
      ["engine", `${engine.info.name}, ${engine.info.precision}${engine.info.executor ? `, ${engine.info.executor}` : ""}`],
      ...(dt === undefined ? [] : [["time step", formatQuantity({ value: dt, dimension: chip.circuit.output.neuron?.dimensions.time ?? NUMBER })] as const]),
      ["seed", String(config.seed)],
      ["wall-clock time", `${seconds.toFixed(1)} s`],
    ],
    command,
    charts: charts(epochs),
    histograms: chip.circuit.projections.map((p) => ({ title: `Weights of ${p.name}`, caption: "Effective logical weights: what the circuit sees, mismatch and saturation included.", values: [...chip.weights(p.name).weights], unit: "unit drives" })),
    grids: await mistakes(context, engine),
    notes: [
      ...last.warnings.map(({ text }) => ({ kind: "warning" as const, text })),
      { kind: "note", text: "The cosine is between what the chip measured by nudging and the exact error vector of recurrent backpropagation, averaged over probe samples of the test set." },
    ],
  };
}

/** The default chip by its imperfections, another one by its name. */
function aboutChip({ run: { config: { circuit } }, chip }: RunContext): string {
  if (typeof circuit !== "object" || !("topology" in circuit) || circuit.topology !== "nonideal") return `A chip of ${chip.circuit.name}`;
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
  return [
    { title: "Accuracy", caption: "Share of samples classified right; training samples before each update.", xLabel: "epoch", yLabel: "accuracy", yRange: [0, 1], series: [series("test", (e) => e.accuracy), series("training", (e) => e.trainAccuracy)] },
    { title: "Cost", caption: "Mean cost in the free phase.", xLabel: "epoch", yLabel: "cost", log: true, series: [series("test", (e) => e.cost), series("training", (e) => e.trainCost)] },
    ...(layers.length === 0 ? [] : [{ title: "Do the estimates point the right way?", caption: "Cosine between the measured and the true error vector, by layer: 1 is perfect.", xLabel: "epoch", yLabel: "cosine", yRange: [-1, 1] as const, series: layers.map((name) => series(name, (e) => e.gradientCosine[name])) }]),
    { title: "Did the phases settle?", caption: "Largest rate of change left at the end of a phase, mean over batches.", xLabel: "epoch", yLabel: "residual", log: true, series: epochs[0].residuals.slice(0, 2).map((_, k) => series(k === 0 ? "first phase" : "second phase", (e) => e.residuals[k])) },
    ...(epochs[0].aliasing === null ? [] : [{ title: "Aliasing", caption: "How far the mean of the nudged states is from the free state: the bias of a large amplitude.", xLabel: "epoch", yLabel: "relative distance", log: true, series: [series("aliasing", (e) => e.aliasing)] }]),
  ];
}

async function mistakes({ chip, data, run: { config }, estimator, dt }: RunContext, engine: Engine): Promise<Report["grids"]> {
  const simulator = new Simulator(chip, engine, { dt, solver: config.solver, order: config.order, acceleration: config.acceleration, seed: config.seed });
  const { predicted } = await evaluateChip(simulator, labelledBatches(chip.circuit, data.test, { size: 200, limit: Math.min(LOOKED_THROUGH, data.test.samples) }), estimator.free);
  simulator.dispose();
  const wrong: GridImage[] = [];
  for (let i = 0; i < predicted.length && wrong.length < MOST_SHOWN; i++) {
    if (predicted[i] === data.test.labels[i]) continue;
    const pixels = new Float64Array(data.test.features);
    data.test.pixels(i, pixels, 0);
    wrong.push({ pixels: [...pixels], caption: `${data.test.labels[i]} read as ${predicted[i]}`, wrong: true });
  }
  if (wrong.length === 0) return [];
  return [{ title: "What the chip gets wrong", caption: `Mistakes among the first ${predicted.length} test samples.`, size: data.test.shape, images: wrong }];
}
