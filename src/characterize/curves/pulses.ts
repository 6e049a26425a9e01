/** Potentiation and depression: what is stored after each pulse, some up and then some down. */
import type { Synapse } from "../../device/types";
import { OhmletError } from "../../errors";
import { describeDimension } from "../../units/dimension";
import { Specimen } from "../specimen";
import { Points } from "../statistics";
import type { Curve, CurveRequest } from "../types";

/** Pulses of all devices: a minute or two. */
const MOST = 1e8;

/** @throws OhmletError DEVICE-CURVE; DEVICE-EVENT where pulses do nothing to it; DEVICE-VALUE for a start outside of its range */
export function pulses(device: Synapse, name: string, request: CurveRequest): Curve {
  const { up = 100, down = 100, start } = request;
  if (up + down === 0)
    throw new OhmletError({
      code: "DEVICE-CURVE",
      fact: "a curve of no pulses has no points",
      place: { where: device.name },
      remedy: "give one pulse or more: --up 100",
    });
  const { devices = 1 } = request;
  if ((up + down) * devices > MOST)
    throw new OhmletError({
      code: "DEVICE-CURVE",
      fact: `${up + down} pulses of ${devices} devices are ${(up + down) * devices} events, more than ${MOST}`,
      place: { where: device.name },
      remedy: "give fewer pulses, or fewer --devices",
    });
  const specimen = new Specimen(device, request);
  const state = specimen.programmed ?? "w";
  if (specimen.programmed !== null) {
    if (request.from !== undefined) specimen.place(state, request.from);
    else if (start?.[state] === undefined) specimen.set(state, 0);
  }
  const points = new Points();
  for (let k = 0; k < up + down; k++) {
    specimen.event("pulse", k < up ? 1 : -1);
    points.add(specimen.stored.get(state) as Float64Array);
  }
  return {
    device: name,
    curve: "pulses",
    x: { name: "pulse", unit: "1", values: Array.from({ length: up + down }, (_, k) => k + 1) },
    y: {
      name: state,
      unit: describeDimension(device.stored[state].dimension),
      mean: points.mean,
      sd: points.sd,
    },
  };
}
