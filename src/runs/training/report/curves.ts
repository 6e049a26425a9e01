/**
 * What it learned, and how well it measured: curves over the epochs, and how far the last estimates may be
 * off.
 */
import { saturationInWords } from "../../../learning/saturation";
import type { EpochReport } from "../../../learning/train";
import { percent as shareText } from "../../../learning/warnings";
import type { LineChart, Table } from "../../../plot/report-types";
import { fewPhasesOf } from "../phases";
import { firstAngles } from "./chip";
import type { ReportParts } from "./parts";

type OfEpoch = (e: EpochReport) => number | null;
const seriesOver = (epochs: readonly EpochReport[]) => (name: string, of: OfEpoch) => ({
  name,
  x: epochs.map((e) => e.epoch),
  y: epochs.map(of),
});

export function learning(epochs: readonly EpochReport[]): LineChart[] {
  const series = seriesOver(epochs);
  return [
    {
      title: "Accuracy",
      caption: "Share of samples classified right; training samples before each update.",
      xLabel: "epoch",
      yLabel: "accuracy",
      yRange: [0, 1],
      percent: true,
      series: [
        series("test", (e) => e.accuracy),
        ...(epochs[0].forward === undefined
          ? []
          : [series("forward net, test", (e) => e.forward?.accuracy ?? null)]),
        series("training", (e) => e.trainAccuracy),
      ],
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

export function signals({ chip, estimator }: ReportParts, epochs: readonly EpochReport[]): LineChart[] {
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
  const isTold = epochs.some((e) => saturationInWords(e.saturated) !== "");
  const saturated = isTold ? Object.keys(epochs[epochs.length - 1].saturated) : [];
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
    ...(epochs.every((e) => !e.symmetry)
      ? []
      : [
          {
            title: "Does the Jacobian become symmetric?",
            caption:
              "S/(S + A) of the norms of its symmetric and its skew part, after free phases of test samples: 1 is " +
              "symmetric, and what nudging measures is then the true error.",
            xLabel: "epoch",
            yLabel: "S/(S + A)",
            yRange: [0, 1] as const,
            series: [series("", (e) => e.symmetry?.ratio ?? null)],
          },
        ]),
    ...forward(epochs),
    ...(saturated.length === 0
      ? []
      : [
          {
            title: "Saturated units",
            caption:
              "Share of units that a bound holds or whose output hardly follows what they receive, after free " +
              "phases of test samples: they pass no error on.",
            xLabel: "epoch",
            yLabel: "share",
            yRange: [0, 1] as const,
            percent: true,
            series: saturated.map((name) => series(name, (e) => e.saturated[name] ?? null)),
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

/** What writing came to, by projection, where there is a programming stage. */
export function writing(epochs: readonly EpochReport[]): LineChart[] {
  const series = seriesOver(epochs);
  const told = epochs[epochs.length - 1].programming;
  if (told === undefined) return [];
  // An array that was never written, such as feedback of a rate of 0, tells nothing.
  const names = Object.keys(told.pulses).filter((name) => told.pulses[name] > 0);
  if (names.length === 0) return [];
  const before = (k: number, name: string): number => epochs[k - 1]?.programming?.pulses[name] ?? 0;
  const cosines = epochs.flatMap((e) => Object.values(e.programming?.writtenCosine ?? {}));
  return [
    {
      title: "Was what was asked for written?",
      caption:
        "Cosine between the changes that were asked for and those that the devices made, over an epoch: 1 is what was " +
        "asked for, 0 is no better than chance.",
      xLabel: "epoch",
      yLabel: "cosine",
      yRange: [Math.min(...cosines.map(Number)) < 0 ? -1 : 0, 1] as const,
      series: names.map((name) => series(name, (e) => e.programming?.writtenCosine[name] ?? null)),
    },
    {
      title: "Pulses",
      caption: "Pulses, or writes of single devices, in an epoch, by array.",
      xLabel: "epoch",
      yLabel: "pulses",
      series: names.map((name) => ({
        name,
        x: epochs.map((e) => e.epoch),
        y: epochs.map((e, k) => (e.programming?.pulses[name] ?? 0) - before(k, name)),
      })),
    },
    {
      title: "Devices that give no more",
      caption:
        "Share of the requests of which less than a tenth was written, of devices that were addressed.",
      xLabel: "epoch",
      yLabel: "share",
      yRange: [0, 1] as const,
      percent: true,
      series: names.map((name) => series(name, (e) => e.programming?.saturated[name] ?? null)),
    },
  ];
}

/** What the feedforward net beside the chip makes of it, where there is one. */
function forward(epochs: readonly EpochReport[]): LineChart[] {
  const series = seriesOver(epochs);
  const told = epochs[0].forward;
  if (told === undefined) return [];
  return [
    {
      title: "Does the local loss lead the global one down?",
      caption:
        "Cosine between the gradient of what a layer of the feedforward net missed itself and that of what later " +
        "layers missed because of it: above 0 it does.",
      xLabel: "epoch",
      yLabel: "cosine",
      yRange: [-1, 1] as const,
      series: Object.keys(told.alignment).map((name) =>
        series(name, (e) => e.forward?.alignment[name] ?? null),
      ),
    },
    {
      title: "How far are its predictions off?",
      caption:
        "Root of the mean square by which it missed where the chip settled, over that of what the chip showed.",
      xLabel: "epoch",
      yLabel: "share",
      series: Object.keys(told.missed).map((name) => series(name, (e) => e.forward?.missed[name] ?? null)),
    },
  ].filter(({ series: { length } }) => length > 0);
}

/** How far the estimates of the last epoch may be off. */
export function errorTable({ estimateError }: EpochReport): Table[] {
  if (estimateError === null) return [];
  return [
    {
      title: "How far may the estimates be off?",
      caption:
        "As the chip itself can tell: the same batches estimated again, with phases twice as long, " +
        "with other draws of the noise, with half of the nudge. Shares of the estimate in each layer; " +
        "an error e leaves a cosine of 1/sqrt(1 + e^2). The radius is told by the terms of the estimate.",
      columns: ["layer", "not settled", "noise", "size of the nudge", "of the radius of convergence"],
      rows: Object.entries(estimateError).map(([layer, { settling, noise, nudge, reach }]) => [
        layer,
        ...[settling, noise, nudge].map(shareText),
        reach === 0 ? "" : shareText(reach),
      ]),
    },
  ];
}
