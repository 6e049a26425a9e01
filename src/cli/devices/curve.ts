/** `ohmlet devices NAME --curve …`: one device on the bench, drawn. */
import { dirname, join } from "node:path";
import type { Curve, CurveName } from "../../characterize/types";
import type { DeviceSpec } from "../../device/types";
import { OhmletError } from "../../errors";
import { columns } from "../../printable";
import type { Io } from "../io";
import { asNumber, withSettings } from "./set";

/** What is asked for, as typed. */
export interface CurveOptions {
  readonly curve: CurveName;
  readonly set?: readonly string[];
  readonly up?: number;
  readonly down?: number;
  readonly from?: string;
  readonly times?: readonly string[];
  readonly frequencies?: readonly string[];
  readonly devices: number;
  readonly seed: number;
  readonly out?: string;
}

/** What times may be in besides units of seconds. */
const LONG_TIMES: Readonly<Record<string, number>> = { min: 60, h: 3600, d: 86_400, y: 365.25 * 86_400 };
/** Rows of a curve that are printed. */
const MOST_ROWS = 20;

export async function drawCurve(
  given: DeviceSpec,
  name: string,
  { curve, set = [], out, ...asked }: CurveOptions,
  io: Io,
): Promise<number> {
  const [{ readDevice }, { curveOf }, { parseIn }] = await Promise.all([
    import("../../device/read-device"),
    import("../../characterize/curves"),
    import("../../units/parse"),
  ]);
  const { spec, start } = withSettings(given, readDevice(given), set);
  const device = readDevice(spec);
  const programmed = device.kind === "neuron" ? [] : Object.values(device.stored);
  const main =
    programmed.find(({ events }) => events.pulse !== undefined) ??
    programmed.find(({ events }) => events.write !== undefined);
  const result = curveOf(device, curve, name, {
    devices: asked.devices,
    seed: asked.seed,
    up: asked.up,
    down: asked.down,
    start,
    ...(asked.from !== undefined &&
      main !== undefined && { from: parseIn(asNumber(asked.from), main.dimension, "devices, --from") }),
    ...(asked.times !== undefined && { times: asked.times.map(secondsOf) }),
    ...(asked.frequencies !== undefined && {
      frequencies: asked.frequencies.map((text) =>
        parseIn(asNumber(text), [0, 0, -1, 0, 0], "devices, --frequencies"),
      ),
    }),
  });
  if (!io.json) {
    const file = out ?? join("runs", `${name.replace(/^.*\//, "").replace(/\.\w+$/, "")}-${curve}.svg`);
    await draw(result, file);
    io.print(...told(result), `drawn in ${file}`);
  }
  io.emit(result);
  return 0;

  function secondsOf(text: string): number {
    const [, digits, unit] = /^([\d.]+(?:[eE][+-]?\d+)?)\s*(min|h|d|y)$/.exec(text.trim()) ?? [];
    return unit === undefined
      ? parseIn(asNumber(text), [0, 0, 1, 0, 0], "devices, --times")
      : Number(digits) * LONG_TIMES[unit];
  }
}

/** Axes of which the logarithm is drawn. */
const LOGARITHMIC: readonly CurveName[] = ["spectrum", "drift", "retention"];

async function draw({ device, curve, x, y }: Curve, file: string): Promise<void> {
  const [{ lineChart }, { standaloneSvg }, { makeFolder }, { writeAtomically }] = await Promise.all([
    import("../../plot/line-chart"),
    import("../../plot/standalone"),
    import("../../io/make-folder"),
    import("../../io/atomic"),
  ]);
  if (!/\.svg$/i.test(file))
    throw new OhmletError({
      code: "CLI-CHOICE",
      fact: `"${file.slice(-60)}" is no name of a picture that can be drawn`,
      place: { where: "devices, --out" },
      remedy: "choices: FILE.svg",
    });
  const spread = y.sd.some((sd) => sd > 0);
  const chart = lineChart({
    title: `${device}: ${curve}`,
    caption: "",
    xLabel: `${x.name}${x.unit === "1" ? "" : `, ${x.unit}`}`,
    yLabel: `${y.name}${y.unit === "1" ? "" : `, ${y.unit}`}`,
    ...(LOGARITHMIC.includes(curve) && { logX: true }),
    ...(curve === "spectrum" && { log: true }),
    series: [
      {
        name: y.name,
        x: x.values,
        y: y.mean,
        ...(spread && {
          band: { low: y.mean.map((m, k) => m - y.sd[k]), high: y.mean.map((m, k) => m + y.sd[k]) },
        }),
      },
    ],
  });
  makeFolder(dirname(file));
  writeAtomically(file, standaloneSvg(chart));
}

function told({ device, curve, x, y }: Curve): string[] {
  const every = Math.max(1, Math.ceil(x.values.length / MOST_ROWS));
  const shown = x.values
    .map((_, k) => k)
    .filter((k) => k % every === every - 1 || x.values.length <= MOST_ROWS);
  const number = (value: number): string => String(Number(value.toPrecision(6)));
  return [
    `${device}: ${curve}`,
    ...columns([
      [`${x.name} (${x.unit})`, `${y.name} (${y.unit})`, "sd"],
      ...shown.map((k) => [number(x.values[k]), number(y.mean[k]), number(y.sd[k])]),
    ]),
  ];
}
