/** An epoch as a line of curves.csv and as a line for people; a chip's arrays as an archive. */
import type { Chip } from "../../circuit/chip-types";
import { writeNpz } from "../../io/npz";
import type { ErrorShares, EstimateError } from "../../learning/estimate-error";
import { saturationInWords } from "../../learning/saturation";
import type { EpochReport } from "../../learning/train";
import { phasesOf } from "./phases";

/** One line of curves.csv. */
export function curve(r: EpochReport): Record<string, number | null> {
  return {
    epoch: r.epoch,
    test_accuracy: r.accuracy,
    train_accuracy: r.trainAccuracy,
    test_cost: r.cost,
    train_cost: r.trainCost,
    ...prefixed("cosine", r.gradientCosine),
    aliasing: r.aliasing,
    ...(["settling", "noise", "nudge"] as const).reduce(
      (all, cause) => ({ ...all, ...prefixed(`error_${cause}`, shareBy(r.estimateError, cause)) }),
      {},
    ),
    ...Object.fromEntries(
      phasesOf(r.residuals.length).map(({ column, index }) => [`residual_${column}`, r.residuals[index]]),
    ),
    ...Object.fromEntries(
      phasesOf(r.steps.length).map(({ column, index }) => [`steps_${column}`, r.steps[index]]),
    ),
    ...prefixed("feedback_angle", r.feedbackAngle),
    ...prefixed("saturated", r.saturated),
    ...prefixed("pulses", r.programming?.pulses ?? {}),
    ...prefixed("written_cosine", r.programming?.writtenCosine ?? {}),
    ...prefixed("little_written", r.programming?.saturated ?? {}),
    ...prefixed("refreshed", r.programming?.refreshed ?? {}),
    ...prefixed(
      "parameter",
      Object.fromEntries(Object.entries(r.parameters ?? {}).map(([name, { mean }]) => [name, mean])),
    ),
    ...(r.symmetry && {
      jacobian_symmetry: r.symmetry.ratio,
      jacobian_symmetric: r.symmetry.S,
      jacobian_skew: r.symmetry.A,
    }),
    ...(r.forward !== undefined && {
      forward_accuracy: r.forward.accuracy,
      ...prefixed("alignment", r.forward.alignment),
      ...prefixed("missed", r.forward.missed),
    }),
    ...(r.chipSeconds !== null && {
      chip_training_seconds: r.chipSeconds.training,
      chip_testing_seconds: r.chipSeconds.testing,
    }),
    training_seconds: r.seconds.training,
    testing_seconds: r.seconds.testing,
  };
}

const shareBy = (error: EstimateError | null, cause: keyof ErrorShares): Record<string, number> =>
  Object.fromEntries(Object.entries(error ?? {}).map(([layer, shares]) => [layer, shares[cause]]));

const prefixed = (
  prefix: string,
  values: Readonly<Record<string, number | null>>,
): Record<string, number | null> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}_${name}`, value]));

export function weightsOf(chip: Chip): Uint8Array {
  return writeNpz(
    Object.entries(chip.arrays()).map(
      ([name, { shape, values }]) => [name, { shape, data: values }] as const,
    ),
  );
}

/** Of a test, only what went wrong. */
function trouble({ ends }: EpochReport): string {
  if (ends === null) return "";
  return [
    [ends.diverged, "ran away"],
    [ends.timedOut + ends.unstable, "did not settle"],
  ]
    .flatMap(([samples, what]) => (samples === 0 ? [] : [`  ${samples} ${what}`]))
    .join("");
}

export function line(report: EpochReport, epochs: number): string {
  const { epoch, accuracy, trainAccuracy, trainCost, gradientCosine, forward, seconds } = report;
  const cosines = Object.entries(gradientCosine)
    .map(([name, c]) => `${name} ${c === null ? "none" : c.toFixed(2)}`)
    .join(", ");
  const saturated = saturationInWords(report.saturated);
  const symmetry = report.symmetry ? `symmetry ${report.symmetry.ratio.toFixed(3)}  ` : "";
  return (
    `epoch ${epoch}/${epochs}  test ${(100 * accuracy).toFixed(1)} %${trouble(report)}  ` +
    (forward === undefined ? "" : `forward net ${(100 * forward.accuracy).toFixed(1)} %  `) +
    `train ` +
    `${(100 * trainAccuracy).toFixed(1)} %  cost ` +
    `${trainCost.toFixed(4)}${cosines ? `  cosine to the true error: ${cosines}` : ""}  ` +
    `${saturated ? `saturated: ${saturated}  ` : ""}${symmetry}` +
    `${(seconds.training + seconds.testing).toFixed(1)} s`
  );
}
