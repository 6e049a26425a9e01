/** An epoch's report, read back from a line of events.jsonl. */
import type { ErrorShares, EstimateError } from "../../learning/estimate-error";
import type { PhaseEnds } from "../../learning/evaluate";
import type { EpochReport } from "../../learning/train";
import type { Warning } from "../../learning/warnings";
import { isCount, isRecord, numberOf } from "./checks";

type Figures = Readonly<Record<string, number | null>>;

/** Null where something is not as it is written. */
export function readEpoch(event: Readonly<Record<string, unknown>>): EpochReport | null {
  const { epoch, aliasing, warnings, stopped, learned, chipSeconds, seconds } = event;
  const [accuracy, cost, trainAccuracy, trainCost] = [
    event.accuracy,
    event.cost,
    event.trainAccuracy,
    event.trainCost,
  ].map(numberOf);
  const [gradientCosine, feedbackAngle] = [figuresOf(event.gradientCosine), figuresOf(event.feedbackAngle)];
  const [ends, estimateError] = [event.ends, event.estimateError].map((found) => found ?? null);
  const [residuals, steps] = [numbersOf(event.residuals), numbersOf(event.steps)];
  if (
    !isCount(epoch) ||
    epoch < 1 ||
    accuracy === null ||
    cost === null ||
    trainAccuracy === null ||
    trainCost === null
  )
    return null;
  if (
    gradientCosine === null ||
    feedbackAngle === null ||
    residuals === null ||
    steps === null ||
    steps.length !== residuals.length
  )
    return null;
  if ((ends !== null && !isEnds(ends)) || (estimateError !== null && !isRecord(estimateError))) return null;
  const error = estimateError === null ? null : errorOf(estimateError);
  if (error === undefined) return null;
  if (!isRecord(seconds) || typeof seconds.training !== "number" || typeof seconds.testing !== "number")
    return null;
  if (
    isRecord(chipSeconds) &&
    (typeof chipSeconds.training !== "number" || typeof chipSeconds.testing !== "number")
  )
    return null;
  if (!Array.isArray(warnings) || !warnings.every(isWarning) || !isRecord(learned)) return null;
  if (stopped !== undefined && stopped !== "patience" && stopped !== "target") return null;
  return {
    epoch,
    accuracy,
    cost,
    ends,
    trainAccuracy,
    trainCost,
    gradientCosine,
    aliasing: numberOf(aliasing),
    estimateError: error,
    residuals,
    steps,
    feedbackAngle,
    warnings,
    ...(stopped !== undefined && { stopped }),
    learned:
      learned.place === "engine"
        ? { place: "engine" }
        : { place: "host", reason: typeof learned.reason === "string" ? learned.reason : "" },
    chipSeconds: isRecord(chipSeconds)
      ? { training: chipSeconds.training as number, testing: chipSeconds.testing as number }
      : null,
    seconds: { training: seconds.training, testing: seconds.testing },
  };
}

function isWarning(value: unknown): value is Warning {
  return isRecord(value) && typeof value.code === "string" && typeof value.text === "string";
}

function isEnds(value: unknown): value is PhaseEnds {
  return (
    isRecord(value) &&
    ["settled", "fixed", "timedOut", "unstable", "diverged"].every((kind) => isCount(value[kind])) &&
    numberOf(value.residual) !== null
  );
}

/** Undefined where something is no share. */
function errorOf(value: Readonly<Record<string, unknown>>): EstimateError | undefined {
  const layers = Object.entries(value).map(
    ([layer, shares]) => [layer, isRecord(shares) ? sharesOf(shares) : null] as const,
  );
  return layers.some(([, shares]) => shares === null)
    ? undefined
    : (Object.fromEntries(layers) as EstimateError);
}

function sharesOf(value: Readonly<Record<string, unknown>>): ErrorShares | null {
  const [settling, noise, nudge] = [value.settling, value.noise, value.nudge].map(numberOf);
  return settling === null || noise === null || nudge === null ? null : { settling, noise, nudge };
}

function numbersOf(value: unknown): number[] | null {
  if (!Array.isArray(value)) return null;
  const numbers = value.map(numberOf).filter((n) => n !== null);
  return numbers.length === value.length ? numbers : null;
}

function figuresOf(value: unknown): Figures | null {
  if (!isRecord(value)) return null;
  const entries = Object.entries(value).map(
    ([name, figure]) => [name, figure === null ? null : (numberOf(figure) ?? undefined)] as const,
  );
  return entries.some(([, figure]) => figure === undefined) ? null : (Object.fromEntries(entries) as Figures);
}
