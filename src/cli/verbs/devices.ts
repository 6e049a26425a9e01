/** `ohmlet devices`: the catalogue of devices, and the datasheet of each. */
import { choose } from "../look-up";
import { looksLikeFile } from "../load-config";
import { columns } from "../../printable";
import { COMMON, IDLE, defineVerb } from "../verb";

export const devices = defineVerb({
  name: "devices",
  summary: "list the devices of the catalogue, or print one as a datasheet",
  description:
    "A device is a neuron or a synapse given by equations with units. Its datasheet shows the " +
    "equations, the parameters with their spreads from device to device, and where the model comes " +
    "from.",
  options: { json: COMMON.json, ...IDLE },
  positionals: { name: "NAME", help: "the device to print, or a file of one; without it, all are listed" },
  examples: [
    { command: "devices", what: "what there is" },
    { command: "devices soft-neuron", what: "its equations, units, parameters and source" },
    {
      command: "devices crossbar --json",
      what: "the device as plain data: paste it into a circuit and change it",
    },
  ],
  async run({ positionals: [name] }, io) {
    const { DEVICES } = await import("../../../devices");
    if (name === undefined) {
      const all = [...DEVICES].map(([key, make]) => ({ name: key, spec: make() }));
      for (const kind of ["neuron", "synapse"] as const) {
        io.print(
          kind === "neuron" ? "Neurons" : "Synapses",
          ...columns(
            all
              .filter(({ spec }) => spec.kind === kind)
              .map(({ name: key, spec }) => [key, spec.summary ?? ""]),
          ),
          "",
        );
      }
      io.print(`${io.program} devices NAME  prints one`);
      io.emit({
        devices: all.map(({ name: key, spec: { kind, summary, source } }) => ({
          name: key,
          kind,
          summary,
          source,
        })),
      });
      return 0;
    }
    const spec = looksLikeFile(name)
      ? await (await import("../load-config")).loadDevice(name)
      : choose(name, "device", DEVICES)();
    const { defineNeuron } = await import("../../device/neuron");
    const { defineSynapse } = await import("../../device/synapse");
    const { formatQuantity } = await import("../../units/format");
    const device = spec.kind === "neuron" ? defineNeuron(spec) : defineSynapse(spec);
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
