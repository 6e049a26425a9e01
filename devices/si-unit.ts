/** Parameters of devices whose units are known. */
import { inUnit, type NeuronSpec } from "../src/index";

export type Value = NonNullable<NeuronSpec["parameters"]>[string];

/** A number without a unit is in this one, within a spread, too. */
export function siUnit(value: Value, unit: string): Value {
  if (unit === "1") return value;
  if (typeof value !== "object") return inUnit(value, unit);
  if ("share" in value) return value;
  if ("values" in value)
    return typeof value.values === "string"
      ? value
      : { values: value.values.map((each) => inUnit(each, unit)) };
  return { ...value, value: inUnit(value.value, unit) };
}
