/** Parameters of devices whose units are known. */
import { inUnit, type NeuronSpec } from "../src/index";

export type Value = NonNullable<NeuronSpec["parameters"]>[string];

/** A number without a unit is in this one, within a spread, too. */
export const siUnit = (value: Value, unit: string): Value =>
  typeof value === "object" ? { ...value, value: inUnit(value.value, unit) } : inUnit(value, unit);
