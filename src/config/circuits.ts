/**
 * From what a config says of a circuit to the circuit: names looked up, files read, topologies wired, devices
 * put in.
 */
import { catalogue, convolutional, layered, loop, nonideal, resistive, toy } from "../../circuits";
import { readCircuit } from "../circuit/circuit";
import type { Circuit } from "../circuit/chip-types";
import type { ConvolutionalLayer } from "../../circuits";
import type { CircuitDesign, CostDesign, InitialWeights, Through } from "../circuit/types";
import { OhmletError } from "../errors";
import {
  circuit as circuitSchema,
  type CircuitConfig,
  type ConvolutionalConfig,
  type GraphConfig,
  type LayeredConfig,
  type LoopConfig,
  type ToyConfig,
} from "./circuit-schema";
import { isFile, nodeAt, sourceBeside, type Context } from "./context";
import { resolveNeuron, resolveSynapse, unknown } from "./devices";
import { at } from "./locate";
import type { Node } from "./node";
import { parseConfig } from "./text";

/**
 * The circuit that a config means: the default chip, a topology of the catalogue with its options, a graph
 * written out, or a file beside it.
 * @param sizes of the default chip, where the config gives none: those that the data suggest
 * @throws OhmletError CONFIG-NAME, CONFIG-PATH and the errors of src/circuit and src/device, at their place
 *   in the file
 */
export function resolveCircuit(
  config: CircuitConfig,
  context: Context,
  node?: Node,
  sizes?: readonly number[],
): Circuit {
  if (typeof config === "string") return byName(config, context, node, sizes);
  const own = context.origins.get(config) ?? node;
  return at(own, () => build(config, context, sizes));
}

function byName(name: string, context: Context, node?: Node, sizes?: readonly number[]): Circuit {
  if (name === "nonideal") return nonideal({ sizes });
  const found = catalogue.find((entry) => entry.name === name);
  if (found !== undefined) return found.build();
  if (!isFile(name))
    throw unknown(
      name,
      "circuit",
      catalogue.map((entry) => entry.name),
      node,
    );
  const source = at(node, () => sourceBeside(context, name, node));
  const root = parseConfig(source);
  const config = circuitSchema.read(root, context.origins);
  if (typeof config === "string" && isFile(config))
    throw unknown(
      config,
      "circuit",
      catalogue.map((entry) => entry.name),
      root,
    ); // no chains of files
  return resolveCircuit(config, { ...context, source }, root, sizes);
}

function build(config: Exclude<CircuitConfig, string>, context: Context, sizes?: readonly number[]): Circuit {
  if (!("topology" in config)) return readCircuit(graphOf(config, context));
  switch (config.topology) {
    case "nonideal": {
      const { topology: _, ...options } = config;
      return nonideal({ sizes, ...options });
    }
    case "layered": {
      const { sizes: own, topology: _, feedback, ...rest } = config;
      return layered(own, {
        ...wiringOf(config, rest, context),
        ...(feedback !== undefined && { feedback }),
      });
    }
    case "convolutional": {
      const { topology: _, shape, layers, outputs, feedback, ...rest } = config;
      return convolutional({
        shape: triple(shape),
        layers: layers.map(layerOf),
        ...(outputs !== undefined && { outputs }),
        ...wiringOf(config, rest, context),
        ...(feedback !== undefined && { feedback }),
      });
    }
    case "loop": {
      const { sizes: own, topology: _, ...rest } = config;
      return loop(own, wiringOf(config, rest, context));
    }
    case "resistive": {
      const { sizes: own, topology: _, neuron, output, synapse, initial, cost, ...rest } = config;
      const place = (key: string): Node | undefined => nodeAt(context, config, key);
      return resistive(own, {
        ...rest,
        ...(neuron !== undefined && { neuron: resolveNeuron(neuron, context, place("neuron")) }),
        ...(output !== undefined && { output: resolveNeuron(output, context, place("output")) }),
        ...(synapse !== undefined && { synapse: resolveSynapse(synapse, context, place("synapse")) }),
        // A network without conductances floats.
        initial: initialOf(initial ?? "fan-in"),
        ...(cost !== undefined && { cost: costOf(cost) }),
      });
    }
    case "toy": {
      const { sizes: own } = config;
      return toy({
        ...devicesOf(config, context),
        ...(own !== undefined && { sizes: [own[0], own[1], own[2]] }),
      });
    }
  }
}

function devicesOf(config: LayeredConfig | ConvolutionalConfig | LoopConfig | ToyConfig, context: Context) {
  const output = "output" in config ? config.output : undefined;
  return {
    neuron: resolveNeuron(config.neuron, context, nodeAt(context, config, "neuron")),
    synapse: resolveSynapse(config.synapse, context, nodeAt(context, config, "synapse")),
    ...(config.input !== undefined && {
      input: resolveNeuron(config.input, context, nodeAt(context, config, "input")),
    }),
    ...(output !== undefined && {
      output: resolveNeuron(output, context, nodeAt(context, config, "output")),
    }),
  };
}

function wiringOf(
  config: LayeredConfig | ConvolutionalConfig | LoopConfig,
  { name, bias, initial, cost }: Pick<LoopConfig, "name" | "bias" | "initial" | "cost">,
  context: Context,
) {
  return {
    ...devicesOf(config, context),
    ...(name !== undefined && { name }),
    ...(bias !== undefined && { bias }),
    ...(initial !== undefined && { initial: initialOf(initial) }),
    ...(cost !== undefined && { cost: costOf(cost) }),
  };
}

function graphOf({ populations, projections, cost, ...rest }: GraphConfig, context: Context): CircuitDesign {
  return {
    ...rest,
    cost: costOf(cost),
    populations: populations.map((population) => {
      const { neuron, shape, ...p } = population;
      return {
        ...p,
        ...(shape !== undefined && { shape: triple(shape) }),
        ...(neuron !== undefined && {
          neuron: resolveNeuron(neuron, context, nodeAt(context, population, "neuron")),
        }),
      };
    }),
    projections: projections.map((projection) => {
      const { synapse, initial, through, ...p } = projection;
      return {
        ...p,
        ...(through !== undefined && { through: throughOf(through, nodeAt(context, projection, "through")) }),
        synapse: resolveSynapse(synapse, context, nodeAt(context, projection, "synapse")),
        initial: initialOf(initial),
      };
    }),
  };
}

const triple = ([rows, columns, channels]: readonly number[]) => [rows, columns, channels] as const;

type Sides = number | readonly number[];
const sidesOf = (sides: Sides): number | readonly [number, number] =>
  typeof sides === "number" ? sides : [sides[0], sides[1]];

type Kernels = Omit<ConvolutionalConfig["layers"][number], "channels">;

function kernelsOf({ kernel, stride, padding, pool }: Kernels) {
  return {
    kernel: sidesOf(kernel),
    ...(stride !== undefined && { stride: sidesOf(stride) }),
    ...(padding !== undefined && { padding: sidesOf(padding) }),
    ...(pool !== undefined && { pool: { kind: pool.kind, window: sidesOf(pool.window) } }),
  };
}

function layerOf({ channels, ...kernels }: ConvolutionalConfig["layers"][number]): ConvolutionalLayer {
  return { channels, ...kernelsOf(kernels) };
}

function throughOf(
  through: NonNullable<GraphConfig["projections"][number]["through"]>,
  node: Node | undefined,
): Through {
  if (through.kind === "one-to-one") return { kind: "one-to-one" };
  if (through.kind === "convolution") {
    const { replicated, kind, ...kernels } = through;
    return { kind, ...kernelsOf(kernels), ...(replicated !== undefined && { replicated }) };
  }
  const { pairs, density, seed } = through;
  if ((pairs === undefined) === (density === undefined))
    at(node, () => {
      throw new OhmletError({
        code: "CONFIG-CHOICE",
        fact: "a sparse projection has a list of pairs, or a density",
        remedy: pairs === undefined ? "add  pairs:  or  density:" : "leave one of them out",
      });
    });
  if (density !== undefined) return { kind: "sparse", density, ...(seed !== undefined && { seed }) };
  return { kind: "sparse", pairs: (pairs ?? []).map(([pre, post]) => [pre, post] as const) };
}

const initialOf = (initial: InitialWeights["distribution"] | InitialWeights): InitialWeights =>
  typeof initial === "string" ? { distribution: initial } : initial;

function costOf(cost: GraphConfig["cost"]): CostDesign {
  if (typeof cost === "string" || cost.kind === "cross-entropy") return cost;
  const { levels, ...rest } = cost;
  return levels === undefined ? rest : { ...rest, levels: [levels[0], levels[1]] };
}
