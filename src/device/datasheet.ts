/**
 * Devices in print: equations with their units aligned, parameters with their spreads, where the model comes
 * from.
 */
import { columns } from "../printable";
import { describeDimension } from "../units/dimension";
import { formatQuantity } from "../units/format";
import type { Dimension } from "../units/quantity";
import type { Neuron, NoiseSource, Parameter, Provenance, ReadoutDevice, Synapse } from "./types";
import { nominalUnitDrive } from "./unit-drive";

export function neuronDatasheet(neuron: Neuron): string[] {
  const { spec, dimensions } = neuron;
  const units = new Map([
    ["u", dimensions.u],
    ["rho", dimensions.rho],
    ...Object.entries(neuron.internal).map(([name, { dimension }]): [string, Dimension] => [name, dimension]),
  ]);
  const drive = `${spec.unitDrive ?? "1"}${spec.unitDrive === undefined ? "" : ` = ${formatQuantity({ value: nominalUnitDrive(neuron), dimension: dimensions.I })}`}`;
  return sheet(neuron, units, [["unit drive", drive]]);
}

export function synapseDatasheet(synapse: Synapse): string[] {
  const units = new Map([["I", synapse.dimensions.I], ...dimensionsOf(synapse)]);
  return sheet(synapse, units, initially(synapse));
}

/** A source of noise in print. */
export function noiseDatasheet(noise: NoiseSource): string[] {
  const units = new Map([["I", noise.dimensions.I], ...dimensionsOf(noise)]);
  return sheet(noise, units, initially(noise));
}

/** A readout in print. */
export function readoutDatasheet(readout: ReadoutDevice): string[] {
  const { x } = readout.dimensions;
  const units = new Map([...(x === null ? [] : [["read", x] as const]), ...dimensionsOf(readout)]);
  return sheet(readout, units, initially(readout));
}

type Holding = Synapse | NoiseSource | ReadoutDevice;
const dimensionsOf = ({ stored }: Holding): [string, Dimension][] =>
  Object.entries(stored).map(([name, { dimension }]) => [name, dimension]);

function initially({ spec }: Holding): [string, string][] {
  const initial = Object.entries(spec.initial ?? {}).map(([name, text]) => `${name} = ${text}`);
  return initial.length > 0 ? [["initially", initial.join(", ")]] : [];
}

function sheet(
  device: Neuron | Holding,
  units: ReadonlyMap<string, Dimension>,
  notes: readonly (readonly [string, string])[],
): string[] {
  const { name, kind, spec, parameters } = device;
  const rows = Object.values(parameters).map((parameter) => [
    parameter.name,
    formatQuantity(parameter.value),
    spreadText(parameter),
    originOf(spec.preset?.[parameter.name]),
  ]);
  const all = [...notes, ...(spec.source === undefined ? [] : [["source", spec.source] as const])];
  return [
    `${name} (${kind})`,
    ...(spec.summary === undefined ? [] : [`  ${spec.summary}`]),
    "  equations",
    ...align(spec.equations, units).map((line) => `    ${line}`),
    ...(rows.length === 0 ? [] : ["  parameters", ...columns(rows, "    ")]),
    ...columns(all),
  ];
}

/** "fitted, valid from 0.0001 to 0.01", and where that is said. */
const originOf = (from: Provenance | undefined): string =>
  from === undefined
    ? ""
    : `${from.origin}, valid from ${from.valid[0]} to ${from.valid[1]}${from.source === undefined ? "" : `; ${from.source}`}`;

/**
 * Left sides, units and comments each in a column of their own. `units`: those of the lines that have no
 * annotation.
 */
function align(text: string, units: ReadonlyMap<string, Dimension>): string[] {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => {
      const body = line.split("#", 1)[0];
      const comment = line.slice(body.length);
      const [equation, annotation] = body.split(":").map((part) => part.trim());
      const found = /<-|(?<![<>])=/.exec(equation);
      const [left, sign, right] =
        found === null
          ? ["", "", equation]
          : [
              equation.slice(0, found.index).trimEnd(),
              found[0],
              equation.slice(found.index + found[0].length).trimStart(),
            ];
      const about = /d([A-Za-z]\w*)\s*\/\s*dt/.exec(left)?.[1] ?? left.replace(/\(.*/, "");
      const known = units.get(about);
      const unit = annotation ?? (known && sign !== "" ? describeDimension(known) : "");
      return { left, sign, right, unit: unit === "" ? "" : `: ${unit}`, comment };
    });
  const leftWidth = Math.max(0, ...lines.map(({ left }) => left.length));
  const equations = lines.map(({ left, sign, right }) =>
    sign === ""
      ? right
      : `${left.padEnd(leftWidth)} ${sign.padEnd(lines.some((line) => line.sign === "<-") ? 2 : 1)} ${right}`,
  );
  return columns(
    lines.map(({ unit, comment }, i) => [equations[i], unit, comment]),
    "",
  );
}

/** How much a parameter differs from device to device, "+- 5 %", and that it learns; or nothing. */
export const spreadText = (parameter: Parameter): string =>
  [differenceText(parameter), trainableText(parameter)].filter((text) => text !== "").join(", ");

function trainableText({ value: { dimension }, trainable }: Parameter): string {
  if (trainable === null) return "";
  const [least, most] = trainable.range.map((value) => formatQuantity({ value, dimension }));
  return Number.isFinite(trainable.range[0]) ? `trainable from ${least} to ${most}` : "trainable";
}

const AREA: Dimension = [0, 2, 0, 0, 0];

function differenceText(parameter: Parameter): string {
  const { area } = parameter;
  const own = ownSpread(parameter);
  return area === null ? own : `${own} at ${formatQuantity({ value: area, dimension: AREA })}`;
}

function ownSpread({ value: { dimension }, mismatch, sd, distribution, share, values }: Parameter): string {
  if (share !== null) return `1 in ${Number((100 * share).toPrecision(6))} % of the devices`;
  if (values !== null) return `one of ${values.length} measured value${values.length === 1 ? "" : "s"}`;
  if (sd > 0) return `+- ${formatQuantity({ value: sd, dimension })}`;
  return mismatch === 0
    ? ""
    : `+- ${Number((100 * mismatch).toPrecision(6))} %${distribution === "normal" ? "" : ` ${distribution}`}`;
}
