/** A readout of numbers: gain, offset, noise, bits and clip, a hold that droops, and the multiplier of the update. */
import { check, optionsOf, type ParameterSpec, type ReadoutSpec } from "../../src/index";
import { siUnit } from "../si-unit";

/** What a hold adds and loses. */
export interface HoldOptions {
  /** What it loses in a second, in the unit of what is read: "0.5 V/s". */
  readonly droop?: ParameterSpec;
  /** Time constant with which it loses what it holds: "10 ms". */
  readonly tau?: ParameterSpec;
  /** Standard deviation of what a sample adds, such as sqrt(kT/C). */
  readonly noise?: ParameterSpec;
}

/** An offset that wanders: it lasts from read to read, on the chip's clock. */
export interface LastingOptions {
  /** Standard deviation, over times much longer than `tau`. */
  readonly sd: ParameterSpec;
  /** For how long it lasts: its correlation falls by e^(-T/tau). */
  readonly tau: ParameterSpec;
}

/** Flicker noise, whose density is S_1Hz/f between two frequencies; it lasts from read to read. */
export interface ReadFlickerOptions {
  /** One-sided density at 1 Hz: "1e-10 V^2/Hz". */
  readonly S_1Hz: ParameterSpec;
  /** Lowest and highest corner: "1 Hz", "1 MHz"; the same for all readers. */
  readonly f_low: number | string;
  readonly f_high: number | string;
}

/** What a multiplier makes of the ends of a synapse beside their product. */
export interface MultiplierOptions {
  /** Error of its gain. */
  readonly eps?: ParameterSpec;
  /** What it adds to each product. */
  readonly b?: ParameterSpec;
  /** Standard deviation of what it adds from product to product. */
  readonly noise?: ParameterSpec;
}

/** Whatever is left out is ideal. Numbers without a unit are in `unit`. */
export interface ReadoutDeviceOptions {
  readonly name?: string;
  /** Unit of what is read. Default "1": activities. */
  readonly unit?: string;
  readonly gain?: ParameterSpec;
  readonly offset?: ParameterSpec;
  /** Standard deviation from read to read. */
  readonly noise?: ParameterSpec;
  readonly lasting?: LastingOptions;
  readonly flicker?: ReadFlickerOptions;
  /** Of a converter: 2^bits codes, evenly from the lower end of `clip` on. Default: none. */
  readonly bits?: number;
  /** What can be read: from -clip to clip, or [lower, upper]. Default: anything; with `bits` 1 of its unit. */
  readonly clip?: number | string | readonly (number | string)[];
  /** Samples each phase as it ends, and holds it until the last has ended. Default: reads at once. */
  readonly hold?: HoldOptions;
  readonly multiplier?: MultiplierOptions;
}

/** More than any converter has; beyond 50 a step is lost in rounding. */
const MOST_BITS = 24;

const readHold = optionsOf<HoldOptions>("readout, hold", {
  takes: { droop: check.anything, tau: check.anything, noise: check.anything },
});
const readMultiplier = optionsOf<MultiplierOptions>("readout, multiplier", {
  takes: { eps: check.anything, b: check.anything, noise: check.anything },
});
const readLasting = optionsOf<LastingOptions>("readout, lasting", {
  needs: { sd: check.anything, tau: check.anything },
});
const readFlicker = optionsOf<ReadFlickerOptions>("readout, flicker", {
  needs: { S_1Hz: check.anything, f_low: check.quantity, f_high: check.quantity },
});
const readOptions = optionsOf<ReadoutDeviceOptions>("readout", {
  takes: {
    name: check.text,
    unit: check.text,
    gain: check.anything,
    offset: check.anything,
    noise: check.anything,
    lasting: check.part(readLasting),
    flicker: check.part(readFlicker),
    bits: check.whole(1, MOST_BITS),
    clip: check.anything,
    hold: check.part(readHold),
    multiplier: check.part(readMultiplier),
  },
});

/**
 * A readout of numbers; its text has a line for what is given.
 * @throws OhmletError OPTION-…
 */
export function readout(options: ReadoutDeviceOptions = {}): ReadoutSpec {
  const given = readOptions(options);
  const { name = "readout", unit = "1", gain = 1, offset = 0, noise, bits, hold, multiplier } = given;
  const range = given.clip ?? (bits === undefined ? undefined : 1);
  const parameters: Record<string, ParameterSpec> = { gain, offset: siUnit(offset, unit) };
  const also = (key: string, value: ParameterSpec | undefined, of: string): boolean => {
    if (value !== undefined) parameters[key] = siUnit(value, of);
    return value !== undefined;
  };
  const rate = unit === "1" ? "1/s" : `${unit}/s`;
  const [low, high] = typeof range === "object" ? range : [undefined, range];
  also("low", low, unit);
  also("high", high, unit);
  if (bits !== undefined) parameters.bits = bits;
  const { lasting, flicker } = given;
  const sources = [
    ...(also("sigma", noise, unit) ? [" + sigma*xi"] : []),
    ...(also("sd_n", lasting?.sd, unit) ? [" + n"] : []),
    ...(also("S_1Hz", flicker?.S_1Hz, unit === "1" ? "1/Hz" : `(${unit})^2/Hz`) ? [" + n_f"] : []),
  ];
  const seen = `gain*${hold ? "s" : "x"} + offset${sources.join("")}`;
  const lines =
    bits !== undefined
      ? [
          "read = low + lsb*clip(round((seen - low)/lsb), 0, 2^bits - 1)",
          `seen = ${seen}`,
          "lsb = (high - low)/2^bits",
          "low < high",
        ]
      : range !== undefined
        ? [`read = clip(${seen}, low, high)`, "low < high"]
        : [`read = ${seen}`];
  if (range !== undefined && low === undefined) lines.push("low = -high");
  if (lasting !== undefined) {
    also("tau_n", lasting.tau, "s");
    lines.push(`dn/dt = -n/tau_n + sd_n*sqrt(2/tau_n)*xi_n : ${unit} keeps`, "0 < tau_n");
  }
  if (flicker !== undefined) {
    also("f_low", flicker.f_low, "Hz");
    also("f_high", flicker.f_high, "Hz");
    lines.push(`n_f = flicker(S_1Hz, f_low, f_high) : ${unit} keeps`, "0 <= S_1Hz");
  }
  if (hold !== undefined) {
    lines.push(`s <- x${also("sigma_s", hold.noise, unit) ? " + sigma_s*xi_s" : ""} at sample : ${unit}`);
    const [relaxes, droops] = [also("tau", hold.tau, "s"), also("droop", hold.droop, rate)];
    if (relaxes || droops) lines.push(`ds/dt = ${relaxes ? "-s/tau" : ""}${droops ? " - droop" : ""}`);
    if (relaxes) lines.push("0 < tau");
  }
  if (multiplier !== undefined) {
    const { eps = 0, b = 0 } = multiplier;
    Object.assign(parameters, { eps, b });
    const drawn = also("sigma_p", multiplier.noise, "1") ? " + sigma_p*xi_p" : "";
    lines.push(`product = (1 + eps)*x*y + b${drawn}`);
  }
  for (const sd of ["sigma", "sigma_s", "sigma_p", "sd_n"]) if (sd in parameters) lines.push(`0 <= ${sd}`);
  return {
    kind: "readout",
    name,
    summary: "What a controller sees, of numbers: gain, offset, noise, bits, a hold, a multiplier.",
    equations: lines.join("\n"),
    parameters,
  };
}
