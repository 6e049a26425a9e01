/**
 * Layers in a row, each projecting forward to the next and, except from the first hidden layer down, back
 * again.
 */
import type { LayeredProjection, LayerName } from "./layer-names";
import {
  check,
  defineCircuit,
  expectValue,
  optionsOf,
  type Circuit,
  type CostDesign,
  type Feedback,
  type InitialWeights,
  type CircuitDesign,
  type NeuronLike,
  type OptionTable,
  type SynapseLike,
  type Through,
} from "../src/index";

/** Devices, feedback, first weights and cost of a layered circuit. */
export interface LayeredOptions {
  readonly name?: string;
  /** The neuron of every hidden layer, and of the output unless `output` is given. */
  readonly neuron: NeuronLike;
  readonly output?: NeuronLike;
  /** Encodes the data: the input's outputs are rho(data). Default: the data as they are. */
  readonly input?: NeuronLike;
  readonly synapse: SynapseLike;
  /**
   * How layers talk back. "tied": through the same devices. "untied": devices of their own, drawn
   * independently. With `angle` (degrees): devices of their own, first set to sin(angle) w + cos(angle)
   * w_forward^T (Laborieux and Zenke 2023). `asymmetry`: every feedback synapse has a fixed random gain of
   * this relative standard deviation; alone, on tied devices. Default "tied".
   */
  readonly feedback?: "tied" | "untied" | { readonly angle?: number; readonly asymmetry?: number };
  /** Bias lines on the forward projections. Default true. */
  readonly bias?: boolean;
  /** Default: Glorot. */
  readonly initial?: InitialWeights;
  /** Default: squared error of the output's activity. */
  readonly cost?: CostDesign;
}

type Wiring = Omit<LayeredOptions, "feedback">;

const WIRING = {
  needs: { neuron: check.anything, synapse: check.anything },
  takes: {
    name: check.text,
    output: check.anything,
    input: check.anything,
    bias: check.flag,
    initial: check.anything,
    cost: check.anything,
  },
} as const satisfies OptionTable<Wiring>;

const readAngle = optionsOf<{ readonly angle?: number; readonly asymmetry?: number }>("layered, feedback", {
  takes: { angle: check.numeric, asymmetry: check.numeric },
});
const readLayered = optionsOf<LayeredOptions>("layered", {
  needs: WIRING.needs,
  takes: { ...WIRING.takes, feedback: check.either(check.oneOf("tied", "untied"), check.part(readAngle)) },
});

/** @throws OhmletError OPTION-…; sizes are numbers from the input to the output */
export function readWiring(where: string, sizes: readonly number[], options: Wiring): Wiring {
  expectValue(where, "sizes", sizes, check.list(check.whole(1)));
  return optionsOf<Wiring>(where, WIRING)(options);
}

/** Names of the populations of a layered circuit: input, l1, l2, …, output. */
export function layerNames(layers: number): string[] {
  return Array.from({ length: layers }, (_, i) =>
    i === 0 ? "input" : i === layers - 1 ? "output" : `l${i}`,
  );
}

/** A layered circuit, `sizes` from the input to the output. */
export function layered<const Sizes extends readonly number[]>(
  sizes: Sizes,
  options: LayeredOptions,
): Circuit<LayerName<Sizes>, LayeredProjection<Sizes>> {
  const { neuron, output = neuron, input, synapse, bias = true, feedback = "tied" } = readLayered(options);
  expectValue("layered", "sizes", sizes, check.list(check.whole(1)));
  const initial = options.initial ?? ({ distribution: "glorot" } as const);
  const names = layerNames(sizes.length);
  const populations = names.map((name, i): CircuitDesign["populations"][number] => {
    if (i === 0)
      return input === undefined ? { name, size: sizes[i] } : { name, size: sizes[i], neuron: input };
    return { name, size: sizes[i], neuron: i === sizes.length - 1 ? output : neuron };
  });
  // The names below are those of the types, one by one: test/types holds the two together.
  return defineCircuit({
    name: options.name ?? `layered-${sizes.join("-")}`,
    summary: `${sizes.join("-")}, every hidden layer connected both ways`,
    populations,
    projections: projectionsBetween(names, { synapse, bias, initial, feedback }),
    input: "input",
    output: "output",
    cost: options.cost ?? { kind: "squared-error", argument: "activity" },
  }) as Circuit<LayerName<Sizes>, LayeredProjection<Sizes>>;
}

/**
 * Projections from each population to the next and, but for the first, back again.
 * @param through the wiring of a forward projection, by its place; where there is none it is all to all
 */
export function projectionsBetween(
  names: readonly string[],
  {
    synapse,
    bias,
    initial,
    feedback,
  }: Required<Pick<LayeredOptions, "synapse" | "bias" | "initial" | "feedback">>,
  through: (place: number) => Through | undefined = () => undefined,
): CircuitDesign["projections"] {
  const forward = names.slice(1).map((to, i): CircuitDesign["projections"][number] => {
    const wiring = through(i);
    return {
      name: `${names[i]}-${to}`,
      from: names[i],
      to,
      synapse,
      bias,
      initial,
      ...(wiring !== undefined && { through: wiring }),
    };
  });
  const asymmetry = typeof feedback === "object" ? feedback.asymmetry : undefined;
  const backward = forward.slice(1).map((f): CircuitDesign["projections"][number] => ({
    name: `${f.to}-${f.from}`,
    from: f.to,
    to: f.from,
    synapse,
    initial,
    feedback: feedbackTo(f.name, feedback),
    ...(asymmetry !== undefined && { asymmetry }),
  }));
  return [...forward, ...backward];
}

function feedbackTo(to: string, feedback: NonNullable<LayeredOptions["feedback"]>): Feedback {
  if (feedback === "tied") return { kind: "tied", to };
  if (feedback === "untied") return { kind: "angled", to, angle: 90 };
  return feedback.angle === undefined ? { kind: "tied", to } : { kind: "angled", to, angle: feedback.angle };
}
