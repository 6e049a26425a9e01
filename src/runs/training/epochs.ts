/** An epoch's report, read back from a line of events.jsonl. */
import type { ErrorShares, EstimateError } from "../../learning/estimate-error";
import type { PhaseEnds } from "../../learning/evaluate";
import type { ForwardReport } from "../../learning/initialized";
import type { EpochReport } from "../../learning/train";
import type { ParameterFigures } from "../../learning/trained-parameters";
import type { Warning } from "../../learning/warnings";
import { isCount, isRecord, numberOf } from "./checks";

type Figures = Readonly<Record<string, number | null>>;

/** Null where something is not as it is written. */
export function readEpoch(event: Readonly<Record<string, unknown>>): EpochReport | null {
  const numbers = numbersIn(event);
  const layers = layersIn(event);
  const phases = phasesIn(event);
  const tests = testsIn(event);
  const times = timesIn(event);
  const rest = restIn(event);
  const programmed = programmingIn(event);
  const trained = parametersIn(event);
  if (
    numbers === null ||
    layers === null ||
    phases === null ||
    tests === null ||
    times === null ||
    programmed === null ||
    trained === null ||
    rest === null
  )
    return null;
  const { epoch, accuracy, cost, trainAccuracy, trainCost } = numbers;
  const { ends, estimateError } = tests;
  const { gradientCosine, feedbackAngle, saturated } = layers;
  const { residuals, steps } = phases;
  // In the order in which it was written: a run that is resumed writes it again.
  return {
    epoch,
    accuracy,
    cost,
    ends,
    trainAccuracy,
    trainCost,
    gradientCosine,
    aliasing: numberOf(event.aliasing),
    estimateError,
    residuals,
    steps,
    feedbackAngle,
    saturated,
    ...("symmetry" in tests && { symmetry: tests.symmetry }),
    ...programmed,
    ...trained,
    ...rest,
    ...times,
  };
}

type Part<K extends keyof EpochReport> = Pick<EpochReport, K> | null;
type Event = Readonly<Record<string, unknown>>;

function numbersIn(event: Event): Part<"epoch" | "accuracy" | "cost" | "trainAccuracy" | "trainCost"> {
  const { epoch } = event;
  const [accuracy, cost] = [numberOf(event.accuracy), numberOf(event.cost)];
  const [trainAccuracy, trainCost] = [numberOf(event.trainAccuracy), numberOf(event.trainCost)];
  if (!isCount(epoch) || epoch < 1) return null;
  if (accuracy === null || cost === null || trainAccuracy === null || trainCost === null) return null;
  return { epoch, accuracy, cost, trainAccuracy, trainCost };
}

function layersIn(event: Event): Part<"gradientCosine" | "feedbackAngle" | "saturated"> {
  const [gradientCosine, feedbackAngle] = [figuresOf(event.gradientCosine), figuresOf(event.feedbackAngle)];
  // Runs of before do not tell.
  const saturated = figuresOf(event.saturated ?? {});
  return gradientCosine === null || feedbackAngle === null || !areNumbers(saturated)
    ? null
    : { gradientCosine, feedbackAngle, saturated };
}

/** What programming came to, by projection. */
function programmingIn({ programming }: Event): Part<"programming"> {
  if (programming === undefined) return {};
  if (!isRecord(programming)) return null;
  const [pulses, writtenCosine, saturated] = [
    figuresOf(programming.pulses),
    figuresOf(programming.writtenCosine),
    figuresOf(programming.saturated),
  ];
  const refreshed = programming.refreshed === undefined ? {} : figuresOf(programming.refreshed);
  return writtenCosine === null || !areNumbers(pulses) || !areNumbers(saturated) || !areNumbers(refreshed)
    ? null
    : {
        programming: {
          pulses,
          writtenCosine,
          saturated,
          ...(programming.refreshed !== undefined && { refreshed }),
        },
      };
}

/** What parameters have become, by population and name. */
function parametersIn({ parameters }: Event): Part<"parameters"> {
  if (parameters === undefined) return {};
  if (!isRecord(parameters)) return null;
  const read: Record<string, ParameterFigures> = {};
  for (const [name, figures] of Object.entries(parameters)) {
    if (!isRecord(figures)) return null;
    const [least, mean, most] = [figures.least, figures.mean, figures.most].map(numberOf);
    if (least === null || mean === null || most === null) return null;
    read[name] = { least, mean, most };
  }
  return { parameters: read };
}

const areNumbers = (figures: Figures | null): figures is Readonly<Record<string, number>> =>
  figures !== null && Object.values(figures).every((share) => share !== null);

/** A residual and a number of steps for each phase. */
function phasesIn(event: Event): Part<"residuals" | "steps"> {
  const [residuals, steps] = [numbersOf(event.residuals), numbersOf(event.steps)];
  if (residuals === null || steps === null || steps.length !== residuals.length) return null;
  return { residuals, steps };
}

/** What may be missing, and is null then. */
function testsIn(event: Event): Part<"ends" | "estimateError" | "symmetry"> {
  const [ends, found] = [event.ends ?? null, event.estimateError ?? null];
  if (ends !== null && !isEnds(ends)) return null;
  if (found !== null && !isRecord(found)) return null;
  const estimateError = found === null ? null : errorOf(found);
  if (estimateError === undefined) return null;
  if (event.symmetry === undefined) return { ends, estimateError };
  return isSymmetry(event.symmetry) ? { ends, estimateError, symmetry: event.symmetry } : null;
}

function timesIn({ seconds, chipSeconds }: Event): Part<"seconds" | "chipSeconds"> {
  const wall = secondsOf(seconds);
  if (wall === null) return null;
  if (!isRecord(chipSeconds)) return { chipSeconds: null, seconds: wall };
  const chip = secondsOf(chipSeconds);
  return chip === null ? null : { chipSeconds: chip, seconds: wall };
}

function secondsOf(value: unknown): EpochReport["seconds"] | null {
  if (!isRecord(value)) return null;
  const { training, testing } = value;
  return typeof training === "number" && typeof testing === "number" ? { training, testing } : null;
}

function restIn(event: Event): Part<"forward" | "warnings" | "learned" | "stopped" | "crossings"> {
  const { warnings, learned, stopped, crossings } = event;
  const forward = event.forward === undefined ? undefined : forwardOf(event.forward);
  if (forward === null) return null;
  if (!Array.isArray(warnings) || !warnings.every(isWarning) || !isRecord(learned)) return null;
  if (stopped !== undefined && stopped !== "patience" && stopped !== "target") return null;
  const reason = typeof learned.reason === "string" ? learned.reason : undefined;
  const crossed = crossings === undefined ? undefined : figuresOf(crossings);
  if (crossed === null) return null;
  return {
    ...(forward !== undefined && { forward }),
    warnings,
    ...(stopped !== undefined && { stopped }),
    learned:
      learned.place === "engine"
        ? { place: "engine", ...(reason !== undefined && { reason }) }
        : { place: "host", reason: reason ?? "" },
    ...(crossed !== undefined && {
      crossings: {
        callsPerBatch: crossed.callsPerBatch ?? 0,
        bytesUp: crossed.bytesUp ?? 0,
        bytesDown: crossed.bytesDown ?? 0,
      },
    }),
  };
}

function forwardOf(value: unknown): ForwardReport | null {
  if (!isRecord(value)) return null;
  const accuracy = numberOf(value.accuracy);
  const [alignment, missed] = [figuresOf(value.alignment), figuresOf(value.missed)];
  return accuracy === null || alignment === null || !areNumbers(missed)
    ? null
    : { accuracy, alignment, missed };
}

function isWarning(value: unknown): value is Warning {
  return isRecord(value) && typeof value.code === "string" && typeof value.text === "string";
}

function isSymmetry(value: unknown): value is EpochReport["symmetry"] {
  return (
    value === null ||
    (isRecord(value) &&
      (value.of === "drive" || value.of === "state" || value.of === "activity") &&
      [value.S, value.A, value.ratio].every((figure) => numberOf(figure) !== null))
  );
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
  // Runs of before do not tell.
  const reach = numberOf(value.reach ?? 0);
  return settling === null || noise === null || nudge === null || reach === null
    ? null
    : { settling, noise, nudge, reach };
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
