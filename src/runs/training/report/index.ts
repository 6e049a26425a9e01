/** The report of a training run: what was asked, what came out, and the pictures that show why. */
import { targetsOf } from "../../../circuit/targets";
import type { EpochReport } from "../../../learning/train";
import type { Figure, Headline, Report } from "../../../plot/report-types";
import { gridOf } from "../mistakes";
import { stored, weights } from "./chip";
import { errorTable, learning, signals, writing } from "./curves";
import { energyTable } from "./energy";
import { facts } from "./facts";
import { percent, type ReportParts } from "./parts";

export type { ReportParts };

/** Layers whose cosine gets a figure of its own on the first screen; of more, the lowest does. */
const MOST_COSINES = 2;

export function buildReport(parts: ReportParts, epochs: readonly EpochReport[]): Report {
  const { run, chip, about } = parts;
  const onFiles = run.config.data.kind === "folder";
  return {
    title: `Run of ${chip.circuit.name}, ${about.started.slice(0, 10)}`,
    question: `How well does ${lowered(about.chip)} learn ${about.data.test.name.replace(/ \(test\)$/, "")}?`,
    summary: answer(parts, epochs),
    headline: headline(parts, epochs),
    facts: facts(parts, epochs),
    commands: [
      { command: about.command, what: "What was typed." },
      {
        command: `ohmlet train config.yaml${onFiles ? " --data FOLDER" : ""}`,
        what: "The same run from this folder: config.yaml holds everything that was decided, seeds included.",
      },
    ],
    tables: [...errorTable(epochs[epochs.length - 1]), ...energyTable(parts)],
    figures: figures(parts, epochs),
    notes: notes(parts, epochs),
  };
}

function figures(parts: ReportParts, epochs: readonly EpochReport[]): Figure[] {
  const { chip, trained, mistakes } = parts;
  const grids = mistakes === null ? [] : gridOf(mistakes);
  const held = trained ? [...weights(chip), ...stored(chip)] : [];
  return [
    ...learning(epochs).map((chart): Figure => ({ kind: "curves", group: "What it learned", ...chart })),
    ...signals(parts, epochs).map((chart): Figure => ({
      kind: "curves",
      group: "How well it measured",
      ...chart,
    })),
    ...writing(epochs).map((chart): Figure => ({ kind: "curves", group: "How well it wrote", ...chart })),
    ...grids.map((grid): Figure => ({ kind: "images", ...grid })),
    ...held.map((chart): Figure => ({ kind: "histogram", group: "What the chip holds", ...chart })),
  ];
}

const COSINES =
  "Cosines are between what the chip measured by nudging and the exact error vector of " +
  "recurrent backpropagation, averaged over probe samples of the test set.";

function notes({ outcome, failure }: ReportParts, epochs: readonly EpochReport[]): Report["notes"] {
  const last = epochs[epochs.length - 1];
  const failed = `The run failed after epoch ${epochs.length}: ${failure ?? "run.json says why"}.`;
  const warnings = [...(outcome === "failed" ? [failed] : []), ...last.warnings.map(({ text }) => text)];
  const probed = Object.keys(last.gradientCosine).length > 0;
  return [
    ...warnings.map((text) => ({ kind: "warning" as const, text })),
    ...(probed ? [{ kind: "note" as const, text: COSINES }] : []),
  ];
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
  const classes = targetsOf(chip.circuit);
  const cosines = Object.entries(last.gradientCosine).flatMap(([name, c]) =>
    c === null ? [] : [`${c.toFixed(2)} in ${name}`],
  );
  return [
    isRegression(config)
      ? `It explains ${percent(last.accuracy)} of the variance of what is asked of ${data.test.samples} test samples ` +
        `${after} of local updates from ${String(estimator.name)} nudges; their mean explains 0 %.`
      : `It classifies ${percent(last.accuracy)} of ${data.test.samples} test samples right ${after} of ` +
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

/** Whether numbers are asked for, and not classes. */
const isRegression = ({ data }: ReportParts["run"]["config"]): boolean => data.targets !== undefined;

function headline(
  { run: { config }, about: { data } }: ReportParts,
  epochs: readonly EpochReport[],
): Headline[] {
  const last = epochs[epochs.length - 1];
  const best = epochs.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));
  const cosines = Object.entries(last.gradientCosine);
  const known = cosines.filter((one): one is [string, number] => one[1] !== null);
  const lowest = known.reduce<[string, number] | null>((a, b) => (a === null || b[1] < a[1] ? b : a), null);
  return [
    {
      label: isRegression(config) ? "variance explained" : "test accuracy",
      value: percent(last.accuracy),
      detail:
        best.epoch === last.epoch
          ? isRegression(config)
            ? `of ${data.test.samples} test samples`
            : `${Math.round(last.accuracy * data.test.samples)} of ${data.test.samples} samples`
          : `best: ${percent(best.accuracy)} at epoch ${best.epoch}`,
    },
    {
      label: isRegression(config) ? "of training samples" : "training accuracy",
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
