/**
 * Random layered circuits, of any wiring. A recipe is small plain data, so that a failure prints something to read and
 * fast-check can shrink it: fewer and smaller layers, tied feedback, discrete neurons, a squared error.
 */
import type { Arbitrary } from "fast-check";
import { layered, type LayeredOptions } from "../../../circuits";
import { ideal, leakyIntegrator, shiftedSigmoid, softNeuron } from "../../../devices";
import type { Chip, Circuit } from "../../circuit/chip-types";
import { readCircuit } from "../../circuit/circuit";
import type { CircuitSpec, Through } from "../../circuit/types";
import type { NeuronSpec } from "../../device/types";
import type { SimulatorOptions } from "../../dynamics/simulator";
import { check, optionsOf } from "../../options";
import { fc } from "./fast-check";

/**
 * "map": discrete, a shifted sigmoid. "continuous": a leaky integrator with tanh. "two-state": the same with a stage
 * before its output. "mixed": the first layer continuous, then by turns. "physical": volts and amperes, without noise.
 * All are holomorphic.
 */
export type NeuronKind = "map" | "continuous" | "two-state" | "mixed" | "physical";
const NEURONS: readonly NeuronKind[] = ["map", "continuous", "two-state", "mixed", "physical"];

export interface CircuitRecipe {
  readonly sizes: readonly number[];
  /** Of the chip. */
  readonly seed: number;
  /** Scale of the weights: small enough to contract. */
  readonly scale: number;
  readonly feedback: LayeredOptions["feedback"];
  readonly neuron: NeuronKind;
  readonly cost: "squared-error" | "cross-entropy";
  readonly ascend: boolean;
  /** How layers are joined, where their sizes let them; elsewhere, and unless said, all to all. */
  readonly wiring?: WiringKind;
  /** Whether the clamped data come in two populations, each with projections of its own, where there are two. */
  readonly twoInputs?: boolean;
}

/**
 * "kernels": along the units of a layer. "pooled": the same, pooled by pairs with a softmax. "pairs": about
 * two of three.
 */
export type WiringKind = "dense" | "kernels" | "pooled" | "one-to-one" | "pairs";
const WIRINGS: readonly WiringKind[] = ["dense", "kernels", "pooled", "one-to-one", "pairs"];

export interface CircuitChoices {
  /** Fixes how the layers talk back. Default: tied, independent, or at 45 degrees. */
  readonly feedback?: LayeredOptions["feedback"];
  /** Default: all but physical. */
  readonly neurons?: readonly NeuronKind[];
  /** Default: all of them, all to all most often. */
  readonly wirings?: readonly WiringKind[];
  /** Fewest and most units of a layer. Default 1 and 5. */
  readonly units?: readonly [least: number, most: number];
  /** Whether the data come in two populations. Default: now and then. */
  readonly twoInputs?: boolean;
}

const readChoices = optionsOf<CircuitChoices>("circuits", {
  takes: {
    feedback: check.anything,
    neurons: check.list(check.oneOf(...NEURONS)),
    units: check.numbers,
    twoInputs: check.flag,
    wirings: check.list(check.oneOf(...WIRINGS)),
  },
});
const readRecipe = optionsOf<CircuitRecipe>("circuitOf", {
  needs: {
    sizes: check.list(check.whole(1)),
    seed: check.anything,
    scale: check.numeric,
    neuron: check.oneOf(...NEURONS),
    cost: check.oneOf("squared-error", "cross-entropy"),
    ascend: check.flag,
    feedback: check.anything,
  },
  takes: { wiring: check.oneOf(...WIRINGS), twoInputs: check.flag },
});

/** Classes of a cost that has a readout. */
const CLASSES = 3;

/** Circuits of one or two hidden layers. */
export function circuits(choices: CircuitChoices = {}): Arbitrary<CircuitRecipe> {
  const {
    feedback,
    neurons = NEURONS.filter((kind) => kind !== "physical"),
    units: [min, max] = [1, 5],
    wirings = ["dense", ...WIRINGS],
    twoInputs,
  } = readChoices(choices);
  return fc.record({
    sizes: fc.array(fc.integer({ min, max }), { minLength: 3, maxLength: 4 }),
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    scale: fc.double({ min: 0.3, max: 0.7, noNaN: true }),
    feedback:
      feedback === undefined
        ? fc.constantFrom<LayeredOptions["feedback"]>("tied", "untied", { angle: 45 })
        : fc.constant(feedback),
    neuron: fc.constantFrom(...neurons),
    cost: fc.constantFrom("squared-error" as const, "cross-entropy" as const),
    ascend: fc.boolean(),
    wiring: fc.constantFrom(...wirings),
    twoInputs: twoInputs === undefined ? fc.boolean() : fc.constant(twoInputs),
  });
}

/** The circuit of a recipe that `circuits` drew. */
export function circuitOf(recipe: CircuitRecipe): Circuit {
  const {
    sizes,
    scale,
    feedback,
    neuron,
    cost,
    ascend,
    wiring = "dense",
    twoInputs = false,
  } = readRecipe(recipe);
  const { spec } = layered(sizes, {
    neuron: neuronOf(neuron, 1),
    synapse: neuron === "physical" ? ideal({ unit: "A" }) : ideal(),
    feedback,
    initial: { distribution: "lecun", scale },
    cost:
      cost === "squared-error"
        ? { kind: cost, argument: "activity", ascend }
        : { kind: cost, argument: "activity", classes: CLASSES, ascend },
  });
  const wired: CircuitSpec = {
    ...spec,
    populations: spec.populations.map((p, layer) => ({
      ...p,
      ...(wiring !== "dense" && { shape: [p.size, 1, 1] as const }),
      ...(p.neuron !== undefined && { neuron: neuronOf(neuron, layer) }),
    })),
    projections: spec.projections.map((p) => {
      const [pre, post] = [p.from, p.to].map(
        (name) => spec.populations.find((q) => q.name === name)?.size ?? 0,
      );
      const through = p.feedback === undefined ? throughOf(wiring, pre, post) : undefined;
      return through === undefined
        ? p
        : {
            ...p,
            through,
            bias: p.bias === true && through.kind !== "sparse",
            // Of few inputs each, normal ones would at times be too large to contract.
            initial: { distribution: "fan-in", scale },
          };
    }),
  };
  return readCircuit(twoInputs && wiring === "dense" && sizes[0] > 1 ? withTwoInputs(wired) : wired);
}

/** @param layer from 1 on: the first is the input */
function neuronOf(kind: NeuronKind, layer: number): NeuronSpec {
  switch (kind) {
    case "map":
      return shiftedSigmoid();
    case "continuous":
      return leakyIntegrator({ rho: "tanh" });
    case "mixed":
      return layer % 2 === 1 ? leakyIntegrator({ rho: "tanh" }) : shiftedSigmoid();
    case "two-state":
      return {
        kind: "neuron",
        name: "staged",
        equations: "dv/dt = I + I_nudge - v\n1.5*du/dt = v - u\nrho = tanh(u)",
      };
    case "physical":
      return softNeuron({ T: "0 K" });
  }
}

/** The same circuit whose data come in two populations, the first value apart from the others. */
function withTwoInputs(spec: CircuitSpec): CircuitSpec {
  const [input, ...others] = spec.populations;
  const parts = [
    { ...input, name: "input-1", size: 1 },
    { ...input, name: "input-2", size: input.size - 1 },
  ];
  return {
    ...spec,
    input: parts.map(({ name }) => name),
    populations: [...parts, ...others],
    projections: spec.projections.flatMap((p) =>
      p.from === input.name
        ? parts.map(({ name }, k) => ({
            ...p,
            name: `${name}-${p.to}`,
            from: name,
            bias: k === 0 && p.bias === true,
          }))
        : [p],
    ),
  };
}

/** The wiring between so many units, where one of this kind fits. */
function throughOf(wiring: WiringKind, pre: number, post: number): Through | undefined {
  const kernel = (sites: number) => ({ kind: "convolution" as const, kernel: [pre - sites + 1, 1] as const });
  switch (wiring) {
    case "dense":
      return undefined;
    case "kernels":
      return post <= pre ? kernel(post) : undefined;
    case "pooled":
      return 2 * post <= pre ? { ...kernel(2 * post), pool: { kind: "softmax", window: [2, 1] } } : undefined;
    case "one-to-one":
      return pre === post ? { kind: wiring } : undefined;
    case "pairs": {
      const all = Array.from({ length: pre * post }, (_, k) => [k % pre, Math.floor(k / pre)] as const);
      return { kind: "sparse", pairs: all.filter(([i, j]) => (i + 2 * j) % 3 !== 1) };
    }
  }
}

export const chipOf = (recipe: CircuitRecipe): Chip => circuitOf(recipe).fabricate({ seed: recipe.seed });

/** Random chips: the same circuits, fabricated. A failure prints their names; print recipes to see more. */
export const chips = (choices: CircuitChoices = {}): Arbitrary<Chip> => circuits(choices).map(chipOf);

/** How such a circuit is simulated: a step of 0.7 time constants where time is continuous. */
export function simulationOf(recipe: CircuitRecipe): SimulatorOptions {
  const { neuron } = readRecipe(recipe);
  if (neuron === "map") return {};
  return { solver: "euler", dt: neuron === "physical" ? 14e-6 : 0.7 };
}
