/** Parameters: nominal values with units, and their spread from device to device. */
import { OhmletError } from "../errors";
import { isFunctionName } from "../equations/functions";
import { CONSTANTS } from "../units/constants";
import { isDimensionless, describeDimension, equalDimensions } from "../units/dimension";
import { formatQuantity } from "../units/format";
import { parseQuantity } from "../units/parse";
import type { Dimension } from "../units/quantity";
import type { Parameter, ParameterSpec } from "./types";
import { check, expectValue, optionsOf } from "../options";

/** Names that mean something in some device's text. */
const RESERVED = new Set(["u", "I", "I_nudge", "xi", "rho", "rho_pre", "dw", "t", "dt"]);
/** A normal draw is cut at four standard deviations: at 25 % its sign could flip. */
const NORMAL_LIMIT = 0.25;
const LOGNORMAL_LIMIT = 2;
const TEMPERATURE: Dimension = [0, 0, 0, 0, 1];

export interface Spread {
  /** Relative standard deviation from device to device: 0.05 or "5 %". */
  readonly mismatch: number | string;
  /** Default "normal". */
  readonly distribution?: "normal" | "lognormal";
}

const readSpread = optionsOf<Spread>("spread", { needs: { mismatch: check.quantity }, takes: { distribution: check.oneOf("normal", "lognormal") } });

/** A parameter with a device-to-device spread: `spread("50 nS", { mismatch: "5 %" })`. */
export function spread(value: number | string, options: Spread): ParameterSpec {
  expectValue("spread", "value", value, check.quantity);
  return { value, ...readSpread(options) };
}

/** @throws DEVICE-PARAMETER, DEVICE-MISMATCH, DEVICE-VALUE and what parseQuantity throws */
export function readParameters(where: string, specs: Readonly<Record<string, ParameterSpec>> | undefined): Readonly<Record<string, Parameter>> {
  const parameters = Object.create(null) as Record<string, Parameter>;
  for (const [name, spec] of Object.entries(specs ?? {})) parameters[name] = readParameter(`${where}, parameter "${name}"`, name, spec);
  return Object.freeze(parameters);
}

function readParameter(where: string, name: string, spec: ParameterSpec): Parameter {
  const place = { where };
  if (RESERVED.has(name) || name in CONSTANTS || isFunctionName(name)) {
    throw new OhmletError({ code: "DEVICE-PARAMETER", fact: `"${name}" has a meaning of its own in equations`, place, remedy: "give the parameter another name" });
  }
  const { value: text, mismatch: spreadText = 0, distribution = "normal" } = typeof spec === "object" ? spec : { value: spec };
  const value = parseQuantity(text, where);
  if (equalDimensions(value.dimension, TEMPERATURE) && value.value < 0) {
    throw new OhmletError({ code: "DEVICE-VALUE", fact: `${formatQuantity(value)} is below absolute zero`, place, remedy: "write temperatures in kelvins" });
  }
  const { value: mismatch, dimension } = parseQuantity(spreadText, `${where}, mismatch`);
  const refuse = (fact: string, remedy: string): OhmletError => new OhmletError({ code: "DEVICE-MISMATCH", fact, place, remedy });
  if (!isDimensionless(dimension)) throw refuse(`the mismatch is in ${describeDimension(dimension)}`, 'a mismatch is relative: write "5 %" or 0.05');
  if (mismatch < 0) throw refuse(`the mismatch is negative (${mismatch})`, 'a mismatch is a standard deviation: write "5 %" or 0.05');
  if (distribution === "normal" && mismatch >= NORMAL_LIMIT) throw refuse(`a normal mismatch of ${100 * mismatch} % could flip the parameter's sign`, 'keep it below 25 %, or set distribution: "lognormal"');
  if (mismatch > LOGNORMAL_LIMIT) throw refuse(`a mismatch of ${100 * mismatch} % is out of range`, `keep it at or below ${100 * LOGNORMAL_LIMIT} %`);
  return Object.freeze({ name, value, mismatch, distribution });
}
