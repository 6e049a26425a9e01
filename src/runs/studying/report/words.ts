/** Knobs, measures and points in words. */
import { formatValue } from "../../../plot/format";
import type { Comparison, KnobValue, PointSummary, Share, Spread, Study, Values } from "../../../study";

interface Measure {
  /** With its unit, for an axis. */
  readonly label: string;
  readonly caption: string;
  readonly small?: boolean;
  readonly percent?: boolean;
}

const MEASURES: Readonly<Record<string, Measure>> = {
  accuracy: { label: "test accuracy", caption: "Share of test samples classified right.", percent: true },
  loss: { label: "mean test cost", caption: "Mean cost of a test sample in the free phase.", small: true },
  cosine: {
    label: "cosine",
    caption: "Between the estimate and the true error vector: 1 is perfect, 0 is no better than chance.",
  },
  errorAngle: {
    label: "angle to the true error, degrees",
    caption: "Between the estimate and the true error vector: 0 is its direction, 90 says nothing.",
    small: true,
  },
  settleSteps: {
    label: "steps to settle",
    caption: "Time steps until no state moves any more; chips that do not settle are left out.",
    small: true,
  },
  residual: {
    label: "residual",
    caption: "Rate of change left at the end of the free phase, as a share of the state a time constant.",
    small: true,
  },
  diverged: {
    label: "samples that ran away",
    caption: "Share of test samples whose states left every bound; they count as wrong.",
    small: true,
    percent: true,
  },
  unsettled: {
    label: "samples that did not settle",
    caption:
      "Share of test samples whose free phase ran out of steps, or settled where the circuit would not stay.",
    small: true,
    percent: true,
  },
  estimateError: {
    label: "error of the estimate",
    caption:
      "How far an estimate may be off in its worst layer, as a share of itself: not settled, noisy, " +
      "or nudged too far.",
    small: true,
  },
  aliasing: {
    label: "aliasing",
    caption: "Bias of the nudge, as far as fewer of its points tell, as a share of the estimate.",
    small: true,
  },
  good: {
    label: "good parameters",
    caption:
      "Share of samples that settle and whose update descends the cost (Scellier et al. 2018, section 5).",
  },
  costRises: {
    label: "nudges that raise the cost",
    caption: "Share of samples that settle at which a small nudge down the cost raises it.",
  },
  pulses: {
    label: "pulses a device",
    caption: "Pulses that a device has seen in training, mean of the array where it is most.",
  },
  writtenCosine: {
    label: "cosine of what is written",
    caption:
      "Between what was asked for and what was written, in the last epoch, of the array where it is least.",
  },
  saturated: {
    label: "requests that write little",
    caption:
      "Share of requests of which less than a tenth was written, in the last epoch, of the array where it is most.",
  },
  energy: {
    label: "energy a sample, J",
    caption: "What a training sample takes of the chip, its share of the writes of its batch included.",
    small: true,
  },
  latency: {
    label: "seconds a sample",
    caption: "All phases, reads and writes of a training sample.",
    small: true,
  },
  chipSeconds: {
    label: "seconds of the chip",
    caption: "What the training took of the chip's own time: phases, reads and the writes that there were.",
    small: true,
  },
  area: {
    label: "area, square metres",
    caption: "Of what differs from device to device, by its mismatch (Pelgrom).",
    small: true,
  },
  taught: {
    label: "accuracy of the teacher",
    caption: "Test accuracy of the chip whose values the others hold.",
    percent: true,
  },
  copy: {
    label: "accuracy of the digital copy",
    caption: "Test accuracy of the feedforward net that the teacher has taught.",
    percent: true,
  },
  updateSnr: {
    label: "signal over noise of an update",
    caption:
      "Of 8 estimates of one batch: the mean update over its standard deviation, root mean squares over the synapses.",
  },
};

/** "cosine.l1" is a part of "cosine". */
export const familyOf = (measure: string): string => measure.split(".")[0];

/** @returns the words of a measure, or its own name */
export function wordsOf(measure: string): Measure {
  const family = familyOf(measure);
  if (!Object.hasOwn(MEASURES, family)) return { label: measure, caption: "" };
  const words = MEASURES[family];
  return family === measure
    ? words
    : { ...words, label: `${words.label}, ${measure.slice(family.length + 1)}` };
}

/** Between a number and what belongs to it: no line is broken there. */
const GLUE = "\u00a0";

export const percent = (share: number): string => `${(100 * share).toFixed(1).replace(/\.0$/, "")}${GLUE}%`;

export const valueText = (measure: string, value: number): string =>
  wordsOf(measure).percent ? percent(value) : formatValue(Number(value.toPrecision(4)));

/** Mean and standard deviation, in one unit. */
export function spreadText(measure: string, { mean, deviation, chips }: Spread): string {
  if (chips < 2) return valueText(measure, mean);
  if (wordsOf(measure).percent)
    return `${(100 * mean).toFixed(1)}${GLUE}±${GLUE}${(100 * deviation).toFixed(1)}${GLUE}%`;
  // As many decimals as the deviation has with two digits.
  const decimals = deviation > 0 ? Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(deviation)))) : 4;
  const plain = Math.abs(mean) < 1e5 && (mean === 0 || Math.abs(mean) >= 1e-3);
  return plain
    ? `${formatValue(Number(mean.toFixed(decimals)))}${GLUE}±${GLUE}${formatValue(Number(deviation.toPrecision(2)))}`
    : `${formatValue(Number(mean.toPrecision(3)))}${GLUE}±${GLUE}${formatValue(Number(deviation.toPrecision(2)))}`;
}

/** "87.5 %, 53 to 98 %". */
export const shareText = ({ passed, of, share, low, high }: Share): string =>
  `${passed} of ${of}, ${percent(share)} (${(100 * low).toFixed(0)} to ${(100 * high).toFixed(0)}${GLUE}%)`;

const SIGNS = { ">=": "≥", "<=": "≤", ">": ">", "<": "<" } as const;

/** "accuracy ≥ 80 %". */
export const wantedText = (spec: readonly Comparison[]): string =>
  spec
    .map(({ measure, sign, bound }) => `${measure} ${SIGNS[sign]} ${valueText(measure, bound)}`)
    .join(" and ");

/**
 * Names of knobs, as short as they can be told apart: "circuit.angle" is "angle" where no other knob ends on
 * that.
 */
export function knobNames({ axes }: Pick<Study, "axes">): (knob: string) => string {
  const names = new Map(
    axes.map(({ knob }) => {
      const parts = knob.split(".");
      const tails = parts.map((_, k) => parts.slice(k).join(".")).reverse();
      const free = tails.find(
        (tail) =>
          !/^\d+$/.test(tail) &&
          axes.every((other) => other.knob === knob || !`.${other.knob}`.endsWith(`.${tail}`)),
      );
      return [knob, free ?? knob];
    }),
  );
  return (knob) => names.get(knob) ?? knob;
}

/** The value of a knob; numbers that were computed are shortened. */
export const settingText = (value: KnobValue): string =>
  typeof value === "number" && !Number.isInteger(value)
    ? formatValue(Number(value.toPrecision(3)))
    : String(value);

export function pointText(values: Values, knob: (name: string) => string): string {
  const settings = Object.entries(values).map(([name, value]) => `${knob(name)} ${settingText(value)}`);
  return settings.length === 0 ? "the run as it is" : settings.join(", ");
}

export const failedOf = ({ faults }: PointSummary): number =>
  Object.values(faults).reduce((sum, n) => sum + n, 0);
