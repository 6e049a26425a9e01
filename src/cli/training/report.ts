/** The report of a training run: what was asked, what came out, and the pictures that show why. */
import type { Chip, Circuit } from "../../circuit/chip-types";
import type { Run } from "../../config";
import type { Estimator } from "../../learning/estimators";
import { feedbackAngles } from "../../learning/feedback-angle";
import type { EpochReport } from "../../learning/train";
import { percent as shareText } from "../../learning/warnings";
import { describeDimension } from "../../units/dimension";
import { formatQuantity } from "../../units/format";
import { inUnit } from "../../units/parse";
import type { Dimension } from "../../units/quantity";
import type { Figure, Headline, Histogram, LineChart, Report, Table } from "../../plot/report-types";
import { gridOf, type Mistakes } from "./mistakes";
import type { RunAbout } from "./about";
import { fewPhasesOf } from "./phases";

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
  /** "running", "interrupted", "failed" or "done". */
  readonly outcome: string;
  /** Why it failed, where it did and says so. */
  readonly failure?: string;
  readonly mistakes: Mistakes | null;
}

const percent = (fraction: number): string => `${(100 * fraction).toFixed(1)} %`;

/** Layers whose cosine gets a figure of its own on the first screen; of more, the lowest does. */
const MOST_COSINES = 2;

export function buildReport(parts: ReportParts, epochs: readonly EpochReport[]): Report {
  const {
    run: { config },
    chip,
    trained,
    about,
    mistakes,
  } = parts;
  const last = epochs[epochs.length - 1];
  return {
    title: `Run of ${chip.circuit.name}, ${about.started.slice(0, 10)}`,
    question: `How well does ${lowered(about.chip)} learn ${about.data.test.name.replace(/ \(test\)$/, "")}?`,
    summary: answer(parts, epochs),
    headline: headline(parts, epochs),
    facts: facts(parts, epochs),
    commands: [
      { command: about.command, what: "What was typed." },
      {
        command: `ohmlet train config.yaml${config.data.kind === "folder" ? " --data FOLDER" : ""}`,
        what: "The same run from this folder: config.yaml holds everything that was decided, seeds included.",
      },
    ],
    tables: errorTable(last),
    figures: [
      ...learning(epochs).map((chart): Figure => ({ kind: "curves", group: "What it learned", ...chart })),
      ...signals(parts, epochs).map((chart): Figure => ({
        kind: "curves",
        group: "How well it measured",
        ...chart,
      })),
      ...(mistakes === null ? [] : gridOf(mistakes)).map((grid): Figure => ({ kind: "images", ...grid })),
      ...(trained ? [...weights(chip), ...stored(chip)] : []).map((chart): Figure => ({
        kind: "histogram",
        group: "What the chip holds",
        ...chart,
      })),
    ],
    notes: [
      ...(parts.outcome === "failed"
        ? [
            {
              kind: "warning" as const,
              text: `The run failed after epoch ${epochs.length}: ${parts.failure ?? "run.json says why"}.`,
            },
          ]
        : []),
      ...last.warnings.map(({ text }) => ({ kind: "warning" as const, text })),
      ...(Object.keys(last.gradientCosine).length === 0
        ? []
        : [
            {
              kind: "note" as const,
              text:
                "Cosines are between what the chip measured by nudging and the exact error vector of " +
                "recurrent backpropagation, averaged over probe samples of the test set.",
            },
          ]),
    ],
  };
}

const lowered = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

function answer(
  { run: { config }, chip, outcome, about: { data, estimator } }: ReportParts,
  epochs: readonly EpochReport[],
): string {
  const last = epochs[epochs.length - 1];
  const whole = outcome === "done" || epochs.length >= config.epochs;
  const after = whole
    ? `after ${epochs.length} ${epochs.length === 1 ? "epoch" : "epochs"}`
    : `after ${epochs.length} of ${config.epochs} epochs so far`;
  const classes = chip.circuit.output.size;
  const cosines = Object.entries(last.gradientCosine).flatMap(([name, c]) =>
    c === null ? [] : [`${c.toFixed(2)} in ${name}`],
  );
  return [
    `It classifies ${percent(last.accuracy)} of ${data.test.samples} test samples right ${after} of ` +
      `local updates from ${String(estimator.name)} ` +
      `nudges${classes > 1 ? `; guessing would give ${Number((100 / classes).toPrecision(3))} %` : ""}.`,
    cosines.length === 0
      ? ""
      : `Its estimates lie along the true error vector with a cosine of ${cosines.join(", ")} (1 is ` +
        "perfect).",
  ]
    .filter((part) => part !== "")
    .join(" ");
}

function headline({ about: { data } }: ReportParts, epochs: readonly EpochReport[]): Headline[] {
  const last = epochs[epochs.length - 1];
  const best = epochs.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));
  const cosines = Object.entries(last.gradientCosine);
  const known = cosines.filter((one): one is [string, number] => one[1] !== null);
  const lowest = known.reduce<[string, number] | null>((a, b) => (a === null || b[1] < a[1] ? b : a), null);
  return [
    {
      label: "test accuracy",
      value: percent(last.accuracy),
      detail:
        best.epoch === last.epoch
          ? `${Math.round(last.accuracy * data.test.samples)} of ${data.test.samples} samples`
          : `best: ${percent(best.accuracy)} at epoch ${best.epoch}`,
    },
    {
      label: "training accuracy",
      value: percent(last.trainAccuracy),
      detail: `${data.train.samples} samples, before each update`,
    },
    ...(cosines.length > MOST_COSINES && lowest !== null
      ? [
          {
            label: "lowest cosine to the true error",
            value: lowest[1].toFixed(2),
            detail: `in ${lowest[0]}; 1 is perfect`,
          },
        ]
      : cosines.map(([name, c]) => ({
          label: `cosine to the true error, ${name}`,
          value: c === null ? "none" : c.toFixed(2),
          detail: "1 is perfect",
        }))),
  ];
}

function facts(
  { run: { config }, chip, estimator, dt, about: { data, engine, ohmlet, node, platform } }: ReportParts,
  epochs: readonly EpochReport[],
): Report["facts"] {
  const last = epochs[epochs.length - 1];
  const schedule = typeof config.schedule === "string" ? config.schedule : config.schedule.kind;
  const seconds = epochs.reduce((sum, e) => sum + e.seconds.training + e.seconds.testing, 0);
  return [
    ["circuit", `${chip.circuit.name}, ${chip.circuit.units} neurons`],
    [
      "neurons",
      devicesOf(
        chip.circuit.populations.flatMap(({ name, neuron }) =>
          neuron === null ? [] : [[name, neuron.name] as const],
        ),
      ),
    ],
    [
      "synapses",
      devicesOf(chip.circuit.projections.map(({ name, synapse }) => [name, synapse.name] as const)),
    ],
    ["data", `${data.train.name}: ${data.train.samples} samples to train, ${data.test.samples} to test`],
    [
      "estimator",
      `${estimator.name}, ${Object.entries(estimator.settings)
        .filter(([, v]) => v !== undefined)
        .map(([k, v]) => `${k} ${String(v)}`)
        .join(", ")}`,
    ],
    [
      "optimizer",
      `${config.optimizer.kind}, rate ${rateText(config.optimizer.rate)}, ${schedule} schedule, ` +
        `${config.batch} samples a batch`,
    ],
    ["engine", `${engine.name}, ${engine.precision}${engine.executor ? `, ${engine.executor}` : ""}`],
    ...(dt === undefined
      ? []
      : [
          [
            "time step",
            formatQuantity({ value: dt, dimension: chip.circuit.output.neuron?.dimensions.time ?? NUMBER }),
          ] as const,
        ]),
    ["seeds", `${config.seed} for noise and shuffling, ${chip.seed} for the chip`],
    ...(last.stopped === undefined
      ? []
      : [
          [
            "stopped early",
            last.stopped === "target"
              ? "the target accuracy was reached"
              : "the test accuracy no longer grew",
          ] as const,
        ]),
    ["wall-clock time", `${seconds.toFixed(1)} s`],
    ["versions", `Ohmlet ${ohmlet}, Node ${node.replace(/^v/, "")}, ${platform}`],
  ];
}

/**
 * Each device once, with its places where there are several: "leaky integrator in l1, soft neuron in output".
 */
function devicesOf(placed: readonly (readonly [place: string, device: string])[]): string {
  const names = [...new Set(placed.map(([, device]) => device))];
  if (names.length === 1) return names[0];
  return names
    .map(
      (name) =>
        `${name} in ${placed.flatMap(([place, device]) => (device === name ? [place] : [])).join(", ")}`,
    )
    .join("; ");
}

/** The angles of the chip as it came from fabrication, before it learned anything. */
export const firstAngles = (circuit: Circuit, seed: number): Readonly<Record<string, number | null>> =>
  circuit.projections.some(({ spec }) => spec.feedback?.kind === "angled")
    ? feedbackAngles(circuit.fabricate({ seed }))
    : {};

/** The default chip by its imperfections, another one by its name. */
export function aboutChip({ config: { circuit } }: Run, name: string): string {
  if (typeof circuit !== "object" || !("topology" in circuit) || circuit.topology !== "nonideal")
    return `A chip of ${name}`;
  const { mismatch = "5 %", angle = 20, temperature = "300 K" } = circuit;
  return (
    `A chip with ${typeof mismatch === "number" ? percent(mismatch) : mismatch} mismatch, feedback at ` +
    `${angle} degrees and thermal noise at ${inUnit(temperature, "K")}`
  );
}

function rateText(rate: number | Readonly<Record<string, number>>): string {
  return typeof rate === "number"
    ? String(rate)
    : Object.entries(rate)
        .map(([name, value]) => `${value} (${name})`)
        .join(", ");
}

type OfEpoch = (e: EpochReport) => number | null;
const seriesOver = (epochs: readonly EpochReport[]) => (name: string, of: OfEpoch) => ({
  name,
  x: epochs.map((e) => e.epoch),
  y: epochs.map(of),
});

function learning(epochs: readonly EpochReport[]): LineChart[] {
  const series = seriesOver(epochs);
  return [
    {
      title: "Accuracy",
      caption: "Share of samples classified right; training samples before each update.",
      xLabel: "epoch",
      yLabel: "accuracy",
      yRange: [0, 1],
      percent: true,
      series: [series("test", (e) => e.accuracy), series("training", (e) => e.trainAccuracy)],
    },
    {
      title: "Cost",
      caption: "Mean cost of a sample in the free phase.",
      xLabel: "epoch",
      yLabel: "cost",
      log: true,
      series: [series("test", (e) => e.cost), series("training", (e) => e.trainCost)],
    },
  ];
}

function signals({ chip, estimator }: ReportParts, epochs: readonly EpochReport[]): LineChart[] {
  const series = seriesOver(epochs);
  const layers = Object.keys(epochs[0].gradientCosine);
  const feedback = Object.keys(epochs[0].feedbackAngle);
  const phases = fewPhasesOf(epochs[0].residuals.length);
  const first = firstAngles(chip.circuit, chip.seed);
  const lowest = Math.min(...epochs.flatMap((e) => Object.values(e.gradientCosine).map((c) => c ?? 0)));
  const steepest = Math.max(
    ...[first, ...epochs.map((e) => e.feedbackAngle)].flatMap((angles) =>
      Object.values(angles).map((angle) => angle ?? 0),
    ),
  );
  const { tolerance } = estimator.free;
  return [
    ...(layers.length === 0
      ? []
      : [
          {
            title: "Do the estimates point the right way?",
            caption:
              "Cosine between the measured and the true error vector, by layer: 1 is perfect, 0 is no " +
              "better than chance.",
            xLabel: "epoch",
            yLabel: "cosine",
            yRange: [lowest < 0 ? -1 : 0, 1] as const,
            series: layers.map((name) => series(name, (e) => e.gradientCosine[name])),
          },
        ]),
    ...(feedback.length === 0
      ? []
      : [
          {
            title: "Does the feedback align?",
            caption:
              "Angle between feedback weights and transposed forward weights: 0 is the transpose, 90 " +
              "is independent. Epoch 0 is the chip as fabricated.",
            xLabel: "epoch",
            yLabel: "degrees",
            yTicks: steepest > 90 ? [0, 45, 90, 135, 180] : [0, 30, 60, 90],
            series: feedback.map((name) => ({
              name,
              x: [0, ...epochs.map((e) => e.epoch)],
              y: [first[name] ?? null, ...epochs.map((e) => e.feedbackAngle[name])],
            })),
          },
        ]),
    {
      title: "Did the phases settle?",
      caption:
        "Residual: the largest rate of change left at the end of a phase, as a share of the state a " +
        "time constant; mean over batches.",
      xLabel: "epoch",
      yLabel: "residual",
      log: true,
      ...(tolerance !== undefined && { level: { y: tolerance, name: "the tolerance" } }),
      series: phases.map(({ name, index }) => series(name, (e) => e.residuals[index])),
    },
    {
      title: "Steps to settle",
      caption:
        "Time steps of a phase, mean over batches; phases without a tolerance run all the steps they " +
        "are given.",
      xLabel: "epoch",
      yLabel: "steps",
      series: phases.map(({ name, index }) => series(name, (e) => e.steps[index])),
    },
    ...(epochs[0].aliasing === null
      ? []
      : [
          {
            title: "Aliasing",
            caption: "Bias of the nudge, as far as fewer of its points tell; mean over batches.",
            xLabel: "epoch",
            yLabel: "share of the estimate",
            log: true,
            series: [series("", (e) => e.aliasing)],
          },
        ]),
  ];
}

/** How far the estimates of the last epoch may be off. */
function errorTable({ estimateError }: EpochReport): Table[] {
  if (estimateError === null) return [];
  return [
    {
      title: "How far may the estimates be off?",
      caption:
        "As the chip itself can tell: the same batches estimated again, with phases twice as long, " +
        "with other draws of the noise, with half of the nudge. Shares of the estimate in each layer; " +
        "an error e leaves a cosine of 1/sqrt(1 + e^2).",
      columns: ["layer", "not settled", "noise", "size of the nudge"],
      rows: Object.entries(estimateError).map(([layer, { settling, noise, nudge }]) => [
        layer,
        ...[settling, noise, nudge].map(shareText),
      ]),
    },
  ];
}

function weights(chip: Chip): Histogram[] {
  return chip.circuit.projections.map((p) => ({
    title: `Weights of ${p.name}`,
    caption: "Effective logical weights: what the circuit sees, mismatch and saturation included.",
    values: [...chip.weights(p.name).weights],
    of: "synapses",
    unit: "unit drives",
  }));
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
      return [
        {
          title: `${name} of ${p.name}`,
          caption: `What the devices store (${p.synapse.name}).`,
          of: "devices",
          values: Array.from(values, (v) => v * factor),
          unit,
        },
      ];
    });
  });
}

/** A unit in which the largest value is from 1 to 1000, and the factor from SI to it. */
function readable(values: Float64Array, dimension: Dimension): { factor: number; unit: string } {
  const largest = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const power = largest > 0 && Number.isFinite(largest) ? 3 * Math.floor(Math.log10(largest) / 3) : 0;
  const text = formatQuantity({ value: 10 ** power, dimension });
  return text.startsWith("1 ")
    ? { factor: 10 ** -power, unit: text.slice(2) }
    : { factor: 1, unit: describeDimension(dimension) };
}
