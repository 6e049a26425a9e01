/** What a training came to on the chip, as measures of a study: writing, and its time. */
import type { Chip } from "../../circuit/chip-types";
import type { EpochReport } from "../../learning/epoch-report";
import type { Measures } from "../../study";

/** A measure of every array, and that of the array where it is worst. */
function ofArrays(
  name: string,
  each: Readonly<Record<string, number | null>>,
  worst: (...values: number[]) => number,
): Measures {
  const known = Object.values(each).filter((value) => value !== null);
  return {
    [name]: known.length === 0 ? null : worst(...known),
    ...Object.fromEntries(Object.entries(each).map(([array, value]) => [`${name}.${array}`, value])),
  };
}

/**
 * Pulses that a device has seen, mean of an array; the cosine between what was asked for and what was written, and
 * the share of requests that met a device that gives no more, in the last epoch. Null where nothing was programmed so.
 * The seconds of the chip's clock; null where nothing was trained, or time has no unit.
 */
export function trainingMeasures(
  chip: Chip,
  report: EpochReport | undefined,
  wanted: readonly string[],
): Measures {
  const { pulses, writtenCosine, saturated } = report?.programming ?? {
    pulses: {},
    writtenCosine: {},
    saturated: {},
  };
  const seen = Object.fromEntries(
    Object.entries(pulses).map(([name, count]) => {
      const { pre, post } = chip.circuit.projection(name).array;
      return [name, count / ((pre + Number(chip.circuit.projection(name).bias)) * post)];
    }),
  );
  return {
    ...(wanted.includes("pulses") && ofArrays("pulses", seen, Math.max)),
    ...(wanted.includes("writtenCosine") && ofArrays("writtenCosine", writtenCosine, Math.min)),
    ...(wanted.includes("chipSeconds") && { chipSeconds: report?.chipSeconds?.training ?? null }),
    ...(wanted.includes("saturated") && ofArrays("saturated", saturated, Math.max)),
  };
}
