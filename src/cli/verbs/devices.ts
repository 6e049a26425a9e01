/** `ohmlet devices`: the catalogue of devices, the datasheet of each, and its curves. */
import { choose } from "../look-up";
import { looksLikeFile } from "../load-config";
import { refuseIdle } from "../unused-options";
import { COMMON, IDLE, defineVerb } from "../verb";

const CURVES = ["pulses", "iv", "transfer", "retention", "spectrum", "drift"] as const;

export const devices = defineVerb({
  name: "devices",
  summary: "list the devices of the catalogue, print one as a datasheet, or draw its curves",
  description:
    "A device is a neuron, a synapse or a source of noise given by equations with units. Its datasheet shows " +
    "the equations, the parameters with their spreads from device to device, and where the model comes " +
    "from. A curve puts copies of it on a bench: pulses up and down, current and transfer at rest, what is " +
    "left after a time, how it drifts from its programming on, and the density of its noise.",
  options: {
    curve: { type: "string", choices: CURVES, value: "NAME", help: `what to draw: ${CURVES.join(", ")}` },
    set: {
      type: "texts",
      follows: /^[A-Za-z]\w*\s*=/,
      value: "P=V …",
      help: "other parameters, or where its states begin; numbers without a unit are in SI",
    },
    up: { type: "integer", min: 0, max: 1_000_000, value: "N", help: "pulses up (default 100)" },
    down: {
      type: "integer",
      min: 0,
      max: 1_000_000,
      value: "N",
      help: "pulses down, after those (default 100)",
    },
    from: { type: "string", value: "STATE", help: "where what is programmed begins (pulses: 0)" },
    times: {
      type: "texts",
      follows: /^[\d.]/,
      value: "T …",
      help: "times of drift and retention: 1s 1h 1d",
    },
    frequencies: { type: "texts", follows: /^[\d.]/, value: "F …", help: "of a spectrum: 1 10 1kHz" },
    devices: {
      type: "integer",
      min: 1,
      max: 1_000_000,
      default: 100,
      value: "N",
      help: "copies on the bench",
    },
    out: { type: "string", value: "FILE.svg", help: "the picture (default: runs/NAME-CURVE.svg)" },
    seed: { ...COMMON.seed, help: "keys the parameters and draws of the copies" },
    engine: IDLE.engine,
    json: COMMON.json,
  },
  positionals: { name: "NAME", help: "the device to print, or a file of one; without it, all are listed" },
  examples: [
    { command: "devices", what: "what there is" },
    { command: "devices soft-neuron", what: "its equations, units, parameters and source" },
    {
      command: "devices crossbar --json",
      what: "the device as plain data: paste it into a circuit and change it",
    },
    {
      command: "devices soft-bounds --curve pulses --up 200 --down 200 --set sigma_c2c=0.3",
      what: "what is stored after each of 400 pulses, mean and spread of 100 copies",
    },
  ],
  async run({ positionals: [name], options, given }, io) {
    const { curve, set, up, down, from, times, frequencies, out } = options;
    const fades = curve === "drift" || curve === "retention";
    refuseIdle(given, [
      ...["devices", "out", "set", "from"].map((each) => ({
        name: each,
        idle: name === undefined || curve === undefined,
        why: "it belongs to a curve of a device",
      })),
      ...["up", "down"].map((each) => ({ name: each, idle: curve !== "pulses", why: "only pulses have it" })),
      { name: "times", idle: !fades, why: "only drift and retention have times" },
      { name: "frequencies", idle: curve !== "spectrum", why: "only a spectrum has frequencies" },
    ]);
    if (name === undefined) return (await import("../devices/list")).listDevices(io);
    const { DEVICES } = await import("../../../devices");
    const spec = looksLikeFile(name)
      ? await (await import("../load-config")).loadDevice(name)
      : choose(name, "device", DEVICES)();
    if (curve !== undefined) {
      const { drawCurve } = await import("../devices/curve");
      const asked = { curve, set, up, down, from, times, frequencies, out };
      return drawCurve(spec, name, { ...asked, devices: options.devices, seed: options.seed }, io);
    }
    const { readDevice } = await import("../../device/read-device");
    const { formatQuantity } = await import("../../units/format");
    const device = readDevice(spec);
    io.print(...device.toString().split("\n"));
    io.emit({
      name,
      spec,
      parameters: Object.values(device.parameters).map((p) => ({
        name: p.name,
        value: formatQuantity(p.value),
        si: p.value.value,
        mismatch: p.mismatch,
        distribution: p.distribution,
      })),
      datasheet: device.toString(),
    });
    return 0;
  },
});
