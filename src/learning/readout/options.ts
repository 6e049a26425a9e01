/** How a controller reads a chip: through which device, and what it does about that device's faults. */
import { readReadout } from "../../device/readout";
import type { ReadoutDevice, ReadoutLike } from "../../device/types";
import { OhmletError } from "../../errors";
import { check, optionsOf } from "../../options";
import { describeDimension, isDimensionless } from "../../units/dimension";
import { parseIn, parseQuantity } from "../../units/parse";
import type { Dimension } from "../../units/quantity";
import { A_DAY } from "../clock";

const SECOND: Dimension = [0, 0, 1, 0, 0];

/** A second chip of the same design, on which the nudged phases run. */
export interface TwinOptions {
  /** Standard deviation of each of its weights from the chip's, relative: "1 %". Default 0. */
  readonly mismatch?: number | string;
}

/** How long what a phase needs beside itself takes: "1 us", or seconds. Each 0 unless said. */
export interface ReadTimes {
  /** To set the inputs of a sample. */
  readonly load?: number | string;
  /** To take in what is held, after each phase. */
  readonly sample?: number | string;
  /** To read a phase. */
  readonly read?: number | string;
}

/** How a chip is read. */
export interface ReadoutOptions {
  /** What stands between the chip and the controller, and what multiplies. Default: nothing, ideally. */
  readonly device?: ReadoutLike;
  /** What the inputs of a sample pass through before they are set, once for all of its phases. Default: nothing. */
  readonly drive?: ReadoutLike;
  /**
   * Turns the sign of one factor of every product, and of the product, in every other batch or sample: what a
   * multiplier adds cancels on average. With a twin the two chips change places in every other batch instead.
   * Default "none".
   */
  readonly chop?: "none" | "sample" | "batch";
  /** Reads of 0 before each batch, whose mean is subtracted from its reads. Default 0: none. */
  readonly zero?: number;
  /** Runs nudged phases on a second chip beside the first: nothing is held. Default: one chip does both. */
  readonly twin?: TwinOptions;
  readonly times?: ReadTimes;
}

/** The same, complete; times in seconds. */
export interface ReadoutSettings {
  readonly device: ReadoutDevice | null;
  readonly drive: ReadoutDevice | null;
  readonly chop: "none" | "sample" | "batch";
  readonly zero: number;
  /** Null for none; relative standard deviation. */
  readonly twin: number | null;
  readonly times: Readonly<Record<keyof ReadTimes, number>>;
}

const readTwin = optionsOf<TwinOptions>("readout, twin", { takes: { mismatch: check.quantity } });
const readTimes = optionsOf<ReadTimes>("readout, times", {
  takes: { load: check.quantity, sample: check.quantity, read: check.quantity },
});
const readOptions = optionsOf<ReadoutOptions>("readout", {
  takes: {
    device: check.anything,
    drive: check.anything,
    chop: check.oneOf("none", "sample", "batch"),
    zero: check.whole(),
    twin: check.part(readTwin),
    times: check.part(readTimes),
  },
});

/** A relative spread could turn a sign beyond this. */
const MOST_MISMATCH = 0.25;

/** What is asked of a readout and cannot be. */
export const readoutFault = (fact: string, remedy: string, where = "readout"): OhmletError =>
  new OhmletError({ code: "LEARN-READOUT", fact, place: { where }, remedy });

/** @throws OhmletError OPTION-…, LEARN-READOUT, UNIT-…, and those of the device */
export function readoutOf(given: ReadoutOptions): ReadoutSettings {
  const { device, drive, chop = "none", zero = 0, twin, times = {} } = readOptions(given);
  const read = device === undefined ? null : readReadout(device);
  const driven = drive === undefined ? null : readReadout(drive);
  if (driven !== null && (driven.dimensions.x === null || isDimensionless(driven.dimensions.x)) !== true)
    throw readoutFault(
      `inputs are numbers, and "${driven.name}" reads in ${describeDimension(driven.dimensions.x as Dimension)}`,
      "give it no unit",
      "readout, drive",
    );
  if (
    driven !== null &&
    (driven.read === null || driven.product !== null || Object.keys(driven.stored).length > 0)
  )
    throw readoutFault(
      `inputs are set by what "${driven.name}" reads; it ${driven.read === null ? "reads nothing" : "holds or multiplies, too"}`,
      "give a drive gain, offset, noise, bits and clip alone",
      "readout, drive",
    );
  const mismatch = parseQuantity(twin?.mismatch ?? 0, "readout, twin.mismatch");
  if (!isDimensionless(mismatch.dimension) || !(mismatch.value >= 0 && mismatch.value < MOST_MISMATCH))
    throw readoutFault(
      "the mismatch of twins is a share, of 0 to 25 %",
      'write "1 %" or 0.01',
      "readout, twin.mismatch",
    );
  if (zero > 0 && (read === null || read.read === null))
    throw readoutFault("reads are ideal, and give 0 at 0", "leave zero out, or give a device that reads");
  if (chop !== "none" && twin === undefined && (read === null || read.product === null))
    throw readoutFault(
      "there is neither a multiplier nor a twin to chop",
      "leave chop out, or give a multiplier:  multiplier: { b: 0.001 }",
    );
  if (chop === "sample" && twin !== undefined)
    throw readoutFault("twins change places from batch to batch", "write  chop: batch");
  const seconds = (key: keyof ReadTimes): number => {
    const value = parseIn(times[key] ?? 0, SECOND, `readout, times.${key}`);
    if (value >= 0 && value <= A_DAY) return value;
    throw readoutFault(`a ${key} cannot take ${value} s`, 'give a time of 0 s to a day, such as "1 us"');
  };
  return {
    device: read,
    drive: driven,
    chop,
    zero,
    twin: twin === undefined ? null : mismatch.value,
    times: { load: seconds("load"), sample: seconds("sample"), read: seconds("read") },
  };
}
