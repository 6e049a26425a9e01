/** What a device may be in a config: a name, a file, an entry of the catalogue with options, or equations. */
import {
  crossbar,
  energyBased,
  ideal,
  leakyIntegrator,
  OUTPUT_FUNCTIONS,
  prototypical,
  shiftedSigmoid,
  diodeNode,
  plainNode,
  capacitorCell,
  chargeTrap,
  cmoHfox,
  comparator,
  expStep,
  fefet,
  flicker,
  floatingGate,
  liEcram,
  inverter,
  linearStep,
  moEcram,
  multiplier,
  opAmp,
  pcm,
  phaseChange,
  readout as readoutOfNumbers,
  reramExpStep,
  reramSoftBounds,
  resistor,
  sampleAndHold,
  softBounds,
  softNeuron,
  telegraph,
  transconductor,
} from "../../devices";
import type { DeviceSpec, Neuron, Synapse } from "../device/types";
import { object, optional, required, type Field, type Values } from "./composites";
import { oneOf } from "./one-of";
import { choice, flag, type Infer, integer, list, named, number, record, type Schema, text } from "./schema";

/** A number without a unit, or a text with one. */
export const quantity = named(
  "quantity",
  oneOf([number(), text('a quantity such as "50 nS"', { longest: 60 })]),
);

const parameter = named(
  "parameter",
  oneOf([
    number(),
    text('a quantity such as "50 nS"', { longest: 60 }),
    object(
      { share: required("1 in this share of the devices, 0 in the others: 1 % or 0.01", quantity) },
      { key: "share" },
    ),
    object(
      {
        values: required(
          "measured values, of which each device takes one: a list, or a CSV file beside this one",
          oneOf([list(quantity), text("a CSV file beside this one", { longest: 200 })]),
        ),
      },
      { key: "values" },
    ),
    object({
      value: required("nominal value", quantity),
      mismatch: optional('relative standard deviation from device to device: "5 %" or 0.05', quantity),
      sd: optional(
        'absolute standard deviation from device to device, in the unit of the value: "5 mV"',
        quantity,
      ),
      distribution: optional("of the mismatch", choice(["normal", "lognormal"])),
      trainable: optional("of a neuron: each unit's own value learns as weights do", flag),
      range: optional(
        "least and largest value to which training moves it",
        list(quantity, { least: 2, most: 2 }),
      ),
      matching: optional(
        'in the place of both: the constant that makes a spread over the root of the area, "0.01 um" or "5 mV*um"',
        quantity,
      ),
      area: optional('what it takes of a chip: "4 um^2"', quantity),
    }),
  ]),
);

const described = {
  name: optional("what the datasheet calls it", text("a name", { longest: 80 })),
  summary: optional("one sentence for catalogues", text("a sentence", { longest: 1000 })),
  source: optional("where the model comes from", text("a source", { longest: 1000 })),
};
const equations = required(
  "the equations, a line each: see docs/devices.md",
  text("the equations, a line each", { longest: 20_000 }),
);
const parameters = optional("the parameters that the equations name", record(parameter));
const preset = optional(
  "of a preset: where each value comes from, and between which values the model is known to hold",
  record(
    object({
      origin: required("how the value was come by", choice(["measured", "fitted", "assumed"])),
      source: optional("where that is said", text("a source", { longest: 1000 })),
      valid: required("least and largest value", list(quantity, { least: 2, most: 2 })),
    }),
  ),
);
const written = { key: "equations" } as const;

const neuronEquations = object(
  {
    kind: optional("says again that it is a neuron", choice(["neuron"])),
    ...described,
    equations,
    parameters,
    preset,
    unitDrive: optional(
      "current of one unit of weight times one unit of output: an expression of parameters",
      text("an expression", { longest: 1000 }),
    ),
  },
  written,
);
/** A neuron that is written out. */
export interface NeuronEquations extends Infer<typeof neuronEquations> {}
const neuronSpec: Schema<NeuronEquations> = named("neuronEquations", neuronEquations);

const synapseEquations = object(
  {
    kind: optional("says again that it is a synapse", choice(["synapse"])),
    ...described,
    equations,
    parameters,
    preset,
    initial: optional(
      "first value of each stored quantity: an expression of parameters",
      record(text("an expression", { longest: 1000 })),
    ),
  },
  written,
);
/** A synapse that is written out. */
export interface SynapseEquations extends Infer<typeof synapseEquations> {}
const synapseSpec: Schema<SynapseEquations> = named("synapseEquations", synapseEquations);

/** As code gives one. */
export interface GivenForm {
  readonly device: string;
  readonly [option: string]: unknown;
}

/** An entry of the catalogue with options, and what makes the device of them. */
interface CatalogueForm {
  readonly schema: Schema<{ readonly device: string }, GivenForm>;
  readonly make: (options: object) => DeviceSpec;
}

function form<const F extends Readonly<Record<string, Field<unknown>>>, const N extends string>(
  name: N,
  fields: F,
  make: (options: Values<F>) => DeviceSpec,
): CatalogueForm {
  const schema = object(
    { device: required("the catalogue's name of it", choice([name])), ...fields },
    { key: "device", value: name },
  );
  return {
    schema: schema as unknown as CatalogueForm["schema"],
    make: make as CatalogueForm["make"],
  };
}

const rho = {
  rho: optional(
    "output function",
    oneOf([
      choice(OUTPUT_FUNCTIONS),
      object({
        text: required(
          "an output function of your own, in the state u",
          text("an expression", { longest: 1000 }),
        ),
      }),
    ]),
  ),
};
const clip = {
  clip: optional("bounds of u, or false for none", oneOf([list(number(), { least: 2, most: 2 }), flag])),
};
const shared = { ...described, parameters };
const value = (about: string) => optional(about, parameter);

/** `clip: [0, 1]`, `clip: false`; nothing: what the output function suggests. */
function clipped<O extends { readonly clip?: boolean | readonly number[] }>({ clip: bounds, ...rest }: O) {
  if (bounds === undefined || bounds === true) return rest;
  return { ...rest, clip: bounds === false ? null : ([bounds[0], bounds[1]] as const) };
}

const name = { name: described.name };

const NEURONS: Readonly<Record<string, CatalogueForm>> = {
  "leaky-integrator": form("leaky-integrator", { ...rho, ...clip, ...shared }, (o) =>
    leakyIntegrator(clipped(o)),
  ),
  "energy-based": form("energy-based", { ...rho, ...clip, ...shared }, (o) => energyBased(clipped(o))),
  prototypical: form("prototypical", { ...rho, ...shared }, prototypical),
  "shifted-sigmoid": form("shifted-sigmoid", { ...rho, ...shared }, shiftedSigmoid),
  "soft-neuron": form(
    "soft-neuron",
    {
      C: value("capacitance"),
      g_leak: value("leak conductance"),
      u_slope: value("voltage over which the output saturates"),
      T: value('temperature; "0 K" is without thermal noise'),
      ...shared,
    },
    softNeuron,
  ),
  "diode-node": form(
    "diode-node",
    {
      C: value("capacitance"),
      I_S: value("saturation current of the diodes"),
      V_T: value("thermal voltage times the emission coefficient"),
      g_min: value("conductance beside each diode"),
      V_up: value("rail above"),
      V_down: value("rail below"),
      A: value("voltage gain of an amplifier behind the node"),
      k: value("its current gain backwards (A unless said)"),
      rails: optional("which of them have a diode (both unless said)", choice(["both", "up", "down"])),
      I_unit: value("what one unit of weight times one volt drives"),
      ...shared,
    },
    diodeNode,
  ),
  "plain-node": form(
    "plain-node",
    { C: value("capacitance"), I_unit: value("what one unit of weight times one volt drives"), ...shared },
    plainNode,
  ),
  transconductor: plain("transconductor", transconductor),
  "op-amp": plain("op-amp", opAmp),
};

/** A device of which each parameter is an option. */
function plain<const N extends string>(key: N, make: (options?: object) => DeviceSpec): CatalogueForm {
  const { parameters: all = {} } = make();
  const fields = Object.keys(all).map((each) => [each, value(`${each} of its equations`)] as const);
  return form(key, { ...name, ...Object.fromEntries(fields) }, make);
}

const SYNAPSES: Readonly<Record<string, CatalogueForm>> = {
  ideal: form(
    "ideal",
    { ...name, unit: optional("unit of the weight", text("a unit such as A", { longest: 40 })) },
    ideal,
  ),
  crossbar: form(
    "crossbar",
    {
      ...name,
      range: optional("smallest and largest conductance", list(quantity, { least: 2, most: 2 })),
      V_read: value("voltage of a presynaptic output of 1"),
      mismatch: optional("relative spread of each device's gain", quantity),
      distribution: optional("of the mismatch", choice(["normal", "lognormal"])),
      readNoise: optional("relative standard deviation from read to read", quantity),
      levels: optional(
        "conductances that a device can have, 16 for four bits; 0: any",
        integer({ min: 0, max: 1_048_576 }),
      ),
      retention: value("time constant with which conductances leak"),
      rest: optional(
        'what conductances leak to: "smallest", "middle" or a conductance',
        text('"smallest", "middle" or a conductance such as "20 nS"', { longest: 60 }),
      ),
      activation: value("activation energy of the leak over the elementary charge: 0.6 V are 0.6 eV"),
    },
    ({ range, ...o }) => crossbar({ ...o, ...(range !== undefined && { range: [range[0], range[1]] }) }),
  ),
  resistor: form(
    "resistor",
    {
      ...name,
      range: optional(
        "least and largest conductance (0 and any unless said)",
        list(quantity, { least: 2, most: 2 }),
      ),
      mismatch: optional('from device to device: "5 %"', quantity),
      levels: optional("conductances that a device can have", integer({ min: 2, max: 1_048_576 })),
    },
    ({ range, ...o }) => resistor({ ...o, ...(range !== undefined && { range: [range[0], range[1]] }) }),
  ),
  "soft-bounds": plain("soft-bounds", softBounds),
  "linear-step": plain("linear-step", linearStep),
  "exp-step": plain("exp-step", expStep),
  pcm: plain("pcm", pcm),
  "phase-change": plain("phase-change", phaseChange),
  "capacitor-cell": plain("capacitor-cell", capacitorCell),
  "reram-soft-bounds": plain("reram-soft-bounds", reramSoftBounds),
  "reram-exp-step": plain("reram-exp-step", reramExpStep),
  "cmo-hfox": plain("cmo-hfox", cmoHfox),
  "li-ecram": plain("li-ecram", liEcram),
  "mo-ecram": plain("mo-ecram", moEcram),
  "charge-trap": plain("charge-trap", chargeTrap),
  "floating-gate": plain("floating-gate", floatingGate),
  fefet: plain("fefet", fefet),
};

const NOISE: Readonly<Record<string, CatalogueForm>> = {
  telegraph: plain("telegraph", telegraph),
  flicker: plain("flicker", flicker),
};

/** Numbers of a generic readout; what is left out is ideal. */
export const readoutNumbers = {
  unit: optional(
    "unit of what is read (none unless said: activities)",
    text("a unit such as V", { longest: 40 }),
  ),
  gain: value("gain (1 unless said)"),
  offset: value("what a read of 0 gives"),
  noise: value("standard deviation from read to read"),
  bits: optional("of a converter: 2^bits codes over the clip", integer({ min: 1, max: 24 })),
  clip: optional(
    "what can be read: to both sides of 0, or from the first to the second value (1 with bits unless said)",
    oneOf([number({ above: 0 }), quantity, list(quantity, { least: 2, most: 2 })]),
  ),
  hold: optional(
    "samples each phase as it ends, and holds it until the last has ended",
    object({
      droop: value('what it loses in a second: "0.5 V/s"'),
      tau: value("time constant with which it loses what it holds"),
      noise: value("standard deviation of what a sample adds"),
    }),
  ),
  multiplier: optional(
    "product = (1 + eps)*x*y + b of the two ends of each synapse",
    object({
      eps: value("error of its gain"),
      b: value("what it adds to each product"),
      noise: value("standard deviation from product to product"),
    }),
  ),
};

const READOUTS: Readonly<Record<string, CatalogueForm>> = {
  readout: form("readout", { ...name, ...readoutNumbers }, readoutOfNumbers),
  adc: form("adc", { ...name, ...readoutNumbers }, (o) => readoutOfNumbers({ name: "adc", bits: 8, ...o })),
  "sample-and-hold": plain("sample-and-hold", sampleAndHold),
  inverter: plain("inverter", inverter),
  comparator: plain("comparator", comparator),
  multiplier: plain("multiplier", multiplier),
};

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
