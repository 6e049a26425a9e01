/**
 * What the values of a set reach to, and what is divided by so that they suit a chip: 1, 16 (optical digits)
 * or 255, found in the training data and used for both. Values with a sign (standardised ones) stay as they
 * are.
 */
import type { DataWarning } from "./refuse";
import { refuse } from "./refuse";

export interface Range {
  readonly least: number;
  readonly largest: number;
  /** Whether all are whole numbers. */
  readonly whole: boolean;
}

/** Values as they are stored. */
export type Stored = Uint8Array | Float32Array;

/** What may mean 1, the smallest first. */
const SCALES = [1, 16, 255];
/** Largest value that is taken as it stands where some are negative: beyond it, nobody standardised them. */
const MOST_STANDARDISED = 16;

export function rangeOf(values: ArrayLike<number>): Range {
  let least = Infinity;
  let largest = -Infinity;
  let whole = true;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < least) least = value;
    if (value > largest) largest = value;
    if (whole && Math.floor(value) !== value) whole = false;
  }
  return { least, largest, whole };
}

/** What the values of a range are divided by; null where that has to be said. */
export function scaleOf({ least, largest }: Range): number | null {
  if (least < 0) return Math.max(-least, largest) <= MOST_STANDARDISED ? 1 : null;
  return SCALES.find((scale) => largest <= scale) ?? null;
}

export interface Scaling {
  readonly scale: number;
  readonly note: string;
  readonly warnings: readonly DataWarning[];
}

/**
 * @param given by the user: then nothing is asked
 * @throws OhmletError DATA-RANGE where no scale suits the training values, or the test values disagree with
 *   it
 */
export function scaling(
  train: Range,
  test: Range,
  where: { readonly train: string; readonly test: string },
  given?: number,
): Scaling {
  const words = `values ${spanOf(train)}`;
  if (given !== undefined) {
    if (!(given > 0 && Number.isFinite(given)))
      refuse(
        where.train,
        "DATA-RANGE",
        `a scale of ${given} divides nothing`,
        "give a number above 0:  --scale 255",
      );
    return { scale: given, note: `${words}, divided by ${given} as asked`, warnings: [] };
  }
  const scale = scaleOf(train);
  if (scale === null)
    return refuse(
      where.train,
      "DATA-RANGE",
      `the values reach from ${told(train.least)} to ${told(train.largest)}`,
      `say what means 1:  --scale ${suggested(train)}  (in a config, scale: ${suggested(train)} under data)`,
    );
  const beyond =
    train.least >= 0
      ? test.largest > scale || test.least < 0
      : Math.max(-test.least, test.largest) > MOST_STANDARDISED;
  const shrunk = scale > 1 && test.largest <= 1 && !test.whole && test.least >= 0;
  if (beyond || shrunk) {
    refuse(
      where.test,
      "DATA-RANGE",
      `the test values are ${spanOf(test)}, the training values ${spanOf(train)}: they were not scaled alike`,
      "scale one of the two like the other; if they are alike, say what means 1 in both:  --scale " +
        `${suggested({ least: Math.min(train.least, test.least), largest: Math.max(train.largest, test.largest) })}`,
    );
  }
  const faint = test.largest > 0 && (scaleOf(test) ?? scale) < scale;
  return {
    scale,
    note: `${words}, ${scale === 1 ? "as they are" : `divided by ${scale}`}`,
    warnings: faint
      ? [
          {
            code: "DATA-SCALE",
            text:
              `the test values are ${spanOf(test)}, the training values ${spanOf(train)}: were both ` +
              "scaled alike?",
          },
        ]
      : [],
  };
}

export const spanOf = ({ least, largest }: Range): string => `${told(least)}…${told(largest)}`;

const told = (value: number): string => String(Number(value.toPrecision(4)));

/** What means 1, most likely. */
function suggested({ least, largest }: Pick<Range, "least" | "largest">): number {
  const most = Math.max(Math.abs(least), Math.abs(largest));
  return [1, 16, 128, 255, 1023, 4095, 65535].find((scale) => most <= scale) ?? Number(most.toPrecision(3));
}
