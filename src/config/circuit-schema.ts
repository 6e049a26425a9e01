/** What a circuit may be in a config: a name, a file, a topology with options, or the graph itself. */
import { catalogue } from "../../circuits";
import { object, optional, required } from "./composites";
import { oneOf } from "./one-of";
import { neuron, synapse } from "./device-schema";
import { quantity } from "./equations-schema";
import {
  choice,
  flag,
  integer,
  list,
  named,
  number,
  record,
  text,
  wrongType,
  type Infer,
  type Schema,
} from "./schema";

const name = text("a name of letters, digits and _ . : -", { longest: 64 });
const DISTRIBUTIONS = ["fan-in", "glorot", "lecun", "zero"] as const;

const initial = named(
  "initialWeights",
  oneOf([
    choice(DISTRIBUTIONS),
    object({
      distribution: required("how first weights are drawn", choice(DISTRIBUTIONS)),
      scale: optional("factor on all of them", number({ min: 0, max: 1e6 })),
    }),
  ]),
);

const argument = required(
  "what the cost is a function of: u or rho(u) of the output",
  choice(["state", "activity"]),
);
const ascend = optional("nudge up the cost instead of down (Laborieux and Zenke's sign)", flag);
const levels = optional(
  "targets of a wrong and of the right class",
  list(number({ min: -1e6, max: 1e6 }), { least: 2, most: 2 }),
);
const cost = named(
  "cost",
  oneOf([
    object(
      {
        kind: required("half the squared distance to the targets", choice(["squared-error"])),
        argument,
        levels,
        doubled: optional("outputs in pairs: the first half less the second is compared with targets", flag),
        ascend,
      },
      { key: "kind", value: "squared-error" },
    ),
    object(
      {
        kind: required("cross-entropy of a linear readout", choice(["cross-entropy"])),
        argument,
        classes: required("classes of the readout", integer({ min: 2, max: 10_000 })),
        ascend,
      },
      { key: "kind", value: "cross-entropy" },
    ),
    object(
      {
        kind: required("an equation", choice(["equation"])),
        equation: required(
          "what each unit of the output is charged, in rho (or u), y and parameters: an expression, or lines with cost = …",
          text("an expression such as (rho - y)^2/2", { longest: 20_000 }),
        ),
        argument: optional(
          "what it is a function of; what the equation names unless said",
          choice(["state", "activity"]),
        ),
        parameters: optional("parameters of its own, by name", record(quantity)),
        weights: optional(
          "what each weight costs, in w and the parameters: one expression for all, or by projection",
          oneOf([
            text("an expression such as 1e-4*w^2/2", { longest: 1000 }),
            record(text("an expression such as 1e-4*w^2/2", { longest: 1000 })),
          ]),
        ),
        levels,
        ascend,
      },
      { key: "kind", value: "equation" },
    ),
    text("the equation of the cost, such as (rho - y)^2/2", { longest: 20_000 }),
  ]),
);

const MOST_UNITS = 1_000_000;
const size = integer({ min: 1, max: MOST_UNITS });
const angle = number({ min: 0, max: 180 });
const asymmetry = optional(
  "relative standard deviation of a fixed random gain on every synapse: 0.05 is 5 %; at 1 one gain in " +
    "six has the wrong sign",
  number({ min: 0, max: 2 }),
);

const shape = list(size, { least: 3, most: 3 });
/** One number for rows and columns, or one each. */
const sides = (least: number, most = 1000) =>
  oneOf([
    integer({ min: least, max: most }),
    list(integer({ min: least, max: most }), { least: 2, most: 2 }),
  ]);
const kernels = {
  kernel: required("rows and columns of a kernel", sides(1)),
  stride: optional("from position to position (1 unless said)", sides(1)),
  padding: optional("rows and columns of zeros on each side (0 unless said)", sides(0)),
  pool: optional(
    "how a window of positions is made one",
    object({
      kind: required(
        "the largest, their mean weighed by a softmax, or their mean",
        choice(["max", "softmax", "mean"]),
      ),
      window: required("positions that are made one", sides(1, 8)),
    }),
  ),
};
const through = named(
  "through",
  oneOf([
    object(
      {
        kind: required("one kernel, used at every position", choice(["convolution"])),
        ...kernels,
        replicated: optional("a kernel of its own at every position", flag),
      },
      { key: "kind", value: "convolution" },
    ),
    object(
      { kind: required("from each unit to the one at its place", choice(["one-to-one"])) },
      { key: "kind", value: "one-to-one" },
    ),
    object(
      {
        kind: required("some pairs of units", choice(["sparse"])),
        pairs: optional(
          "presynaptic and postsynaptic units, from 0",
          list(list(integer({ min: 0, max: 1_000_000 }), { least: 2, most: 2 }), { least: 1, most: 100_000 }),
        ),
        density: optional(
          "in the place of pairs: each is there with this chance",
          number({ above: 0, max: 1 }),
        ),
        seed: optional("of the pairs that are drawn (0 unless said)", integer({ min: 0, max: 2 ** 53 - 1 })),
      },
      { key: "kind", value: "sparse" },
    ),
  ]),
);

export const wires = optional(
  "resistance of the wires of crossbars (none unless said)",
  named(
    "wires",
    object({
      row: optional('of a row wire, from cell to cell: "1 ohm"', quantity),
      column: optional('of a column wire, from cell to cell: "1 ohm"', quantity),
      solve: optional(
        "exact: the whole array after each change; ladders: without what comes back through other rows; first-order: sums, for wires that lose a percent or less",
        choice(["exact", "ladders", "first-order"]),
      ),
    }),
  ),
);
export const temperature = optional(
  'of the chip: "350 K", or a number of kelvins; the parameter T of its devices',
  quantity,
);

const population = named(
  "population",
  object({
    name: required("unique", name),
    size: optional("units; a shape tells them, too", size),
    shape: optional("rows, columns, channels", shape),
    neuron: optional("of each unit; the input may go without", neuron),
    encoding: optional(
      "of an input: all values times each factor, then constants",
      object({
        factors: required("of all values, block after block", list(number(), { least: 1, most: 100 })),
        constants: optional("biases", list(number(), { least: 1 })),
      }),
    ),
  }),
);

const projection = named(
  "projection",
  object({
    name: required("unique", name),
    from: required("name of a population", name),
    to: required("name of a population", name),
    synapse: required("of every connection", synapse),
    through: optional("which synapses there are (all to all unless said)", through),
    bias: optional("adds one line that is always on", flag),
    initial: required("how first weights are drawn", initial),
    feedback: optional(
      "weights from another projection",
      oneOf([
        object(
          {
            kind: required("the same devices, read backwards", choice(["tied"])),
            to: required("name of the forward projection", name),
          },
          { key: "kind", value: "tied" },
        ),
        object(
          {
            kind: required("devices of its own at an angle to the transpose", choice(["angled"])),
            to: required("name of the forward projection", name),
            angle: required("degrees", angle),
          },
          { key: "kind", value: "angled" },
        ),
      ]),
    ),
    asymmetry,
    wires,
  }),
);

const graph = named(
  "graph",
  object(
    {
      name: required("of the circuit", name),
      summary: optional("one sentence", text("a sentence", { longest: 1000 })),
      populations: required("the input first", list(population, { least: 1 })),
      projections: required("synapses from one population to another", list(projection, { least: 1 })),
      input: required(
        "name of the clamped population, or a list of several, whose data stand side by side",
        oneOf([name, list(name, { least: 1 })]),
      ),
      output: required("name of the population that the cost reads", name),
      cost: required("what the circuit is judged by", cost),
      wires,
      temperature,
    },
    { key: "populations" },
  ),
);

/** As circuits are called by their layers, "64-32-10": a single value, so that a knob of a study can be it. */
const byDashes: Schema<readonly number[], string> = {
  wanted: "64-32-10",
  shapes: ["text"],
  read(node, origins) {
    const found = text("units of each layer, 64-32-10").read(node, origins);
    const sizes = found.split("-").map(Number);
    if (/^\d{1,7}(-\d{1,7}){1,19}$/.test(found) && sizes.every((n) => n >= 1 && n <= MOST_UNITS))
      return sizes;
    throw wrongType(node, "units of each layer, 64-32-10");
  },
  json: () => ({ type: "string", pattern: "^\\d{1,7}(-\\d{1,7}){1,19}$" }),
};
const layers = oneOf([list(size, { least: 2, most: 20 }), byDashes]);
const wiring = {
  name: optional("of the circuit", name),
  sizes: required("units of each layer, from the input to the output", layers),
  neuron: required("of every layer after the input", neuron),
  output: optional("neuron of the output, where it is another", neuron),
  input: optional("neuron that encodes the data: outputs are rho(data)", neuron),
  synapse: required("of all projections", synapse),
  bias: optional("bias lines on the forward projections (true unless said)", flag),
  initial: optional("how first weights are drawn (glorot unless said; lecun in a loop)", initial),
  cost: optional("squared error of the output's activity unless said", cost),
};

const nonideal = object(
  {
    topology: required("the default chip", choice(["nonideal"])),
    sizes: optional("units of each layer (those of the data and 32 unless said)", layers),
    mismatch: optional("relative standard deviation of every device parameter", quantity),
    angle: optional("between feedback and transposed forward weights, degrees", angle),
    temperature: optional("of the thermal noise: 300 K, or a number of kelvins; 0 for none", quantity),
    retention: optional(
      "time constant with which conductances leak: 1e5 s, or a number of seconds",
      quantity,
    ),
    readNoise: optional("relative standard deviation of every read of a conductance", quantity),
    levels: optional(
      "conductances that a device can have, 16 for four bits; 0: any",
      integer({ min: 0, max: 1_048_576 }),
    ),
  },
  { key: "topology", value: "nonideal" },
);

const feedback = optional(
  "how layers talk back (tied unless said)",
  oneOf([choice(["tied", "untied"]), object({ angle: optional("degrees", angle), asymmetry })]),
);

const layered = object(
  {
    topology: required("layers in a row, connected both ways", choice(["layered"])),
    ...wiring,
    feedback,
  },
  { key: "topology", value: "layered" },
);

const { sizes: _, ...devices } = wiring;
const convolutional = object(
  {
    topology: required("kernels in a row, connected both ways, and a classifier", choice(["convolutional"])),
    shape: required("of the input: rows, columns, channels", shape),
    layers: required(
      "layers of kernels, from the input on",
      list(object({ channels: required("kernels", size), ...kernels }), { least: 1, most: 20 }),
    ),
    outputs: optional("units of the classifier; without it the last layer is the output", size),
    ...devices,
    feedback,
  },
  { key: "topology", value: "convolutional" },
);

const loop = object(
  { topology: required("the output feeds the first hidden layer", choice(["loop"])), ...wiring },
  { key: "topology", value: "loop" },
);

const toy = object(
  {
    topology: required("Ernoult's toy: the input drives hidden and output units", choice(["toy"])),
    sizes: optional("input, hidden and output units", list(size, { least: 3, most: 3 })),
    neuron: wiring.neuron,
    input: wiring.input,
    synapse: wiring.synapse,
  },
  { key: "topology", value: "toy" },
);

const nodes = object(
  {
    topology: required("layers of nodes joined by conductances", choice(["resistive"])),
    name: wiring.name,
    sizes: required("values of a sample, hidden nodes of each layer, output nodes", layers),
    neuron: optional("hidden nodes (diode-node unless said)", neuron),
    output: optional("output nodes (plain-node unless said)", neuron),
    synapse: optional("of all projections (resistor unless said)", synapse),
    volts: optional(
      "what an input of 1 is: each value, and a bias, is then there as so many volts of either sign",
      number({ above: 0, max: 1e6 }),
    ),
    doubled: optional("two nodes for each output, whose difference of voltages it is", flag),
    currents: optional("a source of current at each output node, a further input", flag),
    initial: optional("how first conductances are drawn (zero unless said)", initial),
    cost: optional("squared error of the output's voltage unless said", cost),
  },
  { key: "topology", value: "resistive" },
);

export const circuit = named(
  "circuit",
  oneOf([
    text("a circuit: a name of the catalogue, a file, or a map with topology: or populations:", {
      known: catalogue.map((entry) => entry.name),
    }),
    nonideal,
    layered,
    convolutional,
    loop,
    toy,
    nodes,
    graph,
  ]),
);

export type CircuitConfig = Infer<typeof circuit>;
export type GraphConfig = Infer<typeof graph>;
export type LayeredConfig = Infer<typeof layered>;
export type ConvolutionalConfig = Infer<typeof convolutional>;
export type LoopConfig = Infer<typeof loop>;
export type ToyConfig = Infer<typeof toy>;
export type ResistiveConfig = Infer<typeof nodes>;
export type NonidealConfig = Infer<typeof nonideal>;
