/** What training tells after every epoch. */
import { percent, printsItself, short, type Describe } from "../display";
import { columns } from "../printable";
import type { LearningPlace } from "./controller";
import type { StopReason } from "./early-stop";
import type { EstimateError } from "./estimate-error";
import type { JacobianSymmetry } from "./homeostasis/symmetry-after";
import { endsInWords, type PhaseEnds } from "./evaluate";
import type { ForwardReport } from "./initialized/report";
import type { ProgrammingReport } from "./programming/programmer";
import type { BatchCrossings } from "./lessons";
import { saturationInWords } from "./saturation";
import type { ParameterFigures } from "./trained-parameters";
import type { Warning } from "./warnings";

/**
 * What an epoch of training came to: accuracy and cost, how good the estimates were, how phases ended, and
 * what to look at.
 */
export interface EpochReport {
  readonly epoch: number;
  /** Fraction of the test set classified right, 0…1; of numbers, the share of their variance that is explained. */
  readonly accuracy: number;
  readonly cost: number;
  /** How the free phases of the test samples ended; null in the folders of runs that do not tell. */
  readonly ends: PhaseEnds | null;
  /** Of the free phases during training, before each update. */
  readonly trainAccuracy: number;
  readonly trainCost: number;
  /** Mean cosine between the estimate and the true error vector, by population; empty without a probe. */
  readonly gradientCosine: Readonly<Record<string, number | null>>;
  /** Mean over batches, see Estimate; null where the estimator has no such measure. */
  readonly aliasing: number | null;
  /**
   * How far estimates may be off, by population: the median over the batches of the epoch that were looked
   * at, or else what was found before. Null where nothing was.
   */
  readonly estimateError: EstimateError | null;
  /** Mean residual at the end of the free and of the nudged phases. */
  readonly residuals: readonly number[];
  /** Mean steps of the free and of the nudged phases. */
  readonly steps: readonly number[];
  /**
   * Degrees between feedback weights and transposed forward weights, by projection with feedback of its own.
   */
  readonly feedbackAngle: Readonly<Record<string, number | null>>;
  /**
   * Share of units, by population, that a bound holds or whose output hardly follows what they receive, after
   * free phases of test samples; empty in the folders of runs that do not tell.
   */
  readonly saturated: Readonly<Record<string, number>>;
  /** The feedforward net that starts free phases, where there is one. */
  readonly forward?: ForwardReport;
  /**
   * How symmetric the Jacobian is after free phases of test samples, where homeostasis is asked for; null where
   * it has no such Jacobian.
   */
  readonly symmetry?: JacobianSymmetry | null;
  /** What programming came to, where there is a programming stage. */
  readonly programming?: ProgrammingReport;
  /** What the parameters have become that learn, SI, by population and name. */
  readonly parameters?: Readonly<Record<string, ParameterFigures>>;
  readonly warnings: readonly Warning[];
  /** Why this was the last epoch, where it was not to be. */
  readonly stopped?: StopReason;
  /** Where estimates were weighed and synapses updated. */
  readonly learned: LearningPlace;
  /** What crossed the border to the engine in training, a batch; absent of engines that have none. */
  readonly crossings?: BatchCrossings;
  /**
   * How long the chip has run since the start of training: it runs one sample and one nudge after another,
   * and tests age it too. Null where time has no unit.
   */
  readonly chipSeconds: { readonly training: number; readonly testing: number } | null;
  /** Wall-clock time of the training alone, and of test and probe. */
  readonly seconds: { readonly training: number; readonly testing: number };
}

const describeEpoch: Describe<EpochReport> = (report) => {
  const { epoch, accuracy, cost, trainAccuracy, trainCost, ends, aliasing, learned, chipSeconds, seconds } =
    report;
  const rows: string[][] = [
    ["test", `${percent(accuracy)} right, cost ${short(cost)}`],
    ["its phases", ends === null ? "" : endsInWords(ends)],
    ["training", `${percent(trainAccuracy)} right, cost ${short(trainCost)}`],
    ["gradient cosine", byName(report.gradientCosine)],
    [
      "estimate off by",
      Object.entries(report.estimateError ?? {})
        .map(
          ([name, { settling, noise, nudge, reach }]) =>
            `${name}: settling ${percent(settling)}, noise ${percent(noise)}, nudge ${percent(nudge)}` +
            (reach === 0 ? "" : ` (${percent(reach)} of the radius)`),
        )
        .join("; "),
    ],
    ["aliasing", aliasing === null ? "" : percent(aliasing)],
    ["feedback angle", byName(report.feedbackAngle, " degrees")],
    ["saturated", saturationInWords(report.saturated)],
    ...(report.forward === undefined
      ? []
      : [
          ["forward net", `${percent(report.forward.accuracy)} right`],
          ["its alignment", byName(report.forward.alignment)],
          ["it misses by", byName(report.forward.missed)],
        ]),
    ...(report.programming === undefined
      ? []
      : [
          ["pulses", byName(report.programming.pulses)],
          ["written cosine", byName(report.programming.writtenCosine)],
          ["writes that did little", byName(report.programming.saturated)],
          ["refreshed", byName(report.programming.refreshed ?? {})],
        ]),
    [
      "parameters",
      Object.entries(report.parameters ?? {})
        .map(([name, { least, mean, most }]) => `${name} ${short(mean)} (${short(least)} to ${short(most)})`)
        .join(", "),
    ],
    ["Jacobian", symmetryInWords(report.symmetry)],
    [
      "phases",
      report.steps
        .map(
          (steps, i) =>
            `${i === 0 ? "free" : "nudged"} ${short(steps)} steps to ${short(report.residuals[i])}`,
        )
        .join(", "),
    ],
    ["learned", learned.place === "engine" ? "in the engine" : `on the host: ${learned.reason}`],
    ["on the chip", chipSeconds === null ? "" : timesOf(chipSeconds)],
    ["took", timesOf(seconds)],
  ];
  return [
    `epoch ${epoch}: ${percent(accuracy)} of the test right` +
      (report.stopped === undefined ? "" : `, the last one (${report.stopped})`),
    ...columns(rows.filter(([, text]) => text !== "")),
    ...report.warnings.map(({ code, text }) => `  ${code}  ${text}`),
  ];
};

export const asEpochReport = printsItself(describeEpoch);

const byName = (values: Readonly<Record<string, number | null>>, unit = ""): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${value === null ? "none" : `${short(value)}${unit}`}`)
    .join(", ");

/** "S/(S + A) 0.93 of the drives, |A| 0.41"; "" where nothing is told. */
const symmetryInWords = (symmetry: EpochReport["symmetry"]): string =>
  symmetry ? `S/(S + A) ${short(symmetry.ratio)} of the ${symmetry.of}, |A| ${short(symmetry.A)}` : "";

const timesOf = ({ training, testing }: { readonly training: number; readonly testing: number }): string =>
  `${short(training)} s training, ${short(testing)} s testing`;
