/** What experiments that train have in common: errors in percent by epoch, and their figure. */
import type { Figure } from "../../plot/report-types";
import type { Finding, Found, Trained } from "../experiment";

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
  return {
    values: {
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
    },
    engine: about.engine.name,
    ...(unsettled !== null && { unsettled }),
    ...(aliasing.length > 0 && { aliasing: Math.max(...aliasing) }),
    cautions: last.warnings.map(({ code, text }) => `${code}  ${text}`),
  };
}

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
