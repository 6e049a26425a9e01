/**
 * Convolutions in a row, pooled or not, and a classifier that is all to all; every layer but the first talks
 * back through its own kernels, backwards (Ernoult et al. 2019, P-conv; Laborieux and Zenke 2023, section D).
 */
import { layerNames, projectionsBetween, readWiring, type LayeredOptions } from "./layered";
import {
  check,
  defineCircuit,
  expectValue,
  optionsOf,
  type Circuit,
  type CircuitDesign,
  type OptionTable,
  type Pooling,
  type Through,
} from "../src/index";

/** One layer of kernels. */
export interface ConvolutionalLayer {
  /** Kernels, and so channels of the layer. */
  readonly channels: number;
  /** Rows and columns of a kernel. */
  readonly kernel: number | readonly [number, number];
  /** Default 1. */
  readonly stride?: number | readonly [number, number];
  /** Default 0. */
  readonly padding?: number | readonly [number, number];
  /** Default: none. */
  readonly pool?: Pooling;
}

/** Shape, layers, devices, feedback, first weights and cost of a convolutional circuit. */
export interface ConvolutionalOptions extends LayeredOptions {
  /** Of the input: rows, columns, channels. */
  readonly shape: readonly [number, number, number];
  readonly layers: readonly ConvolutionalLayer[];
  /** Units of the classifier. Without one, the last layer of kernels is the output. */
  readonly outputs?: number;
}

const readLayer = optionsOf<ConvolutionalLayer>("convolutional, layer", {
  needs: { channels: check.whole(1), kernel: check.anything },
  takes: { stride: check.anything, padding: check.anything, pool: check.anything },
});
const OPTIONS = {
  needs: {
    shape: check.anything,
    layers: check.anything,
    neuron: check.anything,
    synapse: check.anything,
  },
  takes: {
    outputs: check.whole(1),
    feedback: check.anything,
    name: check.text,
    output: check.anything,
    input: check.anything,
    bias: check.flag,
    initial: check.anything,
    cost: check.anything,
  },
} as const satisfies OptionTable<ConvolutionalOptions>;
const readOptions = optionsOf<ConvolutionalOptions>("convolutional", OPTIONS);

/**
 * A convolutional circuit: input, l1, l2, …, output.
 * @throws OhmletError OPTION-…; CIRCUIT-SHAPE where kernels or windows do not fit
 */
export function convolutional(options: ConvolutionalOptions): Circuit {
  const { shape, layers, outputs, feedback = "tied", ...rest } = readOptions(options);
  expectValue("convolutional", "shape", shape, check.list(check.whole(1)));
  const { neuron, output = neuron, input, synapse, bias = true } = readWiring("convolutional", [], rest);
  expectValue("convolutional", "layers", layers, check.list(check.part(readLayer)));
  const initial = options.initial ?? ({ distribution: "glorot" } as const);
  const names = layerNames(layers.length + (outputs === undefined ? 1 : 2));
  const shapes = layers.reduce<(readonly [number, number, number])[]>(
    (all, layer) => [...all, shapeAfter(all[all.length - 1], layer)],
    [shape],
  );
  const populations = names.map((name, i): CircuitDesign["populations"][number] => {
    if (i === 0) return { name, shape, ...(input !== undefined && { neuron: input }) };
    const own = i === names.length - 1 ? output : neuron;
    return i > layers.length ? { name, size: outputs, neuron: own } : { name, shape: shapes[i], neuron: own };
  });
  return defineCircuit({
    name:
      options.name ?? ["convolutional", ...shapes.map((s) => s.join("x")), outputs ?? []].flat().join("-"),
    summary:
      `kernels over ${shape.join("x")}, ${layers.length} ${layers.length === 1 ? "layer" : "layers"} of them` +
      (outputs === undefined ? "" : `, and a classifier of ${outputs}`),
    populations,
    projections: projectionsBetween(names, { synapse, bias, initial, feedback }, (i) =>
      i < layers.length ? throughOf(layers[i]) : undefined,
    ),
    input: "input",
    output: "output",
    cost: options.cost ?? { kind: "squared-error", argument: "state" },
  });
}

function throughOf(layer: ConvolutionalLayer): Through {
  const { channels: _, ...wiring } = layer;
  return { kind: "convolution", ...wiring };
}

/** What a layer makes of a shape; where it does not fit, the circuit says so. */
function shapeAfter(
  [rows, columns]: readonly [number, number, number],
  { channels, kernel, stride = 1, padding = 0, pool }: ConvolutionalLayer,
): readonly [number, number, number] {
  const after = (size: number, axis: 0 | 1): number => {
    const of = (value: number | readonly [number, number]): number =>
      typeof value === "number" ? value : value[axis];
    const sites = Math.floor((size + 2 * of(padding) - of(kernel)) / Math.max(1, of(stride))) + 1;
    return Math.max(1, Math.floor(sites / Math.max(1, of(pool?.window ?? 1))));
  };
  return [after(rows, 0), after(columns, 1), channels];
}
