/** Draws the device-to-device spread of parameters. */
import { normal, streamOf } from "../random";
import type { Parameter } from "../device/types";

/** Normal draws are cut here, so that no device gets a parameter of the wrong sign. */
const CUT = 4;

/** SI values: one number where the parameter has no spread, else one a device. */
export function drawParameters(parameters: Readonly<Record<string, Parameter>>, devices: number, seed: number, key: string): Record<string, number | Float64Array> {
  const drawn: Record<string, number | Float64Array> = Object.create(null);
  for (const parameter of Object.values(parameters)) {
    drawn[parameter.name] = parameter.mismatch === 0 ? parameter.value.value : spreadOf(parameter, devices, seed, streamOf(`${key}/${parameter.name}`));
  }
  return drawn;
}

function spreadOf({ value, mismatch, distribution }: Parameter, devices: number, seed: number, stream: number): Float64Array {
  // A log-normal of relative standard deviation m has sigma^2 = ln(1 + m^2); its median is the nominal value.
  const sigma = Math.sqrt(Math.log(1 + mismatch * mismatch));
  return Float64Array.from({ length: devices }, (_, i) => {
    const xi = Math.max(-CUT, Math.min(CUT, normal(seed, stream, 0, i)));
    return value.value * (distribution === "normal" ? 1 + mismatch * xi : Math.exp(sigma * xi));
  });
}
