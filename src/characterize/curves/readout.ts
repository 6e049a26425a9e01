/**
 * Curves of a readout. transfer: what is read at once, over what the chip shows. retention: what is read of a held 1
 * after a time, over what is read of it at once.
 */
import { Reads } from "../../circuit/reads";
import type { ReadoutDevice } from "../../device/types";
import { DIMENSIONLESS } from "../../units/quantity";
import { describeDimension } from "../../units/dimension";
import { Points } from "../statistics";
import type { Curve, CurveRequest } from "../types";
import { around } from "./static";

/** A little beyond a full scale of 1. */
const REACH = 1.25;
const TIMES = [0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1];

export function readoutCurve(
  readout: ReadoutDevice,
  name: string,
  curve: "transfer" | "retention",
  { devices = 1, seed = 1, times = TIMES }: CurveRequest,
): Curve {
  const unit = describeDimension(readout.dimensions.x ?? DIMENSIONLESS);
  const reads = new Reads(readout, devices, "bench", seed);
  const points = new Points();
  const read = (x: number, number: number, held: number): Float64Array =>
    reads.read(new Float64Array(devices).fill(x), { seed, what: "read", number, held });
  const shown = { device: name, curve };
  if (curve === "transfer") {
    const values = around(REACH);
    values.forEach((x, number) => points.add(read(x, number, 0)));
    const y = { name: "read", unit, mean: points.mean, sd: points.sd };
    return { ...shown, x: { name: "x", unit, values }, y };
  }
  const first = read(1, 0, 0);
  times.forEach((time) => points.add(read(1, 0, time).map((y, i) => y / first[i])));
  const y = { name: "read over read at once", unit: "1", mean: points.mean, sd: points.sd };
  return { ...shown, x: { name: "time", unit: "s", values: [...times] }, y };
}
