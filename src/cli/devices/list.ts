/** The catalogue of devices as lists by kind. */
import { columns } from "../../printable";
import type { Io } from "../io";

const TITLES = {
  neuron: "Neurons",
  synapse: "Synapses",
  noise: "Sources of noise",
  readout: "Readouts",
} as const;

export async function listDevices(io: Io): Promise<number> {
  const { DEVICES } = await import("../../../devices");
  const all = [...DEVICES].map(([key, make]) => ({ name: key, spec: make() }));
  for (const kind of ["neuron", "synapse", "noise", "readout"] as const)
    io.print(
      TITLES[kind],
      ...columns(
        all.filter(({ spec }) => spec.kind === kind).map(({ name: key, spec }) => [key, spec.summary ?? ""]),
      ),
      "",
    );
  io.print(`${io.program} devices NAME  prints one`);
  io.emit({
    devices: all.map(({ name, spec: { kind, summary, source } }) => ({ name, kind, summary, source })),
  });
  return 0;
}
