/** Reads a device of any kind. */
import { readNeuron } from "./neuron";
import { readNoise } from "./noise-source";
import { readSynapse } from "./synapse";
import type { DeviceSpec, Neuron, NoiseSource, Synapse } from "./types";

/** Any device that was read. */
export type Device = Neuron | Synapse | NoiseSource;

/** @throws OhmletError as `defineNeuron`, `defineSynapse` and `defineNoise` */
export function readDevice(spec: DeviceSpec): Device {
  switch (spec.kind) {
    case "neuron":
      return readNeuron(spec);
    case "synapse":
      return readSynapse(spec);
    case "noise":
      return readNoise(spec);
  }
}
