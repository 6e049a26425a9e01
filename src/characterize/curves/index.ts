/** Any curve of any device, or why there is none. */
import type { Device } from "../../device/read-device";
import { OhmletError } from "../../errors";
import type { Curve, CurveName, CurveRequest } from "../types";
import { fading } from "./fading";
import { pulses } from "./pulses";
import { readoutCurve } from "./readout";
import { spectrum } from "./spectrum";
import { neuronCurve, synapseCurve } from "./static";

const WHICH: Readonly<Record<Device["kind"], readonly CurveName[]>> = {
  neuron: ["iv", "transfer", "spectrum"],
  synapse: ["pulses", "iv", "transfer", "retention", "drift", "spectrum"],
  noise: ["spectrum"],
  readout: ["transfer", "retention"],
};

/**
 * Draws a curve of a device on the bench.
 * @param name what the curve calls the device
 * @throws OhmletError DEVICE-CURVE, DEVICE-EVENT
 */
export function curveOf(device: Device, curve: CurveName, name: string, request: CurveRequest = {}): Curve {
  const fault = new OhmletError({
    code: "DEVICE-CURVE",
    fact: `a ${device.kind === "noise" ? "source of noise" : device.kind} has no curve of ${curve}`,
    place: { where: device.name },
    remedy: `draw its ${WHICH[device.kind].join(" or ")}`,
  });
  if (device.kind === "readout") {
    if (device.read === null || !(curve === "transfer" || curve === "retention")) throw fault;
    return readoutCurve(device, name, curve, request);
  }
  if (curve === "spectrum") return spectrum(device, name, request);
  if (device.kind === "neuron" && (curve === "iv" || curve === "transfer"))
    return neuronCurve(device, name, curve, request);
  if (device.kind !== "synapse") throw fault;
  if (curve === "pulses") return pulses(device, name, request);
  if (curve === "iv" || curve === "transfer") return synapseCurve(device, name, curve, request);
  return fading(device, name, curve, request);
}
