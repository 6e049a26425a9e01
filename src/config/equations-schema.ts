/** Devices that a config writes out: quantities, parameters with their spreads, equations. */
import { object, optional, required } from "./composites";
import { oneOf } from "./one-of";
import { choice, flag, type Infer, list, named, number, record, type Schema, text } from "./schema";

/** A number without a unit, or a text with one. */
export const quantity = named(
  "quantity",
  oneOf([number(), text('a quantity such as "50 nS"', { longest: 60 })]),
);

export const parameter = named(
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

export const described = {
  name: optional("what the datasheet calls it", text("a name", { longest: 80 })),
  summary: optional("one sentence for catalogues", text("a sentence", { longest: 1000 })),
  source: optional("where the model comes from", text("a source", { longest: 1000 })),
};
export const equations = required(
  "the equations, a line each: see docs/devices.md",
  text("the equations, a line each", { longest: 20_000 }),
);
export const parameters = optional("the parameters that the equations name", record(parameter));
export const preset = optional(
  "of a preset: where each value comes from, and between which values the model is known to hold",
  record(
    object({
      origin: required("how the value was come by", choice(["measured", "fitted", "assumed"])),
      source: optional("where that is said", text("a source", { longest: 1000 })),
      valid: required("least and largest value", list(quantity, { least: 2, most: 2 })),
    }),
  ),
);
export const written = { key: "equations" } as const;

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
export const neuronSpec: Schema<NeuronEquations> = named("neuronEquations", neuronEquations);

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
export const synapseSpec: Schema<SynapseEquations> = named("synapseEquations", synapseEquations);
