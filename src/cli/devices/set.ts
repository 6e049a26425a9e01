/** `--set PARAMETER=VALUE`: a device with other parameters, and states that begin elsewhere. */
import type { DeviceSpec, ParameterSpec } from "../../device/types";
import type { Device } from "../../device/read-device";
import { nearest } from "../../options/nearest";
import { OhmletError } from "../../errors";
import { describeDimension } from "../../units/dimension";
import { inUnit, parseIn } from "../../units/parse";

const ASSIGNMENT = /^\s*([A-Za-z]\w*)\s*=\s*(.+?)\s*$/;

/** @throws OhmletError CLI-SET, UNIT-… */
export function withSettings(
  spec: DeviceSpec,
  device: Device,
  settings: readonly string[],
): { readonly spec: DeviceSpec; readonly start: Readonly<Record<string, number>> } {
  const parameters: Record<string, ParameterSpec> = { ...spec.parameters };
  const start: Record<string, number> = Object.create(null);
  const states = device.kind === "neuron" ? {} : device.stored;
  for (const setting of settings) {
    const [, name, value] = ASSIGNMENT.exec(setting) ?? [];
    const fault = (fact: string, remedy: string): OhmletError =>
      new OhmletError({ code: "CLI-SET", fact, place: { where: "devices, --set" }, remedy });
    if (name === undefined)
      throw fault(
        `"${setting.slice(0, 60)}" sets nothing`,
        "write  --set PARAMETER=VALUE, such as  --set C=1pF",
      );
    if (Object.hasOwn(device.parameters, name)) {
      const unit = describeDimension(device.parameters[name].value.dimension);
      const own = parameters[name];
      const given = unit === "1" ? value : inUnit(value, unit);
      parameters[name] = typeof own === "object" && "value" in own ? { ...own, value: given } : given;
    } else if (Object.hasOwn(states, name))
      start[name] = parseIn(asNumber(value), states[name].dimension, `--set ${name}`);
    else {
      const names = [...Object.keys(device.parameters), ...Object.keys(states)];
      const near = nearest(name, names);
      throw fault(
        `${spec.name} has no parameter "${name.slice(0, 40)}"`,
        `${near === null ? "" : `did you mean "${near}"? `}it has ${names.join(", ")}`,
      );
    }
  }
  return { spec: { ...spec, parameters }, start };
}

/** A bare number is in SI. */
export const asNumber = (text: string): number | string =>
  /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text.trim()) ? Number(text) : text;
