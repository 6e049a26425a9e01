/** What a device may be in a config: a name, a file, an entry of the catalogue with options, or equations. */
import type { Neuron, Synapse } from "../device/types";
import { NEURONS, NOISE, READOUTS, SYNAPSES, type CatalogueForm, type GivenForm } from "./catalogue-schema";
import { object, optional } from "./composites";
import {
  described,
  equations,
  parameters,
  preset,
  written,
  neuronSpec,
  synapseSpec,
  type NeuronEquations,
  type SynapseEquations,
} from "./equations-schema";
import { oneOf } from "./one-of";
import { choice, type Infer, named, record, type Schema, text } from "./schema";

const reference = (kind: string, names: readonly string[]) =>
  text(`a ${kind}: a name, a file, or a map with device: or equations:`, { known: names });
const forms = (catalogue: Readonly<Record<string, CatalogueForm>>) =>
  Object.values(catalogue).map(({ schema }) => schema);

/** A schema where code may give a device that was read as well: plain data takes its spec. */
const orRead = <T, G, D>(schema: Schema<T, G>): Schema<T, G | D> => schema as unknown as Schema<T, G | D>;

const neuronForms = oneOf([reference("neuron", Object.keys(NEURONS)), ...forms(NEURONS), neuronSpec]);
const synapseForms = oneOf([reference("synapse", Object.keys(SYNAPSES)), ...forms(SYNAPSES), synapseSpec]);
export type NeuronConfig = string | { readonly device: string } | NeuronEquations;
export type SynapseConfig = string | { readonly device: string } | SynapseEquations;
/** As code gives them: also as they were read. */
export type GivenNeuron = string | GivenForm | NeuronEquations | Neuron;
export type GivenSynapse = string | GivenForm | SynapseEquations | Synapse;
export const neuron: Schema<NeuronConfig, GivenNeuron> = named("neuron", orRead(neuronForms));
export const synapse: Schema<SynapseConfig, GivenSynapse> = named("synapse", orRead(synapseForms));
/** Where either kind may stand: equations say by their `kind` (or by defining I or rho) what they are. */
export const device = named(
  "device",
  oneOf([
    text("a device: a name of the catalogue, a file, or a map with device: or equations:", {
      known: [
        ...Object.keys(NEURONS),
        ...Object.keys(SYNAPSES),
        ...Object.keys(NOISE),
        ...Object.keys(READOUTS),
      ],
    }),
    ...forms(NEURONS),
    ...forms(SYNAPSES),
    ...forms(NOISE),
    ...forms(READOUTS),
    named(
      "deviceEquations",
      object(
        {
          kind: optional(
            "what it is, where the equations do not show it",
            choice(["neuron", "synapse", "noise", "readout"]),
          ),
          ...described,
          equations,
          parameters,
          preset,
          unitDrive: optional(
            "of a neuron: current of one unit of weight times one unit of output",
            text("an expression", { longest: 1000 }),
          ),
          initial: optional(
            "of a synapse, of noise or of a readout: first value of each stored quantity",
            record(text("an expression", { longest: 1000 })),
          ),
        },
        written,
      ),
    ),
  ]),
);

/** A device as a config writes it: a name, one of the catalogue with its options, or one written out. */
export type DeviceConfig = Infer<typeof device>;

/** Every device of the catalogue by kind, made of a map of options. */
export const CATALOGUE = { neuron: NEURONS, synapse: SYNAPSES, noise: NOISE, readout: READOUTS } as const;
