/**
 * Layers in a row whose output feeds the first hidden layer, and nothing else feeds back (Laborieux and Zenke
 * 2023, Fig. 4e).
 */
import { defineCircuit, type Circuit } from "../src/index";
import type { LayerName, LoopProjection } from "./layer-names";
import { layerNames, readWiring, type LayeredOptions } from "./layered";

/** A loop circuit, `sizes` from the input to the output; at least two layers after the input. */
export function loop<const Sizes extends readonly number[]>(
  sizes: Sizes,
  options: Omit<LayeredOptions, "feedback">,
): Circuit<LayerName<Sizes>, LoopProjection<Sizes>> {
  const { neuron, output = neuron, input, synapse, bias = true } = readWiring("loop", sizes, options);
  const initial = options.initial ?? { distribution: "lecun" };
  const names = layerNames(sizes.length);
  const forward = names
    .slice(1)
    .map((to, i) => ({ name: `${names[i]}-${to}`, from: names[i], to, synapse, bias, initial }));
  return defineCircuit({
    name: options.name ?? `loop-${sizes.join("-")}`,
    summary: `${sizes.join("-")}, the output feeds the first hidden layer`,
    populations: names.map((name, i) => ({
      name,
      size: sizes[i],
      ...(i === 0
        ? input === undefined
          ? {}
          : { neuron: input }
        : { neuron: i === sizes.length - 1 ? output : neuron }),
    })),
    projections: [...forward, { name: `output-${names[1]}`, from: "output", to: names[1], synapse, initial }],
    input: "input",
    output: "output",
    cost: options.cost ?? { kind: "squared-error", argument: "activity" },
  }) as Circuit<LayerName<Sizes>, LoopProjection<Sizes>>;
}
