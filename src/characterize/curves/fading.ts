/**
 * What is left of what was stored. Retention: over what it shows at time 0. Drift: times count from
 * programming, and a device with a first time t_0 is as it was programmed at t_0, so that its age is the time
 * since then; over what it shows at that age of 0.
 */
import type { Synapse } from "../../device/types";
import { OhmletError } from "../../errors";
import { Specimen } from "../specimen";
import { Points } from "../statistics";
import type { Curve, CurveRequest } from "../types";

const DAY = 86_400;
const TIMES = [1, 10, 100, 1000, 3600, 10_000, DAY, 7 * DAY, 30 * DAY];

/** @throws OhmletError DEVICE-CURVE, CHIP-LEAK */
export function fading(
  device: Synapse,
  name: string,
  curve: "retention" | "drift",
  request: CurveRequest,
): Curve {
  const specimen = new Specimen(device, request);
  const fault = (fact: string, remedy: string): OhmletError =>
    new OhmletError({ code: "DEVICE-CURVE", fact, place: { where: device.name }, remedy });
  const state = specimen.programmed;
  if (state !== null && request.from !== undefined) specimen.programTo(state, request.from);
  const first = curve === "drift" && "t_0" in device.parameters ? device.parameters.t_0.value.value : 0;
  const times = [...(request.times ?? (first > 0 ? TIMES.filter((t) => t >= first) : [0, ...TIMES]))];
  // A value of 0 has no shares: where the device begins there, it is written to 1.
  if (state !== null && specimen.shown().every((v) => v === 0)) specimen.programTo(state, 1);
  const whole = specimen.shown();
  if (whole.some((v) => v === 0))
    throw fault(
      "it shows 0 at the beginning, of which there is no share",
      "give  --from  a value that it shows",
    );
  const points = new Points();
  let now = first;
  for (const [k, time] of times.entries()) {
    if (time < 0) throw fault(`there is no ${curve} at ${time} s`, "give times of 0 s or more");
    if (k > 0 && time < times[k - 1]) throw fault("times run backwards", "give times from small to large");
    specimen.age(time - now);
    now = time;
    const shares = specimen.read();
    for (let i = 0; i < shares.length; i++) shares[i] /= whole[i];
    if (!shares.every(Number.isFinite))
      throw fault(
        `its ${curve} is not finite at ${time} s`,
        first > 0 ? `give times above 0; it begins at t_0 = ${first} s` : "give other times",
      );
    points.add(shares);
  }
  return {
    device: name,
    curve,
    x: { name: curve === "drift" ? "time since programming" : "time", unit: "s", values: times },
    y: {
      name: curve === "drift" && first > 0 ? "weight over that at t_0" : "weight over that at time 0",
      unit: "1",
      mean: points.mean,
      sd: points.sd,
    },
  };
}
