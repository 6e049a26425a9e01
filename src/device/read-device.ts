/** Reads a device of any kind. */
import { readNeuron } from "./neuron";
import { readNoise } from "./noise-source";
import { readReadout } from "./readout";
import { readSynapse } from "./synapse";
import type { DeviceSpec, Neuron, NoiseSource, ReadoutDevice, Synapse } from "./types";

/** Any device that was read. */
export type Device = Neuron | Synapse | NoiseSource | ReadoutDevice;

/** @throws OhmletError as `defineNeuron`, `defineSynapse`, `defineNoise` and `defineReadout` */
export function readDevice(spec: DeviceSpec): Device {
  switch (spec.kind) {
    case "neuron":
      return readNeuron(spec);
    case "synapse":
      return readSynapse(spec);
    case "noise":
      return readNoise(spec);
    case "readout":
      return readReadout(spec);
  }
}
