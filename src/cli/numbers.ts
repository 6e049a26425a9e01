/** Numbers as typed on the command line, alone and in lists, held to their range. */
import { OhmletError } from "../errors";

/** What a number must be. */
export interface Range {
  readonly min?: number;
  /** Exclusive lower bound. */
  readonly above?: number;
  readonly max?: number;
  /**
   * What the number is in: then a text with a unit is taken as well ("10us"), and "%" where it counts
   * percent.
   */
  readonly unit?: "s" | "K" | "%";
}

const WITH_UNIT = { s: "10us", K: "300K", "%": "5%" } as const;

/** Whether a text is a number with something behind it, which may be a unit. */
export const mayHaveUnit = (text: string): boolean =>
  !NUMBER.test(text) && /^[+-]?(\d+(\.\d*)?|\.\d+)/.test(text);

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/**
 * @param range and the word that the option takes besides, for what an error tells to write
 * @throws OhmletError CLI-NUMBER, CLI-RANGE
 */
export function readNumber(
  text: string,
  range: Range & { readonly or?: string },
  integer: boolean,
  where: string,
): number {
  const value = NUMBER.test(text) ? Number(text) : NaN;
  const place = { where };
  const shown = text.length <= 40 ? text : `${text.slice(0, 40)}…`;
  if (!Number.isFinite(value) || (integer && !Number.isSafeInteger(value))) {
    const kind = integer ? "a whole number" : "a number";
    throw new OhmletError({
      code: "CLI-NUMBER",
      fact: `"${shown}" is not ${kind}`,
      place,
      remedy:
        `write ${integer ? "a whole number" : "a plain number"}${rangeText(range)}, such as ` +
        `${example(range, integer)}${range.unit === undefined ? "" : `, or with a unit, such as ${WITH_UNIT[range.unit]}`}${range.or === undefined ? "" : `, or ${range.or}`}`,
    });
  }
  return expectRange(value, shown, range, where);
}

/** @throws OhmletError CLI-RANGE */
export function expectRange(value: number, shown: string, range: Range, where: string): number {
  const { min = -Infinity, above = -Infinity, max = Infinity } = range;
  if (value < min || value <= above || value > max) {
    throw new OhmletError({
      code: "CLI-RANGE",
      fact: `${shown} is out of range`,
      place: { where },
      remedy:
        "give a " +
        `number${rangeText(range)}${range.unit === undefined ? "" : range.unit === "%" ? " in percent" : ` in ${range.unit}`}`,
    });
  }
  return value;
}

/**
 * Each text may itself hold several, separated by commas. @throws OhmletError CLI-NUMBER, CLI-RANGE,
 * CLI-VALUE
 */
export function readNumbers(
  texts: readonly string[],
  spec: Range & { readonly integer?: boolean; readonly least?: number; readonly most?: number },
  where: string,
): number[] {
  const { integer = false, least = 1, most = Infinity } = spec;
  const values = texts
    .flatMap((text) => text.split(","))
    .map((text) => readNumber(text.trim(), spec, integer, where));
  if (values.length < least || values.length > most) {
    const wanted =
      least === most ? `${least}` : most === Infinity ? `at least ${least}` : `${least} to ${most}`;
    throw new OhmletError({
      code: "CLI-VALUE",
      fact: `it takes ${wanted} numbers, not ${values.length}`,
      place: { where },
      remedy: "separate them by spaces or commas",
    });
  }
  return values;
}

/** " from 0 to 1", " above 0", or nothing. */
export function rangeText({ min, above, max }: Range): string {
  if (above !== undefined) return max === undefined ? ` above ${above}` : ` above ${above}, up to ${max}`;
  if (min !== undefined) return max === undefined ? ` of at least ${min}` : ` from ${min} to ${max}`;
  return max === undefined ? "" : ` up to ${max}`;
}

function example({ min, above, max }: Range, integer: boolean): string {
  const low = min ?? (above === undefined ? 0 : above + (integer ? 1 : 0.1));
  return String(max !== undefined && low > max ? max : low === 0 && integer ? 1 : low);
}
