/** Draws the device-to-device spread of parameters. */
import { normal, streamOf } from "../random";
import { CUT, lognormalSigma } from "../device/parameter";
import type { Parameter } from "../device/types";

/** SI values: one number where the parameter has no spread, else one a device. */
export function drawParameters(
  parameters: Readonly<Record<string, Parameter>>,
  devices: number,
  seed: number,
  key: string,
): Record<string, number | Float64Array> {
  const drawn: Record<string, number | Float64Array> = Object.create(null);
  for (const parameter of Object.values(parameters)) {
    drawn[parameter.name] =
      parameter.mismatch === 0 && parameter.sd === 0
        ? parameter.value.value
        : spreadOf(parameter, devices, seed, streamOf(`${key}/${parameter.name}`));
  }
  return drawn;
}

function spreadOf(
  { value, mismatch, sd, distribution }: Parameter,
  devices: number,
  seed: number,
  stream: number,
): Float64Array {
  const sigma = lognormalSigma(mismatch);
  return Float64Array.from({ length: devices }, (_, i) => {
    const xi = Math.max(-CUT, Math.min(CUT, normal(seed, stream, 0, i)));
    if (sd > 0) return value.value + sd * xi;
    return value.value * (distribution === "normal" ? 1 + mismatch * xi : Math.exp(sigma * xi));
  });
}
