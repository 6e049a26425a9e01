/** An epoch's report, read back from a line of events.jsonl. */
import type { EpochReport } from "../../learning/train";
import type { Warning } from "../../learning/warnings";
import { isCount, isRecord, numberOf } from "./checks";

type Figures = Readonly<Record<string, number | null>>;

/** Null where something is not as it is written. */
export function readEpoch(event: Readonly<Record<string, unknown>>): EpochReport | null {
  const { epoch, aliasing, warnings, stopped, learned, chipSeconds, seconds } = event;
  const [accuracy, cost, trainAccuracy, trainCost] = [event.accuracy, event.cost, event.trainAccuracy, event.trainCost].map(numberOf);
  const [gradientCosine, feedbackAngle] = [figuresOf(event.gradientCosine), figuresOf(event.feedbackAngle)];
  const [residuals, steps] = [numbersOf(event.residuals), numbersOf(event.steps)];
  if (!isCount(epoch) || epoch < 1 || accuracy === null || cost === null || trainAccuracy === null || trainCost === null) return null;
  if (gradientCosine === null || feedbackAngle === null || residuals === null || steps === null || steps.length !== residuals.length) return null;
  if (!isRecord(seconds) || typeof seconds.training !== "number" || typeof seconds.testing !== "number") return null;
  if (isRecord(chipSeconds) && (typeof chipSeconds.training !== "number" || typeof chipSeconds.testing !== "number")) return null;
  if (!Array.isArray(warnings) || !warnings.every(isWarning) || !isRecord(learned)) return null;
  if (stopped !== undefined && stopped !== "patience" && stopped !== "target") return null;
  return {
    epoch, accuracy, cost, trainAccuracy, trainCost, gradientCosine, aliasing: numberOf(aliasing), residuals, steps, feedbackAngle, warnings,
    ...(stopped !== undefined && { stopped }),
    learned: learned.place === "engine" ? { place: "engine" } : { place: "host", reason: typeof learned.reason === "string" ? learned.reason : "" },
    chipSeconds: isRecord(chipSeconds) ? { training: chipSeconds.training as number, testing: chipSeconds.testing as number } : null,
    seconds: { training: seconds.training, testing: seconds.testing },
  };
}

function isWarning(value: unknown): value is Warning {
  return isRecord(value) && typeof value.code === "string" && typeof value.text === "string";
}

function numbersOf(value: unknown): number[] | null {
  if (!Array.isArray(value)) return null;
  const numbers = value.map(numberOf).filter((n) => n !== null);
  return numbers.length === value.length ? numbers : null;
}

function figuresOf(value: unknown): Figures | null {
  if (!isRecord(value)) return null;
  const entries = Object.entries(value).map(([name, figure]) => [name, figure === null ? null : (numberOf(figure) ?? undefined)] as const);
  return entries.some(([, figure]) => figure === undefined) ? null : (Object.fromEntries(entries) as Figures);
}
