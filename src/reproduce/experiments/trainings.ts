/** What experiments that train have in common: errors in percent by epoch, and their figure. */
import type { Figure } from "../../plot/report-types";
import type { RunConfig } from "../../config";
import type { Finding, Found, Part, Quantity, Trained } from "../experiment";

/** How much of a training is run; what is left out is all of it. */
export interface TrainingSize {
  readonly train?: number;
  readonly test?: number;
  readonly epochs?: number;
}

/** Errors in percent after the last epoch, the best of them, and by epoch; what warnings and phases tell. */
export function errorCurves({ run: { epochs, about }, unsettled }: Trained): Finding {
  const error = epochs.map(({ accuracy }) => 100 * (1 - accuracy));
  const trainError = epochs.map(({ trainAccuracy }) => 100 * (1 - trainAccuracy));
  const last = epochs[epochs.length - 1];
  const aliasing = epochs.map((epoch) => epoch.aliasing).filter((one) => one !== null);
  const angles = Object.fromEntries(
    Object.keys(last.feedbackAngle).map((name) => [
      `angle ${name}`,
      epochs.map(({ feedbackAngle }) => feedbackAngle[name]),
    ]),
  );
  const cosines = Object.fromEntries(
    Object.keys(last.gradientCosine).map((name) => [
      `cosine ${name}`,
      epochs.map(({ gradientCosine }) => gradientCosine[name]),
    ]),
  );
  const symmetry = epochs.map((epoch) => epoch.symmetry?.ratio ?? null);
  const forward = epochs.map((epoch) => (epoch.forward ? 100 * (1 - epoch.forward.accuracy) : null));
  const alignments = Object.fromEntries(
    Object.keys(last.forward?.alignment ?? {}).map((name) => [
      `alignment ${name}`,
      epochs.map((epoch) => epoch.forward?.alignment[name] ?? null),
    ]),
  );
  return {
    values: {
      ...(last.symmetry && {
        symmetry: last.symmetry.ratio,
        skew: last.symmetry.A,
        first_symmetry: epochs[0].symmetry?.ratio ?? last.symmetry.ratio,
      }),
      ...(last.forward && { forward_error: 100 * (1 - last.forward.accuracy) }),
      error: error[error.length - 1],
      best: Math.min(...error),
      train_error: trainError[trainError.length - 1],
      cost: last.trainCost,
      first_cost: epochs[0].trainCost,
      epochs: epochs.length,
    },
    curves: {
      error,
      train_error: trainError,
      train_cost: epochs.map(({ trainCost }) => trainCost),
      ...angles,
      ...cosines,
      ...(last.symmetry && { symmetry }),
      ...(last.forward && { forward_error: forward }),
      ...alignments,
    },
    engine: about.engine.name,
    ...(unsettled !== null && { unsettled }),
    ...(aliasing.length > 0 && { aliasing: Math.max(...aliasing) }),
    cautions: last.warnings.map(({ code, text }) => `${code}  ${text}`),
  };
}

/** One training of an experiment that consists of some. */
export interface Cell {
  readonly name: string;
  readonly config: RunConfig;
  /** How long it takes beside the others. Default 1. */
  readonly weight?: number;
}

/** A part for each training. */
export const trainingParts = (cells: readonly Cell[]): readonly Part[] =>
  cells.map(({ name, config, weight = 1 }) => ({
    name,
    weight,
    run: async (bench) => errorCurves(await bench.train(name, config)),
  }));

/** Data of a training of some size. */
export const sized = ({ train, test }: TrainingSize): RunConfig["data"] => ({
  kind: "folder",
  ...(train !== undefined && { train }),
  ...(test !== undefined && { test }),
});

/** What guessing comes to, of ten classes, %. */
export const GUESSING = 90;

/** The error of a training, which the paper prints or shows as an image. */
export const errorOf = (
  name: string,
  paper: number | null,
  source: string,
  rule: Quantity["rule"],
  unit = "%",
): Quantity => ({
  name: `${name}: test error`,
  unit,
  paper,
  source,
  from: [name],
  of: ({ values }) => values.error,
  rule,
});

/** By how much a figure of one training is larger than that of another. */
export const gain = (
  what: string,
  [more, less]: readonly [string, string],
  key: (finding: Finding) => number | null | undefined,
  of: Pick<Quantity, "source" | "rule"> & Partial<Quantity>,
): Quantity => ({
  paper: null,
  ...of,
  name: `${what}: ${more} less ${less}`,
  from: [more, less],
  of: (a, b) => {
    const [x, y] = [key(a), key(b)];
    return typeof x === "number" && typeof y === "number" ? x - y : null;
  },
});

/** The last point of a curve. */
export const lastOf = ({ curves }: Finding, name: string): number | null => curves?.[name]?.at(-1) ?? null;

/** The first seed's finding; null where it failed or has not been run. */
export const foundIn = (found: Found, part: string): Finding | null => found(part)[0] ?? null;

/** Curves over the epochs. */
export function epochFigure(
  title: string,
  caption: string,
  yLabel: string,
  series: readonly { readonly name: string; readonly y: readonly (number | null)[] }[],
): Figure {
  return {
    kind: "curves",
    title,
    caption,
    xLabel: "epoch",
    yLabel,
    series: series.map(({ name, y }) => ({ name, x: y.map((_, k) => k + 1), y })),
  };
}

/** Errors in training and test by epoch, of several trainings. */
export const learningFigure = (
  title: string,
  trainings: readonly { readonly name: string; readonly finding: Finding | null }[],
): Figure =>
  epochFigure(
    title,
    "Errors by epoch, of the test and, before each update, of the training set.",
    "error, %",
    trainings.flatMap(({ name, finding }) => [
      { name: `${name}, test`, y: finding?.curves?.error ?? [] },
      { name: `${name}, training`, y: finding?.curves?.train_error ?? [] },
    ]),
  );
