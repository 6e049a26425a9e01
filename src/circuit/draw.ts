/** Draws the device-to-device spread of parameters. */
import { normal, streamOf, uniform } from "../random";
import { CUT, differs, lognormalSigma } from "../device/parameter";
import type { Parameter } from "../device/types";

/** An array of devices, and what it is called: "projection/in". */
export interface Arrangement {
  readonly rows: number;
  readonly columns: number;
  readonly key: string;
}

/** SI values: one number where the parameter has no spread, else one a device, row by row. */
export function drawParameters(
  parameters: Readonly<Record<string, Parameter>>,
  { rows, columns, key }: Arrangement,
  seed: number,
): Record<string, number | Float64Array> {
  const drawn: Record<string, number | Float64Array> = Object.create(null);
  for (const parameter of Object.values(parameters)) {
    const { name, extent } = parameter;
    // What a chip shares has one draw for all of its arrays.
    const draw = drawOf(parameter, seed, streamOf(extent === "chip" ? `chip/${name}` : `${key}/${name}`));
    if (!differs(parameter)) drawn[name] = parameter.value.value;
    else if ((extent === "array" || extent === "chip") && parameter.trainable === null) drawn[name] = draw(0);
    else
      drawn[name] = Float64Array.from({ length: rows * columns }, (_, i) => draw(sharer(extent, i, columns)));
  }
  return drawn;
}

/** Which of the draws a device has. */
function sharer(extent: Parameter["extent"], index: number, columns: number): number {
  switch (extent) {
    case "array":
    case "chip":
      return 0;
    case "column":
      return index % columns;
    case "row":
      return Math.floor(index / columns);
    case "device":
      return index;
  }
}

function drawOf(
  { value, mismatch, sd, distribution, share, values, trainable }: Parameter,
  seed: number,
  stream: number,
): (index: number) => number {
  const [least, most] = trainable?.range ?? [-Infinity, Infinity];
  const within = (x: number): number => Math.max(least, Math.min(most, x));
  if (share !== null) return (i) => (uniform(seed, stream, 0, i) < share ? 1 : 0);
  if (values !== null) return (i) => values[Math.floor(uniform(seed, stream, 0, i) * values.length)];
  const sigma = lognormalSigma(mismatch);
  return (i) => {
    const xi = Math.max(-CUT, Math.min(CUT, normal(seed, stream, 0, i)));
    if (sd > 0) return within(value.value + sd * xi);
    return within(value.value * (distribution === "normal" ? 1 + mismatch * xi : Math.exp(sigma * xi)));
  };
}
