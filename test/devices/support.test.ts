/**
 * What each device of the catalogue can do and where, from the code: docs/devices.md has the table.
 * UPDATE_DOCS=1 writes it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { DEVICES } from "../../devices/index";
import { columnsOf } from "../../src/circuit/wires/columns";
import { readDevice, type Device } from "../../src/device/read-device";
import type { DeviceState } from "../../src/device/types";
import { describeDimension } from "../../src/units/dimension";

const FILE = resolve(__dirname, "../../docs/devices.md");
const [BEGIN, END] = ["<!-- support: begin -->\n", "<!-- support: end -->"];

const moves = ({ leak, noise, events }: DeviceState): boolean =>
  leak !== null || Object.keys(noise).length > 0 || events.step !== undefined;

/** What a chip may do to it: its wires resist, its temperature is the chip's. */
function bears(device: Device): string {
  const wires = device.kind === "synapse" && columnsOf(device) !== null;
  const warms =
    Object.hasOwn(device.parameters, "T") && describeDimension(device.parameters.T.value.dimension) === "K";
  return [...(wires ? ["wires"] : []), ...(warms ? ["temperature"] : [])].join(", ");
}

function row(name: string, device: Device): string[] {
  if (device.kind === "noise") return [name, "noise", "on the bench", "not in circuits", ""];
  if (device.kind === "neuron")
    return [name, "neuron", "all", "in the engine; trainable parameters on the host", ""];
  if (device.kind === "readout") return [name, "readout", "", "on the host", ""];
  const states = Object.values(device.stored);
  const has = (event: "write" | "pulse"): boolean => states.some(({ events }) => events[event] !== undefined);
  const programming = [...(has("write") ? ["direct"] : []), ...(has("pulse") ? ["pulses"] : [])];
  const learns = programming.length === 0 ? "by no rule" : device.plain ? "in the engine" : "on the host";
  const ages = states.some(moves) ? "ages" : "";
  return [name, "synapse", "all", learns, [...programming, ages].filter(Boolean).join(", ")];
}

it("the table of support is what the code says", () => {
  const rows = [
    ["device", "kind", "engines that settle it", "it learns", "programming, time", "of the chip"],
    ["---", "---", "---", "---", "---", "---"],
    ...[...DEVICES].map(([name, make]) => {
      const device = readDevice(make());
      return [...row(`\`${name}\``, device), bears(device)];
    }),
  ];
  const table = `${rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`.replace(
    /\|  (?=\|)/g,
    "| ",
  );
  const text = readFileSync(FILE, "utf8");
  const [begin, end] = [text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)];
  expect(begin).toBeGreaterThan(BEGIN.length);
  if (process.env.UPDATE_DOCS === "1") writeFileSync(FILE, text.slice(0, begin) + table + text.slice(end));
  else expect(text.slice(begin, end)).toBe(table);
});
