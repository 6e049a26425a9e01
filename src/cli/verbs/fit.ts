/** `ohmlet fit`: a device from a measured pulse curve. */
import { basename } from "node:path";
import { columns } from "../../printable";
import { COMMON, IDLE, defineVerb } from "../verb";

/** Bytes of a curve, at most. */
const LARGEST = 2 ** 25;

export const fit = defineVerb({
  name: "fit",
  summary:
    "make a device of a measured pulse curve: soft bounds, linear or exponential steps, or as measured",
  description:
    "The CSV has a row before the first pulse and one after each: pulses up, then pulses down. A first column may " +
    "number them; each other column is a device. Steps are fitted over what is stored; what is left is the noise from " +
    "pulse to pulse, and what differs between columns the spread from device to device. The device that comes " +
    "of it can be pasted into a config, or drawn: ohmlet devices FILE --curve pulses.",
  options: {
    model: {
      type: "string",
      choices: ["soft-bounds", "linear-step", "exp-step"],
      default: "linear-step",
      value: "NAME",
      help: "what is fitted",
    },
    raw: { type: "flag", help: "take the measured steps themselves, as a table, instead of a model" },
    up: {
      type: "integer",
      min: 1,
      max: 1_000_000,
      value: "N",
      help: "pulses up (default: to the largest value)",
    },
    json: COMMON.json,
    ...IDLE,
  },
  positionals: { name: "CURVE.csv", help: "the measured curve", least: 1 },
  examples: [
    { command: "fit curve.csv --model soft-bounds", what: "two steps and two bounds, with their noise" },
    { command: "fit curve.csv --raw --json", what: "the measured table as a device, as plain data" },
  ],
  async run({ positionals: [path], options: { model, raw, up }, given }, io) {
    const { refuseIdle } = await import("../unused-options");
    refuseIdle(given, [{ name: "model", idle: raw, why: "--raw fits none" }]);
    const [{ readBoundedText }, { readPulseCurve }, { fitPulses }, { readSynapse }, { OhmletError }] =
      await Promise.all([
        import("../../io/bounded"),
        import("../../characterize/fit/pulse-curve"),
        import("../../characterize/fit/models"),
        import("../../device/synapse"),
        import("../../errors"),
      ]);
    const text = readBoundedText(path, LARGEST);
    if (text === null)
      throw new OhmletError({
        code: "FIT-CSV",
        fact: "there is no such file",
        place: { where: path },
        remedy: "check the path and its rights",
      });
    const curve = readPulseCurve(text, path, up);
    const name = basename(path)
      .replace(/\.\w+$/, "")
      .slice(0, 60);
    const { spec, residual, sigma_c2c, spread } = fitPulses(curve, raw ? "raw" : model, name);
    const device = readSynapse(spec);
    const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;
    io.print(
      ...device.toString().split("\n"),
      "",
      ...columns([
        ["devices", `${curve.devices}`],
        ["steps", `${curve.up.byDevice[0].from.length} up, ${curve.down.byDevice[0].from.length} down`],
        ["residual", `${percent(residual.up)} of the mean step up, ${percent(residual.down)} down`],
        ["from pulse to pulse", percent(sigma_c2c)],
        ...(spread === null ? [] : [["from device to device", percent(spread)]]),
      ]),
    );
    io.emit({ model: raw ? "raw" : model, spec, devices: curve.devices, residual, sigma_c2c, spread });
    return 0;
  },
});
