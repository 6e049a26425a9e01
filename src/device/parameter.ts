/** Parameters: nominal values with units, and their spread from device to device. */
import { OhmletError } from "../errors";
import { isFunctionName } from "../equations/functions";
import { CONSTANTS } from "../units/constants";
import {
  isDimensionless,
  describeDimension,
  equalDimensions,
  multiplyDimensions,
  powerDimension,
} from "../units/dimension";
import { formatQuantity } from "../units/format";
import { parseQuantity } from "../units/parse";
import type { Dimension, Quantity } from "../units/quantity";
import type { Parameter, ParameterSpec, Provenance, Trainable } from "./types";
import { check, expectValue, optionsOf } from "../options";

/** Names that mean something in some device's text. */
const RESERVED = new Set(["u", "I", "I_nudge", "I_back", "xi", "rho", "rho_pre", "dw", "t", "dt"]);
/** A normal draw is cut at so many standard deviations, so that a device can be told what it may get. */
export const CUT = 4;
/** At 25 % the sign could flip. */
const NORMAL_LIMIT = 1 / CUT;
const LOGNORMAL_LIMIT = 2;
const TEMPERATURE: Dimension = [0, 0, 0, 0, 1];
const METRE: Dimension = [0, 1, 0, 0, 0];

/** How a parameter differs from device to device, and whether it learns; give one of `mismatch` and `sd`. */
export interface SpreadOptions {
  /** Relative standard deviation: 0.05 or "5 %". */
  readonly mismatch?: number | string;
  /**
   * Absolute standard deviation, in the unit of the value: "5 mV". Where the value is 0, or what varies has
   * its own scale.
   */
  readonly sd?: number | string;
  /** Default "normal". An absolute spread is normal. */
  readonly distribution?: "normal" | "lognormal";
  /** Whether training moves it, each unit's by itself; of neurons. Default false. */
  readonly trainable?: boolean;
  /** Least and largest value to which training may move it, in the unit of the value. Default: any. */
  readonly range?: readonly (number | string)[];
  /** In the place of either: the constant of which the spread is this over the root of `area`, "0.01 um". */
  readonly matching?: number | string;
  /** What the device takes of a chip: "4 um^2". */
  readonly area?: number | string;
}

const readSpread = optionsOf<SpreadOptions>("spread", {
  takes: {
    mismatch: check.quantity,
    sd: check.quantity,
    distribution: check.oneOf("normal", "lognormal"),
    trainable: check.flag,
    range: check.anything,
    matching: check.quantity,
    area: check.quantity,
  },
});

/**
 * A parameter with a device-to-device spread: `spread("50 nS", { mismatch: "5 %" })`,
 * `spread("0 mV", { sd: "5 mV" })`.
 */
export function spread(value: number | string, options: SpreadOptions): ParameterSpec {
  expectValue("spread", "value", value, check.quantity);
  return { value, ...readSpread(options) };
}

/** @throws DEVICE-PARAMETER, DEVICE-MISMATCH, DEVICE-VALUE, DEVICE-TRAINABLE and what parseQuantity throws */
export function readParameters(
  where: string,
  specs: Readonly<Record<string, ParameterSpec>> | undefined,
  preset?: Readonly<Record<string, Provenance>>,
): Readonly<Record<string, Parameter>> {
  const parameters = Object.create(null) as Record<string, Parameter>;
  for (const [name, spec] of Object.entries(specs ?? {}))
    parameters[name] = readParameter(`${where}, parameter "${name}"`, name, spec);
  for (const [name, provenance] of Object.entries(preset ?? {}))
    checkValid(where, parameters[name], name, provenance);
  return Object.freeze(parameters);
}

/** @throws OhmletError PRESET-RANGE, PRESET-UNIT, DEVICE-SPEC */
function checkValid(
  where: string,
  parameter: Parameter | undefined,
  name: string,
  { valid, origin }: Provenance,
): void {
  const place = { where: `${where}, preset "${name}"` };
  if (parameter === undefined)
    throw new OhmletError({
      code: "DEVICE-SPEC",
      fact: `there is no parameter "${name}"`,
      place,
      remedy: "take it out, or add the parameter",
    });
  const [least, most] = valid.map((end) => parseQuantity(end, place.where));
  const { value, dimension } = parameter.value;
  if (![least, most].every((end) => equalDimensions(end.dimension, dimension)))
    throw new OhmletError({
      code: "DEVICE-SPEC",
      fact: `its range is not in the unit of the value, ${describeDimension(dimension)}`,
      place,
      remedy: "give both ends in the unit of the value",
    });
  if (value >= least.value && value <= most.value) return;
  throw new OhmletError({
    code: "PRESET-RANGE",
    fact:
      `${formatQuantity(parameter.value)} is outside of what was ${origin}, ` +
      `${formatQuantity(least)} to ${formatQuantity(most)}`,
    place: { where: `${where}, parameter "${name}"` },
    remedy: "keep to that range, or write a device of your own: its data without `preset`",
  });
}

/** What a parameter is that does not differ from device to device. */
const ALIKE = {
  mismatch: 0,
  sd: 0,
  distribution: "normal",
  extent: "device",
  share: null,
  values: null,
  trainable: null,
  area: null,
} as const;

/** Whether devices differ in it, or come to. */
export const differs = ({ mismatch, sd, share, values, trainable }: Parameter): boolean =>
  mismatch > 0 || sd > 0 || share !== null || values !== null || trainable !== null;

function readParameter(where: string, name: string, spec: ParameterSpec): Parameter {
  const place = { where };
  if (RESERVED.has(name) || name in CONSTANTS || isFunctionName(name)) {
    throw new OhmletError({
      code: "DEVICE-PARAMETER",
      fact: `"${name}" has a meaning of its own in equations`,
      place,
      remedy: "give the parameter another name",
    });
  }
  if (typeof spec === "object" && "share" in spec) return readShare(where, name, spec.share);
  if (typeof spec === "object" && "values" in spec) return readMeasured(where, name, spec.values);
  if (typeof spec === "object" && (spec.matching !== undefined || spec.area !== undefined))
    return readSized(where, name, spec);
  const {
    value: text,
    mismatch: spreadText,
    sd: sdText,
    distribution = "normal",
    trainable: learns = false,
    range,
  } = typeof spec === "object" ? spec : { value: spec };
  const value = parseQuantity(text, where);
  const trainable = readTrainable(where, value, learns, range);
  if (equalDimensions(value.dimension, TEMPERATURE) && value.value < 0) {
    throw new OhmletError({
      code: "DEVICE-VALUE",
      fact: `${formatQuantity(value)} is below absolute zero`,
      place,
      remedy: "write temperatures in kelvins",
    });
  }
  const refuse = (fact: string, remedy: string): OhmletError =>
    new OhmletError({ code: "DEVICE-MISMATCH", fact, place, remedy });
  if (sdText !== undefined) {
    if (spreadText !== undefined)
      throw refuse("a relative and an absolute spread are given", "give one of them: mismatch, or sd");
    if (distribution === "lognormal")
      throw refuse(
        "a log-normal spread is relative",
        'write  mismatch: "5 %", or leave the distribution out',
      );
    const sd = parseQuantity(sdText, `${where}, sd`);
    if (!equalDimensions(sd.dimension, value.dimension))
      throw refuse(
        `the spread is in ${describeDimension(sd.dimension)} and the value in ` +
          `${describeDimension(value.dimension)}`,
        "give sd in the unit of the value",
      );
    if (sd.value < 0)
      throw refuse(`the spread is negative (${formatQuantity(sd)})`, "sd is a standard deviation: 0 or more");
    return Object.freeze({ ...ALIKE, name, value, sd: sd.value, distribution, trainable });
  }
  const { value: mismatch, dimension } = parseQuantity(spreadText ?? 0, `${where}, mismatch`);
  if (!isDimensionless(dimension))
    throw refuse(
      `the mismatch is in ${describeDimension(dimension)}`,
      'a mismatch is relative: write "5 %" or 0.05',
    );
  if (mismatch < 0)
    throw refuse(
      `the mismatch is negative (${mismatch})`,
      'a mismatch is a standard deviation: write "5 %" or 0.05',
    );
  if (distribution === "normal" && mismatch >= NORMAL_LIMIT)
    throw refuse(
      `a normal mismatch of ${100 * mismatch} % could flip the parameter's sign`,
      `${asPercent(mismatch)}keep it below 25 %, or set distribution: "lognormal"`,
    );
  if (mismatch > LOGNORMAL_LIMIT)
    throw refuse(
      `a mismatch of ${100 * mismatch} % is out of range`,
      `${asPercent(mismatch)}keep it at or below ${100 * LOGNORMAL_LIMIT} %`,
    );
  if (mismatch > 0 && value.value === 0)
    throw refuse(
      "the value is 0, and so is every share of it",
      `write an absolute spread: sd: "${formatQuantity({ value: 0.001, dimension: value.dimension })}"`,
    );
  return Object.freeze({ ...ALIKE, name, value, mismatch, distribution, trainable });
}

/** @throws OhmletError DEVICE-TRAINABLE where a device that is no neuron has parameters that train */
export function expectUntrainable(where: string, parameters: Readonly<Record<string, Parameter>>): void {
  const found = Object.values(parameters).find(({ trainable }) => trainable !== null);
  if (found === undefined) return;
  throw new OhmletError({
    code: "DEVICE-TRAINABLE",
    fact: "only parameters of neurons are trainable: what a synapse learns is what it stores, and other devices learn nothing",
    place: { where: `${where}, parameter "${found.name}"` },
    remedy: "take  trainable  out",
  });
}

/** How training moves it, or null. @throws DEVICE-TRAINABLE */
function readTrainable(
  where: string,
  value: Quantity,
  learns: boolean,
  range: readonly (number | string)[] | undefined,
): Trainable | null {
  const fault = (fact: string, remedy: string): OhmletError =>
    new OhmletError({ code: "DEVICE-TRAINABLE", fact, place: { where }, remedy });
  if (!learns) {
    if (range === undefined) return null;
    throw fault(
      "a range is given, and it is not trainable",
      "write  trainable: true  beside it, or leave it out",
    );
  }
  const ends = range?.map((end) => parseQuantity(end, `${where}, range`));
  if (ends?.every(({ dimension }) => equalDimensions(dimension, value.dimension)) === false)
    throw fault("its range is not in the unit of the value", "give both ends in the unit of the value");
  const [least, most] = ends?.map((end) => end.value) ?? [-Infinity, Infinity];
  if (!(least < most && least <= value.value && value.value <= most))
    throw fault(
      `${formatQuantity(value)} does not lie within its range`,
      "give the least and the largest value, with the nominal one between them",
    );
  const unit = Math.abs(value.value) || (Number.isFinite(most - least) ? (most - least) / 2 : 1);
  if (value.value === 0 && ends === undefined && !isDimensionless(value.dimension))
    throw fault(
      "its value is 0, which does not say how large a change of it is",
      `give a range: [${formatQuantity({ value: -1, dimension: value.dimension })}, ` +
        `${formatQuantity({ value: 1, dimension: value.dimension })}]`,
    );
  return Object.freeze({ unit, range: [least, most] as const });
}

type Sized = Extract<ParameterSpec, { readonly value: unknown }>;

/**
 * One whose spread is that of its area: a constant over the root of it (Pelgrom, Duinmaijer and Welbers 1989,
 * IEEE JSSC 24, 1433).
 * @throws DEVICE-AREA
 */
function readSized(where: string, name: string, { matching, area, ...rest }: Sized): Parameter {
  const refuse = (fact: string, remedy: string): OhmletError =>
    new OhmletError({ code: "DEVICE-AREA", fact, place: { where }, remedy });
  const both = 'matching: "0.01 um", area: "4 um^2"';
  if (matching === undefined || area === undefined)
    throw refuse(`it has ${area === undefined ? "no area" : "an area, and no constant of matching"}`, both);
  if (rest.mismatch !== undefined || rest.sd !== undefined)
    throw refuse("its spread is given, and that of its area as well", "leave one of them out");
  const { value: size, dimension } = parseQuantity(area, `${where}, area`);
  if (!equalDimensions(dimension, powerDimension(METRE, 2)) || !(size > 0 && size < Infinity))
    throw refuse(`${formatQuantity({ value: size, dimension })} is no area that a device can have`, both);
  const constant = parseQuantity(matching, `${where}, matching`);
  const spread = constant.value / Math.sqrt(size);
  const relative = equalDimensions(constant.dimension, METRE);
  const unit = parseQuantity(rest.value, where).dimension;
  if (!relative && !equalDimensions(constant.dimension, multiplyDimensions(unit, METRE)))
    throw refuse(
      `the constant of matching is in ${describeDimension(constant.dimension)}`,
      `write a share times a length, or ${describeDimension(unit)} times one: ${both}`,
    );
  const own = relative ? { mismatch: spread } : { sd: `${spread} ${describeDimension(unit)}` };
  return Object.freeze({ ...readParameter(where, name, { ...rest, ...own }), area: size });
}

/** 1 in a share of the devices, 0 in the others; its nominal value is 0. @throws DEVICE-SHARE */
function readShare(where: string, name: string, text: number | string): Parameter {
  const share = parseQuantity(text, `${where}, share`);
  if (!isDimensionless(share.dimension) || !(share.value >= 0 && share.value <= 1))
    throw new OhmletError({
      code: "DEVICE-SHARE",
      fact: `a share of ${formatQuantity(share)} is not between 0 and 1`,
      place: { where },
      remedy: isDimensionless(share.dimension)
        ? `${asPercent(share.value)}write a share such as "1 %" or 0.01`
        : 'write a share such as "1 %" or 0.01',
    });
  return Object.freeze({
    ...ALIKE,
    name,
    value: { value: 0, dimension: share.dimension },
    share: share.value,
  });
}

/** One of several measured values; its nominal value is their median. @throws DEVICE-VALUES */
function readMeasured(where: string, name: string, texts: readonly (number | string)[] | string): Parameter {
  const fault = (fact: string, remedy: string): OhmletError =>
    new OhmletError({ code: "DEVICE-VALUES", fact, place: { where }, remedy });
  if (typeof texts === "string")
    throw fault(
      `"${texts.slice(0, 80)}" would have to be read from a file`,
      "write the values themselves: [1, 2, 3]; a config may name a CSV file beside it",
    );
  const read = texts.map((text) => parseQuantity(text, `${where}, values`));
  const [{ dimension }] = read;
  if (!read.every((each) => equalDimensions(each.dimension, dimension)))
    throw fault("its values have different units", "give all values in one unit");
  const values = read.map(({ value }) => value);
  const sorted = [...values].sort((a, b) => a - b);
  return Object.freeze({
    ...ALIKE,
    name,
    value: { value: sorted[Math.floor(sorted.length / 2)], dimension },
    values: Object.freeze(values),
  });
}

/** A share above 1 is most often a percentage without its sign. */
const asPercent = (share: number): string =>
  share >= 1 && share <= 100 ? `write "${share} %" or ${share / 100} if that is meant; ` : "";

/** The least and the most that a device can get, as it is made or as it learns. */
export function endsOf(parameter: Parameter): readonly [number, number] {
  const [least, most] = spreadOf(parameter);
  const [from, to] = parameter.trainable?.range ?? [least, most];
  return Number.isFinite(from) ? [Math.min(least, from), Math.max(most, to)] : [least, most];
}

function spreadOf({
  value: { value },
  mismatch,
  sd,
  distribution,
  share,
  values,
}: Parameter): readonly [number, number] {
  if (share !== null) return [0, 1];
  if (values !== null)
    return values.reduce(([least, most], v) => [Math.min(least, v), Math.max(most, v)], [value, value]);
  if (distribution === "normal")
    return [value - CUT * (sd + Math.abs(value) * mismatch), value + CUT * (sd + Math.abs(value) * mismatch)];
  const factor = Math.exp(CUT * lognormalSigma(mismatch));
  return value < 0 ? [value * factor, value / factor] : [value / factor, value * factor];
}

/**
 * A log-normal of relative standard deviation m has sigma^2 = ln(1 + m^2); its median is the nominal value.
 */
export const lognormalSigma = (mismatch: number): number => Math.sqrt(Math.log(1 + mismatch * mismatch));
